"""Where a run works: pinned when it opens, compared before anybody cleans up. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from muster.plan.model import RecoveryPlan
from muster.settings import Settings
from muster.steps.whereabouts import target_subscription_of, vault_of

PUBLIC_AUTHORITY = "login.microsoftonline.com"
"""Who signs in where no authority is named."""


def place_of(settings: Settings, plan: RecoveryPlan) -> dict[str, Any]:
    """The place of a run, as its `opened` event keeps it.

    Raises:
        SettingsError: Neither the plan nor the settings name a subscription.
    """
    source = settings.subscription_or_error(plan.source.subscription)
    return {
        **address_of(settings),
        "subscriptions": {
            "source": source,
            "target": target_subscription_of(plan, source),
            "vault": vault_of(plan, source).subscription,
        },
    }


def address_of(settings: Settings) -> dict[str, Any]:
    """Who is asked, and for which tenant: what settings alone say."""
    return {
        "arm_host": _host(settings.arm_endpoint),
        "authority_host": _host(settings.authority_host or PUBLIC_AUTHORITY),
        "tenant": settings.tenant,
        "ca_fingerprint": settings.private_ca,
    }


def differences(
    pinned: Mapping[str, Any], now: Mapping[str, Any], *, target: str
) -> Iterator[str]:
    """In words, what differs between two places of the same target; nothing: they are one.

    A simulator is known by its own authority, which it makes with its state and keeps: its port
    changes at every start. A tenant that one side does not name is not compared.

    Args:
        pinned: As the run was opened with.
        now: As the settings say.
        target: "simulator" or "azure".
    """
    keys = {"arm_host": "host", "authority_host": "authority"}
    if target == "simulator" and (pinned.get("ca_fingerprint") or now.get("ca_fingerprint")):
        keys = {"ca_fingerprint": "certificate authority"}
    for key, label in keys.items():
        if _key(pinned.get(key)) != _key(now.get(key)):
            yield f"{label} {pinned.get(key) or 'none'}, now {now.get(key) or 'none'}"
    tenants = (pinned.get("tenant"), now.get("tenant"))
    if all(tenants) and _key(tenants[0]) != _key(tenants[1]):
        yield f"tenant {tenants[0]}, now {tenants[1]}"


def _key(value: object) -> str:
    """A host, tenant or fingerprint for comparing: journals hold hosts as they were spelt."""
    return _usual(str(value or "").casefold())


def _host(address: str) -> str:
    url = address if "://" in address else f"https://{address}"
    parts = urlsplit(url)
    return _usual(parts.netloc.rpartition("@")[2].casefold(), _PORTS.get(parts.scheme, ""))


_PORTS = {"https": ":443", "http": ":80"}


def _usual(host: str, port: str = ":443") -> str:
    """A host without what does not tell it from another: slash, the usual port, a last dot."""
    return host.rstrip("/").removesuffix(port).rstrip(".")
