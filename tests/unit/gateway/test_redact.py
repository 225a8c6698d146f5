"""No secret survives in a text that people see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.gateway.redact import HIDDEN, redact

SECRET = "S3cr3tValue0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"https://x.blob.core.windows.net/c/b?sv=2024&sig={SECRET}%3D is refused",
        f"GET https://management.azure.com/a/operationresults/1?t=1&c={SECRET}&s={SECRET}&h=2",
        f"client_secret={SECRET}",
        f'{{"client_secret": "{SECRET}"}}',
        f"AccountKey={SECRET};EndpointSuffix=core.windows.net",
        f"SharedAccessSignature={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"token eyJhbGciOiJI.{SECRET}.{SECRET} was refused",
        f"https://user:{SECRET}@proxy.example:8080/x",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}",
        f"password: '{SECRET}'",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    shown = redact(text)
    assert SECRET not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "text",
    [
        "VM sql1 was not found in resource group 'rg-erp' (ResourceNotFound)",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
        "https://aka.ms/azsdk/python/identity",
        "No credential: AZURE_CLIENT_SECRET is not set",
        "the design says so",
    ],
)
def test_plain_sentences_stay(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)
