"""Settings alone tell Azure from a simulator, and a rehearsal from a drill."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from muster.errors import EXIT_BAD_INPUT, SettingsError
from muster.settings import settings_from

CERTIFICATE = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"


def test_without_any_variable_it_is_azure_itself(tmp_path: Path) -> None:
    settings = settings_from({}, home=tmp_path)
    assert (settings.target, settings.is_rehearsal) == ("azure", False)
    assert settings.arm_endpoint == "https://management.azure.com"
    assert settings.journal == tmp_path / "evidence"
    assert settings.signing_key == tmp_path / ".muster" / "keys" / "signing-key.pem"
    assert (settings.private_ca, settings.proxy) == (None, None)
    assert (settings.authority_host, settings.ca_file, settings.worker_proxy) == (None, None, None)


@pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        ("https://management.azure.com", "azure"),
        ("https://MANAGEMENT.azure.com/", "azure"),
        ("https://management.usgovcloudapi.net", "azure"),
        ("https://localhost:8443", "simulator"),
        ("https://management.azure.com:443", "azure"),
        ("https://management.azure.com:8443", "simulator"),
        ("https://management.azure.com.", "simulator"),
        ("https://management.azure.com.evil.example", "simulator"),
        ("https://127.0.0.1:8443", "simulator"),
        ("https://[::1]:8443", "simulator"),
    ],
)
def test_whatever_is_not_a_known_host_of_azure_is_a_simulator(endpoint: str, target: str) -> None:
    settings = settings_from({"MUSTER_ARM_ENDPOINT": endpoint})
    assert settings.target == target
    assert settings.is_rehearsal == (target == "simulator")


@pytest.mark.parametrize(
    "more",
    [
        *("u:hunter2@management.azure.com", "management.azure.com/evil", "management.azure.com?x"),
        *("management.azure.com#x", "management.azure.com\\@127.0.0.1", "localhost\t:1"),
        *("management.azure.com@evil.example", "evil.example/management.azure.com", "h/?x=@a"),
    ],
)
def test_an_endpoint_that_says_more_than_host_and_port_is_refused(more: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from({"MUSTER_ARM_ENDPOINT": f"https://{more}"})
    assert caught.value.shown_code == "SET-006"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint", ["https://h:hunter2", "https://h:99999", "https://[h", "u:hunter2@h"]
)
def test_an_endpoint_that_cannot_be_read_is_not_repeated(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="MUSTER_ARM_ENDPOINT") as caught:
        settings_from({"MUSTER_ARM_ENDPOINT": endpoint})
    assert "hunter2" not in str(caught.value)
    assert "99999" not in str(caught.value)


@pytest.mark.parametrize(
    ("authority", "target"),
    [
        ("https://login.microsoftonline.com", "azure"),
        ("https://login.microsoftonline.com/", "azure"),
        ("login.microsoftonline.us", "azure"),
        ("https://login.partner.microsoftonline.cn", "azure"),
        ("https://127.0.0.1:8443", "simulator"),
        ("https://login.microsoftonline.com:8443", "simulator"),
        ("https://login.microsoftonline.com@127.0.0.1", "simulator"),
        ("https://login.microsoftonline.com/evil", "simulator"),
        ("https://login.microsoftonline.com.evil.example", "simulator"),
        ("", "azure"),
    ],
)
def test_with_an_authority_that_is_not_microsofts_it_is_a_simulator(
    authority: str, target: str
) -> None:
    assert settings_from({"AZURE_AUTHORITY_HOST": authority}).target == target


def test_the_faults_of_a_simulator_are_known_by_their_ids() -> None:
    simulator = {"MUSTER_ARM_ENDPOINT": "https://localhost:1"}
    assert settings_from(simulator).faults == ()
    assert settings_from({**simulator, "MUSTER_SIMULATOR_FAULTS": ""}).faults == ()
    named = {"MUSTER_SIMULATOR_FAULTS": "F3,bad-day"}
    assert settings_from(simulator | named).faults == ("F3", "bad-day")
    assert settings_from(named).faults == ()  # Azure takes no orders to fail


@pytest.mark.parametrize("text", [",", "F3,", "F3, storm", "<b>", "a\nb"])
def test_faults_that_the_simulator_cannot_have_written_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="MUSTER_SIMULATOR_FAULTS") as caught:
        settings_from(
            {"MUSTER_ARM_ENDPOINT": "https://localhost:1", "MUSTER_SIMULATOR_FAULTS": text}
        )
    assert caught.value.shown_code == "SET-009"


def test_azure_cannot_be_hurried() -> None:
    with pytest.raises(SettingsError, match="60 times") as caught:
        settings_from({"MUSTER_CLOCK": "1767225600,60"})
    assert caught.value.shown_code == "SET-007"
    assert not settings_from({"MUSTER_CLOCK": "1767225600,1"}).is_rehearsal
    simulator = {"MUSTER_ARM_ENDPOINT": "https://localhost:1", "MUSTER_CLOCK": "0,60"}
    assert settings_from(simulator).clock.speed == 60


@pytest.mark.parametrize("name", ["MUSTER_CA_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_a_certificate_authority_of_ones_own_is_kept_by_its_fingerprint(
    tmp_path: Path, name: str
) -> None:
    one = tmp_path / "ca" / "one.pem"
    one.parent.mkdir()
    one.write_text(CERTIFICATE)
    place = one.parent if name.endswith("DIR") else one
    settings = settings_from({name: str(place)})
    assert settings.target == "azure"
    assert settings.private_ca == f"sha256:{hashlib.sha256(b'hello').hexdigest()}"
    one.write_text("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----")
    assert str(settings_from({name: str(place)}).private_ca) != settings.private_ca


def test_the_systems_own_certificates_are_not_private_and_a_missing_file_is_not_trusted() -> None:
    system = {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
    assert settings_from(system).private_ca is None
    assert settings_from({"SSL_CERT_FILE": "/nowhere/ca.pem"}).private_ca == "unreadable"


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({"HTTPS_PROXY": "http://u:hunter2@proxy.example:3128"}, "proxy.example"),
        ({"https_proxy": "proxy.example:3128"}, "proxy.example"),
        ({"ALL_PROXY": "socks5h://proxy.example"}, "proxy.example"),
        ({"HTTPS_PROXY": "http://[proxy"}, "unknown"),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": ".azure.com"}, None),
        ({"HTTP_PROXY": "http://proxy.example"}, None),
        ({"HTTPS_PROXY": "http://p", "MUSTER_ARM_ENDPOINT": "https://localhost:1"}, None),
    ],
)
def test_of_a_proxy_in_front_of_azure_the_host_alone_is_kept(
    variables: dict[str, str], host: str | None
) -> None:
    assert settings_from(variables).proxy == host


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


def test_the_key_never_lies_beside_what_it_signs(tmp_path: Path) -> None:
    settings = settings_from({"MUSTER_JOURNAL": str(tmp_path / "e")}, home=tmp_path / "checkout")
    assert settings.signing_key == tmp_path / "checkout" / ".muster" / "keys" / "signing-key.pem"


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
