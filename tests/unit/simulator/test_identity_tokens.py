"""Access tokens: the claims they carry, and every kind that Resource Manager turns away."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from jwt.algorithms import RSAAlgorithm

from muster.simulator.arm.errors import AzureError
from muster.simulator.identity.roles import Identity
from muster.simulator.identity.tokens import Mint

from .conftest import SUBSCRIPTION, Azure, running
from .people import TENANT, certificate, client_id, object_id, sign_in, with_secret, world_with

ISSUER = f"https://sts.windows.net/{TENANT}/"
OTHER = "77777777-8888-4777-8666-555555555555"


def claims(**changed: Any) -> dict[str, Any]:
    """Those of a good token for the drill's identity; None leaves one out."""
    now = int(time.time())
    right = {
        "aud": "https://management.azure.com/",
        "iss": ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "appid": client_id("a"),
        "oid": object_id("a"),
        "tid": TENANT,
    }
    return {key: value for key, value in (right | changed).items() if value is not None}


def signed(azure: Azure, body: dict[str, Any], algorithm: str = "RS256") -> str:
    """By the simulator's own key, as only Entra could."""
    key = serialization.load_pem_private_key((azure.folder / "token.key").read_bytes(), None)
    return jwt.encode(body, key, algorithm=algorithm)  # type: ignore[arg-type]


async def refused(azure: Azure, token: str) -> tuple[str, str]:
    """The code of ARM's 401, and the challenge beside it."""
    status, body, headers = await azure.ask("GET", SUBSCRIPTION, token=token)
    assert status == 401, body
    return body["error"]["code"], headers["WWW-Authenticate"]


async def test_a_token_carries_what_arms_tokens_carry(azure: Azure) -> None:
    token = await azure.as_("drill")
    header = jwt.get_unverified_header(token)
    told = jwt.decode(token, options={"verify_signature": False})
    assert header["alg"] == "RS256"
    assert header["kid"] == header["x5t"]
    assert set(told) == {
        "aud", "iss", "iat", "nbf", "exp", "aio", "appid", "appidacr", "idp", "idtyp", "oid",
        "rh", "sub", "tid", "uti", "ver",
    }  # fmt: skip
    assert told["iss"] == told["idp"] == ISSUER
    assert (told["appidacr"], told["idtyp"], told["ver"]) == ("1", "app", "1.0")
    assert told["sub"] == told["oid"] == object_id("a")
    assert told["exp"] - told["iat"] == 3599


async def test_a_token_can_be_checked_with_the_published_key(azure: Azure) -> None:
    token = await azure.as_("drill")
    async with azure.http.get(f"{azure.endpoint}/{TENANT}/discovery/v2.0/keys") as response:
        (published,) = (await response.json())["keys"]
    assert published["kid"] == jwt.get_unverified_header(token)["kid"]
    key = RSAAlgorithm.from_jwk(published)
    told = jwt.decode(token, key, algorithms=["RS256"], audience="https://management.azure.com")  # type: ignore[arg-type]
    assert told["appid"] == client_id("a")


async def test_the_older_endpoint_takes_a_resource(azure: Azure) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id("a"),
        "client_secret": "simulator-only-drill",
        "resource": "https://management.core.windows.net/",
    }
    async with azure.http.post(f"{azure.endpoint}/{TENANT}/oauth2/token", data=form) as response:
        token = (await response.json())["access_token"]
    told = jwt.decode(token, options={"verify_signature": False})
    assert told["aud"] == "https://management.core.windows.net/"
    assert (await azure.ask("GET", SUBSCRIPTION, token=token))[0] == 200


