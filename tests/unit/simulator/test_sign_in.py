"""Entra's token endpoint, and what ARM thinks of tokens."""

from __future__ import annotations

import os
from pathlib import Path

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import DefaultAzureCredential

from .conftest import SUBSCRIPTION, VAULT, WORLD, Azure, running

SCOPE = "https://management.azure.com/.default"


async def test_a_client_secret_gets_a_token_that_names_the_application(azure: Azure) -> None:
    async with azure.credential() as credential:
        token = (await credential.get_token(SCOPE)).token

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["appid"] == azure.settings["AZURE_CLIENT_ID"]
    assert claims["oid"] == "aaaaaaaa-0000-4000-8000-000000000002"
    assert claims["tid"] == azure.settings["AZURE_TENANT_ID"]
    assert (await azure.ask("GET", VAULT, token=token))[0] == 200


async def test_the_default_credential_works_from_the_settings_file_alone(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    for name, value in azure.settings.items():
        monkeypatch.setenv(name, value)
    async with DefaultAzureCredential(
        authority=os.environ["AZURE_AUTHORITY_HOST"],
        disable_instance_discovery=True,
        connection_verify=os.environ["MUSTER_CA_FILE"],
    ) as credential:
        assert (await credential.get_token(SCOPE)).token.count(".") == 2


async def test_a_wrong_secret_is_refused_in_entras_words(azure: Azure) -> None:
    async with azure.credential(secret="guessed-wrongly") as credential:
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            await credential.get_token(SCOPE)
    response = await azure.sign_in(client_secret="guessed-wrongly")
    assert response.status == 401
    assert (await response.json())["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("form", "status", "number"),
    [
        ({"client_id": "cccccccc-0000-4000-8000-000000000001"}, 400, 700016),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, 500011),
        ({"grant_type": "password"}, 400, 70003),
        ({"grant_type": ""}, 400, 900144),
        ({"scope": ""}, 400, 900144),
        ({"scope": "https://management.azure.com/user_impersonation"}, 400, 1002012),
    ],
)
async def test_other_sign_ins_are_refused(
    azure: Azure, form: dict[str, str], status: int, number: int
) -> None:
    response = await azure.sign_in(**form)
    assert (response.status, (await response.json())["error_codes"]) == (status, [number])


async def test_the_older_endpoint_answers_in_texts_and_says_until_when(azure: Azure) -> None:
    tenant = azure.settings["AZURE_TENANT_ID"]
    form = {
        "grant_type": "client_credentials",
        "client_id": azure.settings["AZURE_CLIENT_ID"],
        "client_secret": "simulator-only-drill",
        "resource": "https://management.azure.com/",
    }
    async with azure.http.post(f"{azure.endpoint}/{tenant}/oauth2/token", data=form) as response:
        told = await response.json()
    claims = jwt.decode(told["access_token"], options={"verify_signature": False})
    assert {key: told[key] for key in told if key != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": "3599",
        "ext_expires_in": "3599",
        "expires_on": str(claims["exp"]),
        "not_before": str(claims["nbf"]),
        "resource": "https://management.azure.com/",
    }
    newer = await (await azure.sign_in()).json()
    assert newer["expires_in"] == 3599
    assert set(newer) == {"token_type", "expires_in", "ext_expires_in", "access_token"}


@pytest.mark.parametrize("path", ["oauth2/token", "oauth2/v2.0/token"])
async def test_the_token_endpoint_takes_a_post_alone(azure: Azure, path: str) -> None:
    url = f"{azure.endpoint}/{azure.settings['AZURE_TENANT_ID']}/{path}"
    async with azure.http.get(url) as response:
        assert (await response.json())["error_codes"] == [900561]


async def test_another_tenant_is_not_known(azure: Azure) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    url = f"{azure.endpoint}/{nobody}/v2.0/.well-known/openid-configuration"
    async with azure.http.get(url) as response:
        assert response.status == 400
        assert (await response.json())["error_codes"] == [90002]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "AuthenticationFailed"),
        ("Basic abc", "AuthenticationFailedInvalidHeader"),
        ("Bearer not.a.token", "InvalidAuthenticationToken"),
    ],
)
async def test_arm_wants_a_valid_token(azure: Azure, header: str | None, code: str) -> None:
    headers = {"Authorization": header} if header else {}
    url = f"{azure.endpoint}{SUBSCRIPTION}?api-version=2022-12-01"
    async with azure.http.get(url, headers=headers) as response:
        assert response.status == 401
        assert (await response.json())["error"]["code"] == code
        assert "Bearer" in response.headers["WWW-Authenticate"]


async def test_an_expired_token_is_told_so(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(WORLD.read_text() + "\nsettings: {token_lifetime: 0s}\n")
    async with running(tmp_path / "state", world) as azure:
        status, body, _ = await azure.ask("GET", SUBSCRIPTION)
    assert (status, body["error"]["code"]) == (401, "ExpiredAuthenticationToken")


async def test_a_token_for_something_else_is_refused(azure: Azure) -> None:
    token = await azure.as_("drill")
    header, _, rest = token.partition(".")
    forged = ".".join([header, rest.partition(".")[0][:-4] + "AAAA", rest.partition(".")[2]])
    status, body, _ = await azure.ask("GET", SUBSCRIPTION, token=forged)
    assert (status, body["error"]["code"]) == (401, "InvalidAuthenticationToken")
