"""Secrets never reach a stored byte; ordinary text stays readable."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from muster.journal.events import EventKind
from muster.journal.scrub import SCRUBBED, forget_secrets, register_secret, scrub, scrub_text
from muster.journal.stores import MemoryStore
from tests.unit.journal.runs import note, open_run


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLXZhbHVl"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Bearer {JWT}", JWT),
        (f"the token was {JWT}, said the log", JWT),
        ("authorization: Basic aHVudGVyOjI=", "aHVudGVyOjI="),
        ("curl -H 'Authorization: Bearer opaque-token-123'", "opaque-token-123"),
        ("https://s.blob.core.windows.net/c?sv=2024&sig=ab%2Bcd%3D&se=2026", "ab%2Bcd%3D"),
        (
            "https://management.azure.com/x/operationResults/y?api-version=2024-10-01"
            "&t=639012345678901234&c=MIIHabcdef&s=Zm9vYmFyYmF6&h=q83vEjRWeJA",
            "Zm9vYmFyYmF6",
        ),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v+YmFy==;X=1", "Zm9v+YmFy=="),
        ("AZURE_CLIENT_SECRET=hunter-2 muster drill", "hunter-2"),
        ('{"user": "sa", "password": "hunter 2, really"}', "hunter 2, really"),
        (json.dumps(json.dumps({"clientSecret": "hun\"ter'2"})), "ter'2"),
        ('cut off: {"access_token": "abcdefghi', "abcdefghi"),
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQ\n-----END PRIVATE KEY-----", "MC4CAQAwBQ"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_of_text(text: str, secret: str) -> None:
    assert secret in text
    scrubbed = scrub_text(text)
    assert secret not in scrubbed
    assert SCRUBBED in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "The token bucket is empty; basic authentication is off.",
        "/subscriptions/7c0e/resourceGroups/rg-erp/providers/Microsoft.Compute/virtualMachines/sql1",
        "[SET-001] AZURE_CLIENT_SECRET is not set",
        "https://management.azure.com/x?api-version=2024-10-01",
        "bearer of bad news",
        "tick=5&t=1",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert scrub_text(text) == text


@pytest.mark.parametrize(
    "key",
    ["password", "clientSecret", "access_token", "Authorization", "accountKey", "sig", "api-key"],
)
def test_keys_that_tell_lose_their_values(key: str) -> None:
    assert scrub({key: "x1"}) == {key: SCRUBBED}
    assert scrub({"a": [{key: {"value": 5}}]}) == {"a": [{key: SCRUBBED}]}
    assert scrub({key: None}) == {key: None}


def test_truth_values_and_other_keys_stay() -> None:
    value = {"disablePasswordAuthentication": True, "continuation": "abc", "signed": "yes", "n": 1}
    assert scrub(value) == value


def test_a_registered_secret_is_taken_out_in_every_usual_form() -> None:
    secret = 'p@ss/w"ord+1é'
    assert register_secret(secret)
    forms = [
        secret,
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
        json.dumps(secret)[1:-1],
    ]
    for form in forms:
        assert form not in scrub_text(f"before {form} after")
    assert scrub({secret: 1}) == {SCRUBBED: 1}


def test_two_keys_that_differ_in_the_secret_alone_both_stay() -> None:
    register_secret("hunter-one")
    register_secret("hunter-two")
    assert scrub({"hunter-one": 1, "hunter-two": 2}) == {SCRUBBED: 1, SCRUBBED + "'": 2}


def test_what_is_too_short_to_be_told_from_text_is_not_registered() -> None:
    assert not register_secret("abc")
    assert not register_secret("********")
    assert scrub_text("abc ********") == "abc ********"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e6, 1e6) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


def hidden_in(value: Any, secret: str, draw: st.DataObject) -> Any:
    """The value with the secret somewhere in it: in a text, in a key, in a list."""
    match draw.draw(st.integers(0, 4)):
        case 0:
            return {"deep": [value, {"x": secret}]}
        case 1:
            return [value, f"{draw.draw(st.text(max_size=9))}{secret}{secret}"]
        case 2:
            return {secret: value}
        case 3:
            return {"raw": json.dumps({"k": secret, "v": value})}
        case _:
            return {"url": f"https://x/?q={quote(secret)}&r={secret}", "v": value}


@settings(max_examples=150, deadline=None)
@given(
    secrets=st.lists(st.text(min_size=6, max_size=24), min_size=1, max_size=3),
    value=values,
    data=st.data(),
)
def test_a_registered_secret_never_appears_in_any_stored_byte(
    secrets: list[str], value: Any, data: st.DataObject
) -> None:
    forget_secrets()
    frame = asyncio.run(_stored({"what": "warning", "text": ""}))
    known = [secret for secret in secrets if register_secret(secret)]
    assume(known)
    assume(not any(secret.encode() in frame for secret in known))
    for secret in known:
        value = hidden_in(value, secret, data)
    stored = asyncio.run(_stored({"what": "warning", "text": f"was {known[0]}", "value": value}))
    for secret in known:
        assert secret.encode() not in stored


async def _stored(data: dict[str, Any]) -> bytes:
    """Every byte that a run with one event leaves."""
    store = MemoryStore()
    journal = await open_run(store)
    await journal.append(EventKind.NOTED, data, step="a:step")
    return b"".join(store.contents.values())


async def test_secrets_stay_out_of_a_step_id_and_of_what_append_returns() -> None:
    register_secret("hunter-two")
    journal = await open_run(MemoryStore())
    event = await note(journal, "it is hunter-two")
    assert event.data["text"] == f"it is {SCRUBBED}"
    event = await journal.append(EventKind.NOTED, {}, step="action:hunter-two")
    assert event.step == f"action:{SCRUBBED}"
