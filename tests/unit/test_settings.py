"""Settings alone tell Azure from a simulator, and a rehearsal from a drill."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.errors import EXIT_BAD_INPUT, SettingsError
from muster.settings import settings_from


def test_without_any_variable_it_is_azure_itself(tmp_path: Path) -> None:
    settings = settings_from({}, home=tmp_path)
    assert (settings.target, settings.is_rehearsal) == ("azure", False)
    assert settings.arm_endpoint == "https://management.azure.com"
    assert settings.journal == tmp_path / "evidence"
    assert settings.signing_key == tmp_path / "evidence" / "signing-key.pem"
    assert (settings.authority_host, settings.ca_file, settings.worker_proxy) == (None, None, None)


@pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        ("https://management.azure.com", "azure"),
        ("https://MANAGEMENT.azure.com/", "azure"),
        ("https://management.usgovcloudapi.net", "azure"),
        ("https://localhost:8443", "simulator"),
        ("https://management.azure.com.evil.example", "simulator"),
        ("https://evil.example/management.azure.com", "simulator"),
        ("https://management.azure.com@evil.example", "simulator"),
    ],
)
def test_whatever_is_not_a_known_host_of_azure_is_a_simulator(endpoint: str, target: str) -> None:
    settings = settings_from({"MUSTER_ARM_ENDPOINT": endpoint})
    assert settings.target == target
    assert settings.is_rehearsal == (target == "simulator")


def test_azure_in_a_hurry_is_a_rehearsal_too() -> None:
    settings = settings_from({"MUSTER_CLOCK": "1767225600,60"})
    assert (settings.target, settings.is_rehearsal) == ("azure", True)


def test_every_variable_is_read(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("ca")
    settings = settings_from(
        {
            "MUSTER_ARM_ENDPOINT": "https://localhost:8443/",
            "AZURE_AUTHORITY_HOST": "https://localhost:8443",
            "MUSTER_CA_FILE": str(ca_file),
            "MUSTER_SUBSCRIPTION": "7c0e",
            "MUSTER_JOURNAL": str(tmp_path / "journal"),
            "MUSTER_SIGNING_KEY": str(tmp_path / "key.pem"),
            "MUSTER_WORKER_PROXY": "socks5h://localhost:1080",
            "MUSTER_CLOCK": "0,2",
        }
    )
    assert settings.arm_endpoint == "https://localhost:8443"
    assert settings.authority_host == "https://localhost:8443"
    assert settings.ca_file == ca_file
    assert settings.journal == tmp_path / "journal"
    assert settings.signing_key == tmp_path / "key.pem"
    assert settings.worker_proxy == "socks5h://localhost:1080"
    assert settings.clock.speed == 2


def test_the_key_stands_in_the_journal_unless_it_is_named(tmp_path: Path) -> None:
    settings = settings_from({"MUSTER_JOURNAL": str(tmp_path)})
    assert settings.signing_key == tmp_path / "signing-key.pem"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MUSTER_ARM_ENDPOINT": "http://localhost"}, "MUSTER_ARM_ENDPOINT"),
        ({"MUSTER_ARM_ENDPOINT": "localhost:8443"}, "MUSTER_ARM_ENDPOINT"),
        ({"MUSTER_ARM_ENDPOINT": "https://"}, "MUSTER_ARM_ENDPOINT"),
        ({"MUSTER_CLOCK": "fast"}, "MUSTER_CLOCK"),
        ({"MUSTER_CA_FILE": "/nowhere/ca.pem"}, "MUSTER_CA_FILE"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_variable(
    variables: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        settings_from(variables)
    assert caught.value.exit_code == EXIT_BAD_INPUT
    assert caught.value.shown_hint


def test_a_plan_s_own_subscription_goes_before_the_default_one() -> None:
    settings = settings_from({"MUSTER_SUBSCRIPTION": "default"})
    assert settings.subscription_or_error("own") == "own"
    assert settings.subscription_or_error(None) == "default"
    with pytest.raises(SettingsError, match="MUSTER_SUBSCRIPTION"):
        settings_from({}).subscription_or_error(None)
