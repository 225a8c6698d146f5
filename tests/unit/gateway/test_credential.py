"""Who we are to Azure: no real token goes to what is not Azure, and no odd credential is taken."""

from __future__ import annotations

import pytest

from muster.errors import EXIT_BAD_INPUT, SettingsError
from muster.gateway.credential import MICROSOFTS, open_credential, options_of
from muster.settings import MICROSOFT_AUTHORITIES, settings_from

NOT_AZURE = {"MUSTER_ARM_ENDPOINT": "https://localhost:8443"}


@pytest.mark.parametrize(
    "authority",
    [
        None,
        *sorted(MICROSOFT_AUTHORITIES),
        "https://login.microsoftonline.com",
        "https://LOGIN.microsoftonline.com/",
        "https://login.microsoftonline.com:443",
        # Other names of the same servers.
        "https://login.microsoftonline.com.",
        "https://login.windows.net",
        "https://sts.windows.net",
        "https://login.microsoft.com",
        "https://login-us.microsoftonline.com",
    ],
)
def test_a_real_token_is_never_got_for_what_is_not_azure(authority):
    given = {"AZURE_AUTHORITY_HOST": authority} if authority else {}
    with pytest.raises(SettingsError) as caught:
        options_of(settings_from(NOT_AZURE | given))
    assert caught.value.shown_code == "SET-003"
    assert caught.value.exit_code == EXIT_BAD_INPUT


@pytest.mark.parametrize("authority", ["https://localhost:8443", "https://notmicrosoft.com"])
def test_a_simulator_with_an_authority_of_its_own_is_signed_in_to(authority):
    options = options_of(settings_from(NOT_AZURE | {"AZURE_AUTHORITY_HOST": authority}))
    assert options["authority"] == authority
    assert options["disable_instance_discovery"] is True
    assert options["exclude_cli_credential"] is True


def test_every_authority_that_counts_as_azures_is_one_of_microsofts():
    assert all(host.endswith(MICROSOFTS) for host in MICROSOFT_AUTHORITIES)


def test_a_credential_that_nobody_knows_is_told_before_anything_is_asked(monkeypatch):
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "MyOwnCredential")
    with pytest.raises(SettingsError) as caught:
        open_credential(settings_from({}))
    assert caught.value.shown_code == "SET-004"
    assert "AZURE_TOKEN_CREDENTIALS" in caught.value.message
