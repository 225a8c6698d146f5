"""One Azure, however its address is spelt."""

from __future__ import annotations

import pytest

from muster.runs.place import address_of, differences
from muster.settings import settings_from


def at(arm_endpoint: str) -> dict[str, object]:
    return address_of(settings_from({"MUSTER_ARM_ENDPOINT": arm_endpoint}))


@pytest.mark.parametrize(
    "spelt",
    [
        "https://management.azure.com:443",
        "https://management.azure.com/",
        "https://MANAGEMENT.azure.com.",
    ],
)
def test_an_address_that_is_spelt_otherwise_is_the_same_place(spelt):
    usual = at("https://management.azure.com")
    assert list(differences(at(spelt), usual, target="azure")) == []
    pinned = {**usual, "arm_host": spelt.removeprefix("https://")}  # as it was pinned before
    assert list(differences(pinned, usual, target="azure")) == []


@pytest.mark.parametrize(
    "other", ["https://management.azure.com:8443", "https://management.chinacloudapi.cn"]
)
def test_another_host_or_port_is_another_place(other):
    usual = at("https://management.azure.com")
    assert len(list(differences(at(other), usual, target="azure"))) == 1
