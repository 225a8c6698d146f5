"""What stands under a name that Site Recovery would give is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from .asked import COMPUTE, NETWORK, nic, vm
from .item_rules import WEB, kept
from .life import failover_body
from .still_world import StillWorld
from .test_taking_back import TEST

DISK = {
    "location": "westus2",
    "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
}
NICS, DISKS = f"{NETWORK}/networkInterfaces", f"{COMPUTE}/disks"


def taken(path: str) -> StillWorld:
    """A world in which somebody has a NIC of that name in a VM of theirs, or a disk."""
    still = StillWorld()
    assert still.answer("PUT", path, nic() if NICS in path else DISK).status in (201, 202)
    still.settle()
    if NICS in path:
        assert still.answer("PUT", f"{COMPUTE}/virtualMachines/mine", vm(path)).status == 201
        still.settle()
    return still


@pytest.mark.parametrize(
    ("verb", "body", "path"),
    [
        ("testFailover", TEST, f"{NICS}/web1-nic-test"),
        ("testFailover", TEST, f"{DISKS}/web1-osdisk-ASRtest"),
        ("unplannedFailover", failover_body(), f"{NICS}/web1-nic"),
        ("unplannedFailover", failover_body(), f"{DISKS}/web1-osdisk"),
    ],
)
def test_a_failover_does_not_take_it(verb: str, body: Any, path: str) -> None:
    still = taken(path)
    before = still.get(path)
    job = still.job_of(still.ask("POST", f"{WEB}/{verb}", body))
    still.settle()
    message = job["fails"]["error"]["serviceErrorDetails"]["message"]
    assert path.rpartition("/")[2] in message
    assert "is there already" in message
    assert still.get(path) == before
    made = f"{COMPUTE}/virtualMachines/web1{'-test' if verb == 'testFailover' else ''}"
    assert still.ask("GET", made).status == 404
    other = NICS if DISKS in path else DISKS
    assert not [row for row in still.get(other)["value"] if row["name"].startswith("web1-nic")]
    item = kept(still)
    assert (item["test"]["phase"], item["failover"]["vm"]) == ("none", None)


@pytest.mark.parametrize(("verb", "word"), [("testFailover", "tfo"), ("unplannedFailover", "")])
def test_a_nic_that_shall_be_reused_is(verb: str, word: str) -> None:
    still = StillWorld()
    still.answer("PUT", f"{NICS}/given", nic())
    still.settle()
    guid = still.get(WEB)["properties"]["providerSpecificDetails"]["vmNics"][0]["nicId"]
    chosen = (
        {"tfoNicName": "given", "tfoReuseExistingNic": True} if word
        else {"recoveryNicName": "given", "reuseExistingNic": True}
    )  # fmt: skip
    still.ask("PATCH", WEB, {"vmNics": [{"nicId": guid} | chosen]})
    still.settle()
    body = TEST if word else failover_body()
    job = still.job_of(still.ask("POST", f"{WEB}/{verb}", body))
    still.settle()
    assert not job["fails"]
    holder = still.get(f"{NICS}/given")["properties"]["virtualMachine"]["id"]
    assert holder.rpartition("/")[2].startswith("web1")
    undo, given = ("testFailoverCleanup", {}) if word else ("failoverCancel", None)
    still.ask("POST", f"{WEB}/{undo}", given)
    still.settle()
    assert "virtualMachine" not in still.get(f"{NICS}/given")["properties"]  # and stays
