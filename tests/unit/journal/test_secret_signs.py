"""The signs that spare texts a look for secrets hide none: what a pattern meets bears one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.journal.secret_patterns import PATTERNS, without_secrets

KINDS = ("api", "access", "account", "shared", "subscription", "private", "storage", "master")
NAMES = (
    "password", "passwd", "pwd", "passphrase", "secret", "token", "sig",
    "client_assertion", "clientassertion", "shared_access_key", "sharedAccessSignature",
    "connection-string", "ConnectionString", "db_pass", "db_pw", "dbPass", "xPw", "pass", "pw",
    *(f"{kind}_key" for kind in KINDS), "HostKey2", "functionkey",
)  # fmt: skip
LOOKS = (
    "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIx.c2lnbmF0", "ghp_" + "a1" * 12, "github_pat_" + "b2" * 12,
    "abc8Q~" + "x" * 34, "A" * 86 + "==", "Authorization: Basic dXNlcjpwYXNz",
    "Bearer abcdef123456",
    "SharedKey 0123456789abcdef", "https://user:word@host/", "https://t0ken@host/", "amqp://u:p@h",
    "ConvertTo-SecureString 'hush' -AsPlainText", "sqlcmd -S h -P hush", "bcp t out f -P hush",
    "mysql -u root -phush", "mariadb-dump -phush", "?sig=abc%3D", "&t=0123456789", "?c=abcdefghij",
    "<adminPassword>hush</adminPassword>", '{"name": "sqlPassword", "value": "hush"}',
)  # fmt: skip
BETWEEN = (
    "=", " = ", ": ", ":", "=>", '": "', "': '", '\\": \\"', '": {"value": "', " ", "\n", ">",
    "--",
    "/", "hush", "h0sh-hush-hush", "3", "true", "'", '"', "&", "?", ";", ",", "K", "\u017f",
    "\u0130", "\u00e9",
)  # fmt: skip
TEXTS = st.lists(
    st.sampled_from((*NAMES, *LOOKS, *BETWEEN)).flatmap(
        lambda one: st.sampled_from((one, one.upper(), one.capitalize(), one))
    ),
    max_size=8,
).map("".join)


def without_looking_for_signs(text: str) -> str:
    for pattern, instead, _ in PATTERNS:
        text = pattern.sub(instead, text)
    return text


@given(TEXTS)
def test_a_text_loses_the_same_whether_signs_are_looked_for_or_not(text):
    assert without_secrets(text) == without_looking_for_signs(text)


@pytest.mark.parametrize("look", LOOKS)
def test_each_look_of_a_secret_is_replaced(look):
    assert without_secrets(look) == without_looking_for_signs(look) != look


@pytest.mark.parametrize("name", NAMES)
def test_each_name_of_a_secret_bears_a_sign(name):
    text = (
        f'{{"x{name}": "hush-hush"}}' if name not in ("pass", "pw", "sig") else f'"{name}": "hush"'
    )
    assert "hush" not in without_secrets(text)


def test_letters_that_are_one_without_case_alone_are_looked_at_as_before():
    """A long s is an s to regular expressions, and stays what it is in small letters."""
    text = "\u017fecret=hush-hush"
    assert re.search("secret", text, re.IGNORECASE)
    assert without_secrets(text) == "\u017fecret=***"