async def test_a_token_made_by_hand_as_entra_makes_it_is_accepted(azure: Azure) -> None:
    """So that each refusal below is owed to the one thing that differs."""
    assert (await azure.ask("GET", SUBSCRIPTION, token=signed(azure, claims())))[0] == 200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"exp": int(time.time()) - 1}, "ExpiredAuthenticationToken"),
        ({"nbf": int(time.time()) + 3600}, "InvalidAuthenticationToken"),
        ({"iat": int(time.time()) + 3600}, "InvalidAuthenticationToken"),
        ({"aud": "https://graph.microsoft.com/"}, "InvalidAuthenticationTokenAudience"),
        ({"aud": None}, "InvalidAuthenticationToken"),
        ({"iss": f"https://sts.windows.net/{OTHER}/"}, "InvalidAuthenticationTokenTenant"),
        ({"iss": "https://accounts.google.com"}, "InvalidAuthenticationTokenTenant"),
        ({"iss": None}, "InvalidAuthenticationToken"),
        ({"tid": OTHER}, "InvalidAuthenticationToken"),
        ({"appid": client_id("0")}, "InvalidAuthenticationToken"),
        ({"appid": None}, "InvalidAuthenticationToken"),
        ({"exp": None}, "InvalidAuthenticationToken"),
    ],
)
async def test_one_wrong_claim_is_enough_to_be_turned_away(
    azure: Azure, changed: dict[str, Any], code: str
) -> None:
    told, challenge = await refused(azure, signed(azure, claims(**changed)))
    assert told == code
    where = f'authorization_uri="{azure.endpoint}/{TENANT}"'
    assert challenge.startswith(f'Bearer {where}, error="invalid_token"')


async def test_an_expired_token_is_told_both_instants(azure: Azure) -> None:
    token = signed(azure, claims(exp=1_700_000_000, nbf=1_699_990_000))
    _, body, _ = await azure.ask("GET", SUBSCRIPTION, token=token)
    assert body["error"]["message"].startswith(
        "The access token expiry UTC time '11/14/2023 10:13:20 PM' is earlier than current UTC "
    )


def test_a_token_that_held_once_is_refused_after_its_end(tmp_path: Path) -> None:
    mint = Mint(tmp_path, TENANT, 600.0, "https://127.0.0.1:1")
    mine = Identity("drill", client_id("a"), object_id("a"), "secret")
    token = f"Bearer {mint.issue(mine, 'https://management.azure.com', 'secret')}"
    assert [mint.client_of(token) for _ in range(2)] == [client_id("a")] * 2
    with time_machine.travel(time.time() + 599, tick=False):
        assert mint.client_of(token) == client_id("a")
    with time_machine.travel(time.time() + 601, tick=False), pytest.raises(AzureError) as caught:
        mint.client_of(token)
    assert caught.value.code == "ExpiredAuthenticationToken"


async def test_a_foreign_key_is_refused_whatever_it_signs(azure: Azure) -> None:
    token = jwt.encode(claims(), certificate("stranger").key, algorithm="RS256")
    assert (await refused(azure, token))[0] == "InvalidAuthenticationToken"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256"])
async def test_another_algorithm_is_refused(azure: Azure, algorithm: str) -> None:
    if algorithm == "PS256":
        token = signed(azure, claims(), algorithm)
    elif algorithm == "HS256":
        token = jwt.encode(claims(), "s" * 64, algorithm=algorithm)
    else:
        token = jwt.encode(claims(), None, algorithm="none")
    assert (await refused(azure, token))[0] == "InvalidAuthenticationToken"


async def test_the_token_of_another_tenants_simulator_opens_nothing(
    azure: Azure, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    world = world_with(folder, with_secret("c"))
    world.write_text(world.read_text().replace(TENANT, OTHER))
    (folder / "state").mkdir()
    key = certificate("another tenant").key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "state" / "token.key").write_bytes(key)
    async with running(folder / "state", world) as neighbour:
        token = await sign_in(neighbour, "c")
        assert (await neighbour.ask("GET", "/subscriptions", token=token))[0] == 200
    assert (await refused(azure, token))[0] == "InvalidAuthenticationTokenTenant"


async def test_what_a_forged_token_says_never_reaches_a_header(azure: Azure) -> None:
    token = signed(azure, claims(iss='x"\r\nSet-Cookie: a=b'))
    code, challenge = await refused(azure, token)
    assert code == "InvalidAuthenticationTokenTenant"
    assert "Set-Cookie" not in challenge


async def test_a_token_outlives_a_restart_on_another_port(tmp_path: Path) -> None:
    async with running(tmp_path / "state") as azure:
        token = await azure.as_("drill")
    async with running(tmp_path / "state") as azure:
        assert (await azure.ask("GET", SUBSCRIPTION, token=token))[0] == 200
