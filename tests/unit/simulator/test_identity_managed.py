"""Managed identities: what the unmodified azure-identity asks, and what it is told."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential as SyncCredential
from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

from .conftest import SUBSCRIPTION, VAULT, Azure, running, settings_of
from .people import client_id, identity, object_id, role, secret_of, world_with

SCOPE, RESOURCE = "https://management.azure.com/.default", "https://management.azure.com/"
OWN = "/resourceGroups/rg-dr/providers/Microsoft.Compute/virtualMachines/worker"
USER = "/resourceGroups/rg-dr/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
SYSTEM = identity("c", f"managed: {{assigned: system, resource: {OWN}}}", role("Reader"))
ONE = identity("d", f"managed: {{resource: {USER}/one}}", role("Reader"))
TWO = identity("e", f"managed: {{resource: {SUBSCRIPTION}{USER}/two}}")
IMDS, APP_SERVICE = "/metadata/identity/oauth2/token", "IDENTITY_ENDPOINT"
CREDENTIALS = ("AZURE_", "IDENTITY_", "IMDS_", "MSI_")


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    async with running(tmp_path / "state", world_with(tmp_path, SYSTEM, ONE, TWO)) as found:
        yield found


def only(monkeypatch: pytest.MonkeyPatch, azure: Azure, *names: str) -> None:
    """Set these of the simulator's variables, and nothing else that azure-identity reads."""
    for name in [name for name in os.environ if name.startswith(CREDENTIALS)]:
        monkeypatch.delenv(name)
    for name in names:
        monkeypatch.setenv(name, azure.settings[name])


FORMS = {
    "App Service": ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
    "IMDS": ("AZURE_POD_IDENTITY_AUTHORITY_HOST",),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("how", "appid"),
    [
        ({}, client_id("c")),
        ({"client_id": client_id("d")}, client_id("d")),
        ({"identity_config": {"object_id": object_id("e")}}, client_id("e")),
        ({"identity_config": {"resource_id": f"{SUBSCRIPTION}{USER}/one"}}, client_id("d")),
    ],
)
async def test_azure_identity_gets_the_token_of_the_identity_it_names(
    azure: Azure,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    how: dict[str, Any],
    appid: str,
) -> None:
    only(monkeypatch, azure, *FORMS[form])
    async with ManagedIdentityCredential(**how) as credential:
        told = (await credential.get_token(SCOPE)).token
    assert jwt.decode(told, options={"verify_signature": False})["appid"] == appid

    def at_once() -> str:
        with SyncCredential(**how) as other:  # another implementation: MSAL's
            return other.get_token(SCOPE).token

    told = await asyncio.to_thread(at_once)
    assert jwt.decode(told, options={"verify_signature": False})["appid"] == appid


async def test_the_token_opens_arm_and_names_the_resource_it_belongs_to(azure: Azure) -> None:
    body = await imds(azure, 200, resource=RESOURCE)
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["xms_mirid"] == SUBSCRIPTION + OWN
    assert (claims["aud"], claims["oid"], claims["appidacr"]) == (RESOURCE, object_id("c"), "2")
    assert (await azure.ask("GET", VAULT, token=body["access_token"]))[0] == 200
    assert all(isinstance(value, str) for value in body.values())
    assert body["client_id"] == client_id("c")
    assert 3500 < int(body["expires_on"]) - time.time() <= 3600


async def imds(azure: Azure, status: int, header: str = "true", **query: str) -> Any:
    url = azure.settings["AZURE_POD_IDENTITY_AUTHORITY_HOST"] + IMDS
    params = {"api-version": "2018-02-01"} | query
    headers = {"Metadata": header}
    async with azure.http.get(
        url, params={k: v for k, v in params.items() if v}, headers=headers
    ) as got:
        assert got.status == status, await got.text()
        return await got.json()


