"""What a replicate run came to is told by thing and by VM: a VM and its settings are one thing."""

from __future__ import annotations

from muster.journal.events import EventKind
from muster.report.record import build_record
from muster.report.text import summary_text
from tests.unit.report.writer import BareWriter

ITEM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/items/db1"
CACHE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/cache"


def _node(kind: str, vm: str) -> dict:
    return {
        "id": f"{kind}:{vm}", "kind": kind, "subject": vm, "group": None, "needs": [], "after": [],
        "timeout": 60, "critical": True, "params": {}, "finaliser": False,
    }  # fmt: skip


def run_of(*made: tuple[str, str, str, str]) -> dict:
    """The record of a run that told these things: kind, name, id, how."""
    writer = BareWriter().open(operation="replicate", graph=[_node("protect", "db1")], left_out=[])
    writer.begin("protect:db1")
    for kind, name, arm_id, how in made:
        writer.observe("made", "protect:db1", kind=kind, name=name, id=arm_id, how=how, why="")
    writer.end("protect:db1")
    return build_record(writer.events)


def test_a_vm_whose_settings_changed_reads_changed_and_counts_once():
    record = run_of(
        ("storageAccounts", "cache", CACHE, "left alone"),
        ("protected item", "db1", ITEM, "left alone"),
        ("settings of", "db1", ITEM, "changed"),
    )
    told = record["replication"]
    assert told["counts"] == {"left alone": 1, "changed": 1}
    assert told["vms"][0]["how"] == "changed"
    assert any(line.endswith("changed") for line in summary_text(record) if "db1" in line)


def test_a_vm_that_was_created_reads_created_though_its_settings_were_changed_after():
    told = run_of(
        ("protected item", "db1", ITEM, "created"), ("settings of", "db1", ITEM, "changed")
    )["replication"]
    assert (told["counts"], told["vms"][0]["how"]) == ({"created": 1}, "created")


def test_resources_are_called_as_people_call_them():
    told = run_of(("storageAccounts", "cache", CACHE, "created"))["replication"]
    assert [one["kind"] for one in told["made"]] == ["storage account"]


def test_a_send_without_an_answer_is_named_and_a_refused_one_is_not():
    writer = BareWriter().open(operation="replicate", graph=[_node("protect", "db1")], left_out=[])
    writer.begin("protect:db1")
    writer.add(EventKind.INTENDED, "protect:db1", act="enable", subject=ITEM, request={})
    silent = build_record(writer.events)["replication"]["half_made"]
    assert [(one["kind"], one["name"], one["id"]) for one in silent] == [
        ("protected item", "db1", ITEM)
    ]
    assert "no answer is kept" in silent[0]["why"]
    writer.add(
        EventKind.NOTED, "protect:db1", what="refused", text="no", act="enable", subject=ITEM
    )
    assert build_record(writer.events)["replication"]["half_made"] == []


def test_a_failed_job_leaves_nothing_half_made_and_one_that_ended_unseen_does():
    def half(state: str) -> list:
        writer = BareWriter().open(operation="replicate", graph=[_node("protect", "db1")])
        writer.begin("protect:db1")
        job = "/vaults/v/replicationJobs/j1"
        writer.add(EventKind.ACCEPTED, "protect:db1", act="enable", subject=ITEM, job_id=job)
        writer.observe("job", "protect:db1", act="enable", vm="db1", asked_id=job, state=state)
        return build_record(writer.events)["replication"]["half_made"]

    assert half("Failed") == []
    assert "its job ended Succeeded (job j1)" in half("Succeeded")[0]["why"]
