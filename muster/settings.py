"""Where Azure is, which credential, where the journal lives: settings alone tell Azure from a
simulator.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
rehearsal can never pass for a drill of the real thing."""

MICROSOFT_AUTHORITIES = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.chinacloudapi.cn",
        "login.partner.microsoftonline.cn",
    }
)
"""Hosts that give real tokens. With another one the answers are not taken for Azure's."""

_SYSTEM_STORES = ("/etc/ssl", "/etc/pki", "/etc/ca-certificates")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


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
    private_ca: str | None = None  # fingerprint, if another CA than the system's is trusted
    proxy: str | None = None  # host of the proxy between us and Azure
    tenant: str | None = None  # as the environment names it for the credential
    faults: tuple[str, ...] = ()  # what a simulator was told to let go wrong, by id
    region: str | None = None  # the Azure region that this program runs in, where told
    record: Path | None = None  # folder that every request and answer is kept in
    is_staged: bool = False  # whether the simulator ends with the command that started it

    @property
    def target(self) -> Literal["azure", "simulator"]:
        """`azure` only where endpoint and authority are exactly what Microsoft runs."""
        authority = self.authority_host
        is_azure = plain_host(self.arm_endpoint) in AZURE_CLOUDS and (
            authority is None or plain_host(_as_url(authority)) in MICROSOFT_AUTHORITIES
        )
        return "azure" if is_azure else "simulator"

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
            "No subscription: the plan names none and MUSTER_SUBSCRIPTION is not set",
            hint="Set MUSTER_SUBSCRIPTION (docs/reference/settings.md), write "
            "`source.subscription` into the plan, or source the simulator's `simulator.env`. "
            "To look at a rehearsal without Azure: --rehearse.",
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
    endpoint = _endpoint_of(environ)
    clock = _clock_of(environ)
    ca_file = _ca_file_of(environ)
    key = home / ".muster" / "keys" / "signing-key.pem"  # never beside what it signs
    settings = Settings(
        arm_endpoint=endpoint,
        authority_host=environ.get("AZURE_AUTHORITY_HOST") or None,
        ca_file=ca_file,
        subscription=environ.get("MUSTER_SUBSCRIPTION"),
        journal=Path(environ.get("MUSTER_JOURNAL", str(home / "evidence"))),
        signing_key=Path(environ.get("MUSTER_SIGNING_KEY", str(key))),
        worker_proxy=environ.get("MUSTER_WORKER_PROXY"),
        clock=clock,
        private_ca=_private_ca(environ, ca_file),
        tenant=environ.get("AZURE_TENANT_ID") or None,
        region=_region_of(environ),
        record=Path(environ["MUSTER_RECORD"]) if environ.get("MUSTER_RECORD") else None,
        is_staged=bool(environ.get("MUSTER_REHEARSAL")),
    )
    if settings.target == "simulator":  # which is never met through a proxy
        return replace(settings, faults=_faults_of(environ))
    return _for_azure(settings, environ)


def plain_host(url: str) -> str | None:
    """The host of `https://host`, in small letters; None if the address says anything else.

    Another port, a user, a path, a query or a fragment make it another place, or hide one.
    """
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and parts.port in (None, 443)
    except ValueError:
        return None
    rest = url.partition("://")[2].removesuffix("/")
    return parts.hostname if is_plain and not re.search(r"[^\w.:\[\]-]", rest) else None


def _as_url(authority: str) -> str:
    return authority if "://" in authority else f"https://{authority}"


def _endpoint_of(environ: Mapping[str, str]) -> str:
    """MUSTER_ARM_ENDPOINT as `https://host[:port]`.

    Raises:
        SettingsError: It is none, or says more; what it says is not repeated, for it may be a
            password.
    """
    endpoint = environ.get("MUSTER_ARM_ENDPOINT", "https://management.azure.com").rstrip("/")
    wanted = "wanted an https:// address"
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:  # whose words repeat what may be a password
        raise SettingsError(f"MUSTER_ARM_ENDPOINT cannot be read; {wanted}") from None
    if parts.scheme != "https" or not parts.hostname:
        raise SettingsError(f"MUSTER_ARM_ENDPOINT is no https:// address; {wanted}")
    if re.search(r"[^\w.:\[\]-]", endpoint.partition("://")[2]):
        raise SettingsError(
            f"MUSTER_ARM_ENDPOINT says more than host and port ({parts.hostname}, port"
            f" {port or 443}): a user, a path, a query, a fragment",
            code="SET-006",
            hint="Write https://HOST or https://HOST:PORT, and nothing behind or before it.",
        )
    return endpoint


