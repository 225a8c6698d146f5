"""What looks like a secret is taken out wherever it stands; ordinary text is not mangled."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.gateway.redact import redact
from muster.journal.scrub import SCRUBBED, forget_secrets, scrub, scrub_text
from muster.journal.secret_patterns import tells
from muster.plan.codes import CODES
from muster.report.codes import CODES as CAUSES


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


S = "Hunter2Hunter2"
STORAGE_KEY = base64.b64encode(bytes(range(100, 164))).decode()
ENTRA = "abc8Q~DEFghi.JKL_mno-pqrSTUvwx0123456789"
GITHUB = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"
KEYS = [
    (f"Password: {S}", S),
    (f"password:{S}", S),
    (f"client_secret: {S}", S),
    (f"admin_password1 = {S}", S),
    (f"DB_PASS={S}", S),
    (f"ADMIN_PW={S}", S),
    (f"adminPw={S}", S),
    (f"user=sa pass={S} host=x", S),
    ("password=hun&ter2", "ter2"),
    ("password=hun,ter2 next", "ter2"),
    ("password=a}b]c)d", "b]c"),
    (f"password = 'two words {S}'", S),
    (f'Password="a b {S} c"', S),
    (f"secret => {S}", S),
    (f"<Password>{S}</Password>", S),
    (f'<adminPassword type="x">{S}</adminPassword>', S),
    (f"<Password>{S}", S),
    (f"Ocp-Apim-Subscription-Key: {S}", S),
    (f"X-Api-Key: {S}", S),
    (f"ConnectionString={S};x", S),
]
COMMANDS = [
    (f"az login --service-principal -u x --password {S}", S),
    (f"--client-secret {S} --tenant t", S),
    (f"--sas-token '{S}'", S),
    (f'-AdminPassword "two words {S}" -Force', S),
    (f"--db-pass {S}", S),
    (f"--account-key {S}", S),
    (f"sqlcmd -S sql1 -U sa -P {S} -Q x", S),
    (f"sqlcmd.exe -S sql1 -P '{S}'", S),
    (f"bcp db.t out f -U sa -P{S}", S),
    (f"mysql -uroot -p{S} db", S),
    (f"mysqldump -u root -p'{S}'", S),
    (f"ConvertTo-SecureString '{S}' -AsPlainText -Force", S),
]
ADDRESSES = [
    (f"postgres://app:{S}@10.1.0.4/db", S),
    (f"redis://:{S}@cache:6380/0", S),
    (f"amqp://u:p@{S}@host/v", S),
    (f"http://proxyuser:{S}@proxy.example:3128", S),
    (f"https://{S}@dev.azure.com/org", S),
    ("https://a.blob.core.windows.net/c?sv=2022&sig=AbCd%2BEf12345%3D", "AbCd%2BEf"),
]
JSON_TEXTS = [
    (json.dumps({"pass": S}), S),
    (json.dumps({"adminPw": S}), S),
    (json.dumps({"password": 12345678901}), "12345678901"),
    (json.dumps([{"name": "SqlPassword", "value": S}]), S),
    (json.dumps({"adminPassword": {"value": S}}), S),
    (json.dumps({"raw": json.dumps({"sqlPw": S, "pass": S})}), S),
    (f'out: {{"name": "SqlPassword", "value": "{S}"}} and more', S),
    (f'cut off: {{"name": "SqlPassword", "value": "{S}', S),
    (f'cut off: {{"a": 1, "pass": "{S}', S),
    (f'log {{"password":{S[-1]}2345678, "x": 1}}', "2345678"),
]
LOOKS = [
    (f"key1 {STORAGE_KEY}", STORAGE_KEY[:40]),
    (f"it was {ENTRA}, he said", ENTRA[5:30]),
    (f"remote: {GITHUB}", GITHUB),
    (f"github_pat_{GITHUB[4:]}", GITHUB[10:]),
]


@pytest.mark.parametrize(
    ("text", "secret"), [*KEYS, *COMMANDS, *ADDRESSES, *JSON_TEXTS, *LOOKS], ids=lambda one: one
)
def test_what_looks_like_a_secret_is_taken_out(text: str, secret: str) -> None:
    assert secret in text
    for cleaned in (scrub_text(text), redact(text), scrub({"stdout": f"ran\n{text}\n"})["stdout"]):
        assert secret not in cleaned
        assert SCRUBBED in cleaned
    assert scrub_text(scrub_text(text)) == scrub_text(text)


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ({"pass": S}, {"pass": SCRUBBED}),
        ({"adminPw": S}, {"adminPw": SCRUBBED}),
        ({"DB_PASS": S}, {"DB_PASS": SCRUBBED}),
        ({"dbSas": S}, {"dbSas": SCRUBBED}),
        ({"Ocp-Apim-Subscription-Key": S}, {"Ocp-Apim-Subscription-Key": SCRUBBED}),
        ({"name": "SqlPassword", "value": S}, {"name": "SqlPassword", "value": SCRUBBED}),
        ({"Key": "DB_PASS", "Value": S}, {"Key": "DB_PASS", "Value": SCRUBBED}),
        (
            {"name": "apiKey", "secureValue": {"v": S}},
            {"name": "apiKey", "secureValue": SCRUBBED},
        ),
    ],
)
def test_names_that_tell_lose_what_stands_beside_them(value: Any, cleaned: Any) -> None:
    assert scrub(value) == cleaned
    assert scrub([{"deep": value}]) == [{"deep": cleaned}]


GUID = "7c0e1b2a-0000-4000-8000-0123456789ab"
ORDINARY = [
    "tokens left: 5",
    "12 tokens: 3 left, 9 spent",
    "3 passed, 0 failed; pass=3 fail=0",
    "second pass: copying disks",
    "bypass=yes compass: north",
    f"/subscriptions/{GUID}/resourceGroups/rg-erp/providers/Microsoft.KeyVault/vaults/kv/secrets",
    f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.Compute/disks/web1-osdisk_1",
    f"correlation id {GUID}",
    "sha256:" + "ab12" * 16,
    "ab12" * 16,
    "runbook Rotate-Secret in aa-dr-drill: touches nothing",
    "Reset-Password, Freeze-Etl, Register-TestCopies, Switch-Traffic",
    '{"key_id": "0123456789abcdef", "public_key": "abcdef"}',
    "[SET-001] AZURE_CLIENT_SECRET is not set",
    "the password is wrong; password: not set; secret: none",
    "use --password to give one, --token-file FILE to read one, or --client-secret is asked for",
    "https://management.azure.com/subscriptions?api-version=2024-10-01",
    "see https://aka.ms/azsdk/python/identity, or mail erp-sre@contoso.example",
    "http://{web1}:8080/health, tcp secret-vm:1433, tcp token1:22",
    "sqlcmd -S sql1 -Q 'select 1'; mysql -P 3306 -u root; ssh -p 22 host; tar -P x",
    "<PasswordPolicy>strict</PasswordPolicy>",
    "ssh://git@github.com/contoso/plans",
    "basic authentication is off, bearer of bad news",
    "2026-03-01T03:00:00.000000Z checks:plan.web1 action:database.after.1",
    "the signature=valid, key=value, keys: 3",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_not_mangled(text: str) -> None:
    assert scrub_text(text) == text
    assert scrub({"text": text}) == {"text": text}


def test_no_sentence_of_our_own_is_mangled() -> None:
    said = [part for one in CODES.values() for part in one]
    said += [part for one in CAUSES.values() for part in (one.title, one.hint)]
    assert [text for text in said if scrub_text(text) != text] == []


def test_ordinary_values_stay() -> None:
    value = {
        "pass": 5, "fail": 0, "tokens": 7, "key_id": "ab", "bypass": "no", "compass": "north",
        "name": "sql1", "value": "x", "disablePasswordAuthentication": True, "request_id": GUID,
    }  # fmt: skip
    assert scrub(value) == value
    assert not any(map(tells, ("bypass", "key_id", "keys", "sass", "swpw1x", "name", "passed")))


words = st.sampled_from(
    [
        *("password", "Password", "token", "pass", "adminPw", "DB_PASS", "secret", "name"),
        *("=", ":", " ", "  ", '"', "'", "\\", '\\"', ",", ";", "{", "}", "]", ")", "<", ">", "/"),
        *("https://", "@", "?", "&", "--", "-p", "-P", "mysql ", "sqlcmd ", "sig=", "***", "is"),
        *(
            "value",
            "\n",
            "Bearer ",
            "eyJ",
            ".",
            "abcdefgh",
            "12345678",
            "api-key",
            "ghp_",
            "~",
            "Q~",
        ),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(words, max_size=14).map("".join))
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrub_text(text)
    assert scrub_text(once) == once
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        *("\\" * 50_000, "password" * 8_000, 'password="' * 6_000, "<" * 50_000, "-" * 50_000),
        *("a" * 90_000, "https://" * 9_000, "mysql -p" * 8_000, "eyJ" * 30_000),
        '{"name":"' * 7_000,
        *("password: " * 6_000, "{" * 50_000, "sqlcmd " * 9_000, "abc8Q~" * 9_000),
    ],
    ids=lambda text: text[:10],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.monotonic()
    scrub_text(text)
    assert time.monotonic() - began < 5
