"""Whatever a recording names, nobody reads it in what may be shown; its form stays."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.gateway.sanitise import GUID, Sanitiser

SUB = "8f2e41d7-0c55-4a8e-9a55-1f63f1d5c0aa"
GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-payroll"
VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/rsv-payroll"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/PAY01"
ITEM = (
    f"{VAULT}/replicationFabrics/asr-a2a-default-eastus/replicationProtectionContainers"
    "/asr-a2a-default-eastus-container/replicationProtectedItems/zma2S-dZyoVQ"
)
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-secret"


def cleaned(*values: object) -> str:
    sanitiser = Sanitiser(b"salt")
    for value in values:
        sanitiser.learn(value)
    return json.dumps([sanitiser.clean(value) for value in values])


def test_names_and_ids_are_gone_and_references_still_hold() -> None:
    text = cleaned(
        {"id": ITEM, "properties": {"fabricObjectId": VM.lower(), "friendlyName": "pay01"}},
        {"id": VM, "name": "PAY01", "message": "The virtual machine 'PAY01' was not found."},
    )
    for word in ("payroll", "pay01", "zma2S", SUB):
        assert word.casefold() not in text.casefold()
    (named,) = set(re.findall(r"(?<=friendlyName\": \")[^\"]+", text))
    assert text.count(named) == 5  # twice in ids, thrice by itself
    assert len(set(GUID.findall(text))) == 1


def test_what_is_azures_own_stays() -> None:
    mapping = f"{VAULT}/replicationFabrics/f1/replicationNetworks/azureNetwork"
    place = f"/subscriptions/{SUB}/providers/Microsoft.Compute/locations/eastus/operations/{SUB}"
    text = cleaned(
        {"id": ITEM, "networks": mapping, "url": place, "location": "eastus", "state": "None"},
        {"jobId": f"{VAULT}/replicationJobs/None", "zero": "00000000-0000-0000-0000-000000000000"},
    )
    for word in (
        "asr-a2a-default-eastus-container",
        "replicationNetworks/azureNetwork",
        "locations/eastus",
        '"location": "eastus"',
        '"state": "None"',
        "replicationJobs/None",
        "00000000-0000-0000-0000-000000000000",
        "Microsoft.RecoveryServices/vaults",
    ):
        assert word in text


def test_what_azure_adds_to_a_name_stays() -> None:
    text = cleaned({"id": VM}, {"id": f"{VM}-test", "disk": "PAY01-osdisk-ASRReplica"})
    assert re.search(r"virtualMachines/name-\w{8}-test", text)
    assert re.search(r"name-\w{8}-osdisk-ASRReplica", text)


def test_signatures_keep_their_length_alone() -> None:
    url = f"https://management.azure.com{VAULT}/x?api-version=2025-08-01&t=638&c=MIIab-_c&s=Zz&h=Q"
    text = cleaned({"headers": {"Location": url}})
    assert "api-version=2025-08-01&t=111&c=AAAAAAAA&s=AA&h=A" in text


def test_tags_people_addresses_and_outputs_are_gone() -> None:
    text = cleaned(
        {
            "tags": {"cost-centre": "4711"},
            "owner": "anna.muster@contoso.example",
            "publicIp": "52.174.34.95",
            "privateIPAddress": "10.1.0.4",
            "version": "9.62.7172.1",
            "mac": "00-0D-3A-AB-CD-EF",
            "instanceView": {"output": "balance 17", "exitCode": 0, "error": ""},
            "keyData": "ssh-rsa AAAA",
        }
    )
    for word in ("cost-centre", "4711", "anna", "52.174", "AB-CD", "balance", "ssh-rsa"):
        assert word not in text
    for word in ('"10.1.0.4"', "9.62.7172.1", '"exitCode": 0', '"error": ""', '"output": "rem'):
        assert word in text


@pytest.mark.parametrize("name", ["type", "id", "Protected", "location"])
def test_keys_are_facts_even_where_somebody_is_called_so(name: str) -> None:
    vm = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"
    sanitiser = Sanitiser(b"salt")
    sanitiser.learn({"id": vm})
    assert list(sanitiser.clean({"id": vm, "type": 1, "location": 2})) == [
        "id",
        "type",
        "location",
    ]


NAMES = st.from_regex(r"[a-z][a-z0-9_-]{2,12}[a-z0-9]", fullmatch=True)


@given(group=NAMES, vault=NAMES, item=NAMES, words=st.text(max_size=20))
def test_no_name_of_an_id_is_ever_left(group: str, vault: str, item: str, words: str) -> None:
    arm_id = (
        f"/subscriptions/{SUB}/resourceGroups/{group}/providers/Microsoft.RecoveryServices"
        f"/vaults/{vault}/replicationJobs/{item}"
    )
    sanitiser = Sanitiser(b"salt")
    value = {"id": arm_id, "message": f"{words} '{vault}' {item.upper()}"}
    sanitiser.learn(value)
    assert sanitiser.seen(sanitiser.clean(value)) == []
    assert sanitiser.seen(value)
