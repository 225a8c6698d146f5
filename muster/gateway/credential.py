"""Who we are to Azure; never a real token for something that is not Azure."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from muster.errors import SettingsError
from muster.settings import MICROSOFT_AUTHORITIES, Settings

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential

PUBLIC_SCOPE = "https://management.azure.com/.default"
SCOPES = {  # what azure-mgmt-core knows as each cloud's scope
    "management.azure.com": PUBLIC_SCOPE,
    "management.usgovcloudapi.net": "https://management.core.usgovcloudapi.net/.default",
    "management.chinacloudapi.cn": "https://management.chinacloudapi.cn/.default",
}
MICROSOFTS = (
    *("microsoftonline.com", "microsoftonline.us", "microsoftonline.cn", "microsoftonline.de"),
    *("chinacloudapi.cn", "windows.net", "microsoft.com"),
)
"""Domains in which something may give real tokens, by other names than the usual ones too."""
_FROM_THIS_MACHINE = (
    "workload_identity_credential",
    "managed_identity_credential",
    "cli_credential",
    "powershell_credential",
    "developer_cli_credential",
)


def scope_of(settings: Settings) -> str:
    """What a token for ARM is asked for; a simulator is asked as the public cloud is."""
    return SCOPES.get(urlsplit(settings.arm_endpoint).hostname or "", PUBLIC_SCOPE)


def options_of(settings: Settings) -> dict[str, Any]:
    """The arguments of `DefaultAzureCredential` for these settings.

    Raises:
        SettingsError: The endpoint is not Azure's, but the authority would be: a real token would
        be sent there.
    """
    options: dict[str, Any] = {
        # They ask a person, or take whoever once signed in on this machine: an unattended drill
        # wants neither.
        "exclude_shared_token_cache_credential": True,
        "exclude_visual_studio_code_credential": True,
        "retry_total": 2,
    }
    host = _host_of(settings.authority_host)
    if settings.target != "azure":
        if host is None or _is_microsofts(host):
            raise SettingsError(
                f"MUSTER_ARM_ENDPOINT is {settings.arm_endpoint}, which is not Azure, but "
                "AZURE_AUTHORITY_HOST is Microsoft's: a real token would be sent to it",
                code="SET-003",
            )
        options |= {f"exclude_{name}": True for name in _FROM_THIS_MACHINE}
        options["exclude_environment_credential"] = False  # whatever AZURE_TOKEN_CREDENTIALS says
        options["use_env_settings"] = False  # a proxy does not know this machine's simulator
    if settings.authority_host is not None:
        options["authority"] = settings.authority_host
    if host is not None and host not in MICROSOFT_AUTHORITIES:
        options["disable_instance_discovery"] = True  # it would ask Microsoft about this host
    if settings.ca_file is not None:
        options["connection_verify"] = str(settings.ca_file)
    return options


def open_credential(settings: Settings) -> DefaultAzureCredential:
    """The credential; it reads AZURE_TENANT_ID and its like from the environment when first used.

    Raises:
        SettingsError: See `options_of`; or AZURE_TOKEN_CREDENTIALS names no credential.
    """
    from azure.identity.aio import DefaultAzureCredential

    # The chain logs every refusal as a warning with a page of text; it comes to people as our own
    # sentence.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    try:
        return DefaultAzureCredential(**options_of(settings))
    except ValueError as error:
        raise SettingsError(str(error), code="SET-004") from error


def _is_microsofts(host: str) -> bool:
    bare = host.rstrip(".")
    return any(bare == domain or bare.endswith(f".{domain}") for domain in MICROSOFTS)


def _host_of(authority: str | None) -> str | None:
    if authority is None:
        return None
    return urlsplit(authority if "://" in authority else f"https://{authority}").hostname
