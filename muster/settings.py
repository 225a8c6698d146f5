"""Where Azure is, which credential, where the journal lives: settings alone tell Azure from a
simulator.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from muster.clock import ScaledClock, clock_from
from muster.errors import SettingsError

AZURE_CLOUDS = frozenset(
    {
        "management.azure.com",
        "management.usgovcloudapi.net",
        "management.chinacloudapi.cn",
    }
)
"""Hosts of Azure Resource Manager. Whatever else answers is taken for a simulator, so that a
rehearsal can
never pass for a drill of the real thing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one environment and another."""

    arm_endpoint: str
    authority_host: str | None
    ca_file: Path | None
    subscription: str | None  # the default; a plan may name its own
    journal: Path
    signing_key: Path
    worker_proxy: str | None  # socks5h://… for what the worker itself connects to
    clock: ScaledClock

    @property
    def target(self) -> Literal["azure", "simulator"]:
        return "azure" if urlsplit(self.arm_endpoint).hostname in AZURE_CLOUDS else "simulator"

    @property
    def is_rehearsal(self) -> bool:
        return self.target == "simulator" or self.clock.speed != 1.0

    def subscription_or_error(self, named: str | None) -> str:
        """The subscription a plan names, else the default one.

        Raises:
            SettingsError: Neither is there.
        """
        if subscription := named or self.subscription:
            return subscription
        raise SettingsError(
            "No subscription: the plan names none and MUSTER_SUBSCRIPTION is not set"
        )


def settings_from(
    environ: Mapping[str, str] = os.environ, *, home: Path | None = None
) -> Settings:
    """Read the settings.

    Args:
        environ: Where to read; the process environment by default.
        home: The folder that relative defaults stand in: the checkout, by default the current
            folder.

    Raises:
        SettingsError: A value cannot be used, with the variable's name.
    """
    home = home or Path.cwd()
    endpoint = environ.get("MUSTER_ARM_ENDPOINT", "https://management.azure.com").rstrip("/")
    if urlsplit(endpoint).scheme != "https" or not urlsplit(endpoint).hostname:
        raise SettingsError(f"MUSTER_ARM_ENDPOINT reads {endpoint!r}; wanted an https:// address")
    try:
        clock = clock_from(environ)
    except ValueError as err:
        raise SettingsError(str(err)) from err
    ca_text = environ.get("MUSTER_CA_FILE")
    ca_file = Path(ca_text) if ca_text else None
    if ca_file is not None and not ca_file.is_file():
        raise SettingsError(f"MUSTER_CA_FILE names {ca_file}, which is not there", code="SET-002")
    journal = Path(environ.get("MUSTER_JOURNAL", str(home / "evidence")))
    return Settings(
        arm_endpoint=endpoint,
        authority_host=environ.get("AZURE_AUTHORITY_HOST"),
        ca_file=ca_file,
        subscription=environ.get("MUSTER_SUBSCRIPTION"),
        journal=journal,
        signing_key=Path(environ.get("MUSTER_SIGNING_KEY", str(journal / "signing-key.pem"))),
        worker_proxy=environ.get("MUSTER_WORKER_PROXY"),
        clock=clock,
    )