@pytest.mark.parametrize(
    ("query", "error", "part"),
    [
        ({"resource": RESOURCE, "api-version": ""}, "invalid_request", "api-version"),
        ({}, "invalid_request", "audience"),
        ({"resource": "https://graph.microsoft.com/"}, "invalid_resource", "AADSTS500011"),
        ({"resource": RESOURCE, "client_id": client_id("a")}, "invalid_request", "not found"),
        ({"resource": RESOURCE, "mi_res_id": f"{USER}/none"}, "invalid_request", "not found"),
    ],
)
async def test_imds_refuses_what_is_missing_or_unknown(
    azure: Azure, query: dict[str, str], error: str, part: str
) -> None:
    body = await imds(azure, 400, **query)
    assert body["error"] == error
    assert part in body["error_description"]


@pytest.mark.parametrize("header", ["True", "", "false"])
async def test_imds_wants_its_header_in_small_letters(azure: Azure, header: str) -> None:
    body = await imds(azure, 400, header, resource=RESOURCE)
    assert body["error"] == "bad_request_102"


async def test_imds_refuses_what_came_through_a_proxy(azure: Azure) -> None:
    url = azure.settings["AZURE_POD_IDENTITY_AUTHORITY_HOST"] + IMDS
    headers = {"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}
    params = {"api-version": "2018-02-01", "resource": RESOURCE}
    async with azure.http.get(url, params=params, headers=headers) as got:
        assert got.status == 400


async def test_app_service_wants_the_secret_header(azure: Azure) -> None:
    url = azure.settings[APP_SERVICE]
    params = {"api-version": "2019-08-01", "resource": RESOURCE}
    for headers in ({}, {"X-IDENTITY-HEADER": "guessed"}):
        async with azure.http.get(url, params=params, headers=headers) as got:
            assert got.status == 401
            assert (await got.json())["statusCode"] == 401
    right = {"X-IDENTITY-HEADER": azure.settings["IDENTITY_HEADER"]}
    async with azure.http.get(url, params={"resource": RESOURCE}, headers=right) as got:
        assert got.status == 400
        assert "api-version" in (await got.json())["message"]


async def test_several_user_assigned_identities_have_to_be_told_apart(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, ONE, TWO)) as azure:
        body = await imds(azure, 400, resource=RESOURCE)
        assert "Multiple user assigned identities exist" in body["error_description"]
        body = await imds(azure, 200, resource=RESOURCE, object_id=object_id("e"))
        assert body["client_id"] == client_id("e")


async def test_a_single_user_assigned_identity_needs_no_name(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, ONE)) as azure:
        assert (await imds(azure, 200, resource=RESOURCE))["client_id"] == client_id("d")


async def test_a_managed_identity_has_no_secret_to_sign_in_with(azure: Azure) -> None:
    form = {"client_id": client_id("c"), "client_secret": secret_of("c")}
    response = await azure.sign_in("drill", **form)
    assert (await response.json())["error_codes"] == [7000215]


async def test_a_wrong_header_reaches_the_caller_of_azure_identity(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, azure, "IDENTITY_ENDPOINT", "IDENTITY_HEADER")
    monkeypatch.setenv("IDENTITY_HEADER", "guessed")
    async with ManagedIdentityCredential() as credential:
        with pytest.raises(ClientAuthenticationError):
            await credential.get_token(SCOPE)


async def test_the_settings_name_the_endpoints_only_if_there_are_managed_identities(
    tmp_path: Path,
) -> None:
    names = {name for form in FORMS.values() for name in form}
    async with running(tmp_path / "plain"):
        assert names.isdisjoint(settings_of(tmp_path / "plain"))
    world = world_with(tmp_path, ONE)
    async with running(tmp_path / "managed", world):
        assert names <= set(settings_of(tmp_path / "managed"))


async def test_the_default_credential_takes_the_managed_identity_that_is_the_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_with(tmp_path, SYSTEM, ONE, client="d")
    async with running(tmp_path / "state", world) as azure:
        assert "AZURE_CLIENT_SECRET" not in azure.settings
        only(monkeypatch, azure, *azure.settings)
        async with DefaultAzureCredential(
            authority=azure.endpoint,
            disable_instance_discovery=True,
            connection_verify=azure.ca,
        ) as credential:
            told = (await credential.get_token(SCOPE)).token
    assert jwt.decode(told, options={"verify_signature": False})["appid"] == client_id("d")
