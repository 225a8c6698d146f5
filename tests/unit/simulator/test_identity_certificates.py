"""Signing in with a certificate: what is accepted, and each way it is refused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from azure.identity.aio import CertificateCredential, ClientAssertionCredential
from cryptography.hazmat.primitives import hashes

from .conftest import VAULT, Azure, running
from .people import ASSERTION, SHA1, TENANT, certificate, client_id, identity, role, world_with

SCOPE = "https://management.azure.com/.default"
READER = role("Reader")


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """c: a certificate; d: known by SHA-1; e: known by SHA-256; f: one that has ended."""
    mine, ended = certificate(), certificate("old", ended=True)
    sha1, sha256 = mine.thumbprint(SHA1), mine.thumbprint(hashes.SHA256())
    world = world_with(
        tmp_path,
        identity("c", mine.in_yaml(), READER),
        identity("d", f'certificates: ["{sha1.upper()}"]', READER),
        identity("e", f'certificates: ["{sha256}"]', READER),
        identity("f", ended.in_yaml(), READER),
    )
    async with running(tmp_path / "state", world) as found:
        yield found


async def present(azure: Azure, assertion: str, **form: str) -> tuple[int, Any]:
    """Present an assertion at the token endpoint; status and body."""
    given = {
        "grant_type": "client_credentials",
        "scope": SCOPE,
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
    }
    url = f"{azure.endpoint}/{TENANT}/oauth2/v2.0/token"
    async with azure.http.post(url, data=given | form) as response:
        return response.status, await response.json()


async def test_azure_identity_signs_in_with_a_certificate(azure: Azure) -> None:
    async with CertificateCredential(
        TENANT,
        client_id("c"),
        certificate_data=certificate().whole,
        authority=azure.endpoint,
        disable_instance_discovery=True,
        connection_verify=azure.ca,
    ) as credential:
        token = (await credential.get_token(SCOPE)).token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["appid"], claims["appidacr"]) == (client_id("c"), "2")
    assert (await azure.ask("GET", VAULT, token=token))[0] == 200


async def test_azure_identity_signs_in_with_an_assertion_that_the_caller_makes(
    azure: Azure,
) -> None:
    async with ClientAssertionCredential(
        TENANT,
        client_id("c"),
        lambda: certificate().assertion(azure, "c"),
        authority=azure.endpoint,
        disable_instance_discovery=True,
        connection_verify=azure.ca,
    ) as credential:
        token = (await credential.get_token(SCOPE)).token
    assert (await azure.ask("GET", VAULT, token=token))[0] == 200


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
async def test_both_algorithms_are_accepted_with_or_without_a_client_id(
    azure: Azure, algorithm: str
) -> None:
    mine = certificate()
    for form in ({}, {"client_id": client_id("c")}):
        status, body = await present(azure, mine.assertion(azure, "c", algorithm), **form)
        assert (status, body["token_type"]) == (200, "Bearer")


@pytest.mark.parametrize("letter", ["d", "e"])
async def test_a_thumbprint_is_enough_if_the_certificate_travels_with_the_assertion(
    azure: Azure, letter: str
) -> None:
    mine = certificate()
    named = {"x5t#S256": mine.encoded(hashes.SHA256())}
    with_it = mine.assertion(azure, letter, headers=named | {"x5c": mine.x5c()})
    assert (await present(azure, with_it))[0] == 200
    status, body = await present(azure, mine.assertion(azure, letter, headers=named))
    assert (status, body["error_codes"]) == (401, [700027])


async def test_another_certificate_does_not_pass_for_one_known_by_its_thumbprint(
    azure: Azure,
) -> None:
    other, mine = certificate("stranger"), certificate()
    named = {"x5t#S256": other.encoded(hashes.SHA256()), "x5c": other.x5c()}
    assert (await present(azure, other.assertion(azure, "d", headers=named)))[1][
        "error_codes"
    ] == [700027]
    named = {"x5t#S256": mine.encoded(hashes.SHA256()), "x5c": other.x5c()}
    assert (await present(azure, other.assertion(azure, "d", headers=named)))[1][
        "error_codes"
    ] == [700027]


async def test_a_certificate_that_is_not_registered_is_named_by_its_thumbprint(
    azure: Azure,
) -> None:
    stranger = certificate("stranger")
    status, body = await present(azure, stranger.assertion(azure, "c"))
    assert (status, body["error"], body["error_codes"]) == (401, "invalid_client", [700027])
    assert stranger.thumbprint(hashes.SHA256()).upper() in body["error_description"]
    assert "The key was not found" in body["error_description"]


async def test_a_certificate_that_has_ended_is_refused(azure: Azure) -> None:
    old = certificate("old", ended=True)
    _, body = await present(azure, old.assertion(azure, "f"))
    assert body["error_codes"] == [700027]
    assert "The key used is expired" in body["error_description"]


async def test_a_strangers_key_cannot_borrow_the_name_of_a_registered_certificate(
    azure: Azure,
) -> None:
    named = {"x5t#S256": certificate().encoded(hashes.SHA256())}
    forged = certificate("stranger").assertion(azure, "c", headers=named)
    _, body = await present(azure, forged)
    assert body["error_codes"] == [700027]
    assert "signature value did not match" in body["error_description"]


@pytest.mark.parametrize(
    ("claims", "number"),
    [
        ({"aud": "https://login.microsoftonline.com/common/oauth2/v2.0/token"}, 700023),
        ({"aud": ["a", "b"]}, 50027),
        ({"aud": None}, 50027),
        ({"exp": int(time.time()) - 5}, 700024),
        ({"nbf": int(time.time()) + 3600, "exp": int(time.time()) + 7200}, 700024),
        ({"exp": None}, 50027),
        ({"exp": "soon"}, 50027),
        ({"sub": client_id("d")}, 50027),
        ({"iss": client_id("0"), "sub": client_id("0")}, 700016),
    ],
)
async def test_claims_that_are_wrong_are_refused(
    azure: Azure, claims: dict[str, Any], number: int
) -> None:
    status, body = await present(azure, certificate().assertion(azure, "c", **claims))
    assert status in (400, 401)
    assert body["error_codes"] == [number]


async def test_the_application_has_to_be_the_one_that_signed(azure: Azure) -> None:
    _, body = await present(azure, certificate().assertion(azure, "c"), client_id=client_id("d"))
    assert body["error_codes"] == [700021]


async def test_only_the_two_algorithms_of_certificates_count(azure: Azure) -> None:
    headers = {"x5t#S256": certificate().encoded(hashes.SHA256())}
    claims = {"iss": client_id("c"), "sub": client_id("c"), "exp": int(time.time()) + 60}
    unsigned = jwt.encode(claims, None, algorithm="none", headers=headers)
    shared = jwt.encode(claims, "s" * 64, algorithm="HS256", headers=headers)
    for token in (unsigned, shared, "not.a.token"):
        assert (await present(azure, token))[1]["error_codes"] == [50027]


async def test_an_assertion_of_another_type_is_refused(azure: Azure) -> None:
    mine = certificate().assertion(azure, "c")
    _, body = await present(azure, mine, client_assertion_type="urn:something")
    assert body["error_codes"] == [900144]


@pytest.mark.parametrize("setting", ["accepted", "refused"])
async def test_a_second_use_of_an_assertion_is_a_setting(tmp_path: Path, setting: str) -> None:
    settings = "" if setting == "accepted" else "{replayed_assertion: refused}"
    world = world_with(tmp_path, identity("c", certificate().in_yaml()), settings=settings)
    async with running(tmp_path / "state", world) as azure:
        mine = certificate().assertion(azure, "c")
        assert (await present(azure, mine))[0] == 200
        status, body = await present(azure, mine)
        assert status == (200 if setting == "accepted" else 400), body
        assert (await present(azure, certificate().assertion(azure, "c")))[0] == 200
        if setting == "refused":
            nameless = certificate().assertion(azure, "c", jti=None)
            assert (await present(azure, nameless))[1]["error_codes"] == [50027]


async def test_without_any_credential_entra_says_what_is_missing(azure: Azure) -> None:
    url = f"{azure.endpoint}/{TENANT}/oauth2/v2.0/token"
    form = {"grant_type": "client_credentials", "scope": SCOPE, "client_id": client_id("c")}
    async with azure.http.post(url, data=form) as response:
        assert (await response.json())["error_codes"] == [7000216]
    form["client_secret"] = "a-secret-that-c-does-not-have"
    async with azure.http.post(url, data=form) as response:
        assert (await response.json())["error_codes"] == [7000215]