def _region_of(environ: Mapping[str, str]) -> str | None:
    """MUSTER_REGION as Azure writes it: `West US 2` is `westus2`."""
    told = environ.get("MUSTER_REGION", "").replace(" ", "").casefold()
    if told and not re.fullmatch(r"[a-z][a-z0-9]{2,40}", told):
        raise SettingsError("MUSTER_REGION is no region: they are written like westus2")
    return told or None


def _clock_of(environ: Mapping[str, str]) -> ScaledClock:
    try:
        return clock_from(environ)
    except ValueError as err:
        raise SettingsError(str(err)) from err


def _ca_file_of(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("MUSTER_CA_FILE")
    ca_file = Path(named) if named else None
    if ca_file is not None and not ca_file.is_file():
        raise SettingsError(f"MUSTER_CA_FILE names {ca_file}, which is not there", code="SET-002")
    return ca_file


def _for_azure(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with the proxy that Azure is met through.

    Raises:
        SettingsError: The clock does not run with the wall's.
    """
    endpoint, speed = settings.arm_endpoint, settings.clock.speed
    if speed != 1.0:
        raise SettingsError(
            f"MUSTER_CLOCK runs at {speed:g} times the speed of the wall, and {endpoint} is"
            " Azure, where time cannot be hurried",
            code="SET-007",
            hint="Unset MUSTER_CLOCK, or set all of the simulator's `simulator.env`.",
        )
    return replace(settings, proxy=_proxy_host(environ, plain_host(endpoint) or ""))


def _faults_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The ids in MUSTER_SIMULATOR_FAULTS.

    Raises:
        SettingsError: They are written otherwise than the simulator writes them.
    """
    named = environ.get("MUSTER_SIMULATOR_FAULTS", "")
    if named and re.fullmatch(r"[A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*", named) is None:
        raise SettingsError(
            "MUSTER_SIMULATOR_FAULTS is no list of fault ids like F3,storm",
            code="SET-009",
            hint="Set all of the simulator's `simulator.env`, and nothing beside it.",
        )
    return tuple(named.split(",")) if named else ()


def _private_ca(environ: Mapping[str, str], ca_file: Path | None) -> str | None:
    """Fingerprint of the authority that is trusted instead of, or beside, the system's."""
    if ca_file is not None:
        return _fingerprint([ca_file])
    # OpenSSL reads these by itself, behind our back.
    named = [environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)]
    ours = [Path(name) for text in named for name in text.split(os.pathsep)]
    foreign = [path for path in ours if not _is_of_the_system(path)]
    return _fingerprint(foreign) if foreign else None


def _is_of_the_system(path: Path) -> bool:
    import ssl

    default = ssl.get_default_verify_paths()
    stores = [*_SYSTEM_STORES, default.openssl_capath, default.openssl_cafile]
    found = path.resolve()
    return any(found.is_relative_to(Path(store).resolve()) for store in stores if store)


def _fingerprint(places: list[Path]) -> str:
    """SHA-256 over the certificates (DER, as they stand): of one, what `openssl x509` prints."""
    import ssl

    digest = hashlib.sha256()
    try:
        for place in places:
            for file in sorted(place.iterdir()) if place.is_dir() else [place]:
                for one in _PEM.findall(file.read_text(encoding="latin-1")):
                    digest.update(ssl.PEM_cert_to_DER_cert(one))
    except (OSError, ValueError):
        return "unreadable"
    return f"sha256:{digest.hexdigest()}"


def _proxy_host(environ: Mapping[str, str], host: str) -> str | None:
    """Host of the proxy through which this host is asked, without its credentials."""
    from urllib import request

    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    proxy = next((environ[name] for name in names if environ.get(name)), None)
    exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    # typeshed leaves it out
    is_exempt = request.proxy_bypass_environment(host, {"no": exempt})  # type: ignore[attr-defined]
    if proxy is None or is_exempt:
        return None
    try:
        return urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname or "unknown"
    except ValueError:
        return "unknown"
