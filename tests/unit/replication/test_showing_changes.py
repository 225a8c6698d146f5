"""`--plan-only` reads like a plan of infrastructure code, and as JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import replace

from muster.replication.change import Act, Change, FieldChange, Kind
from muster.replication.changes import compare
from muster.replication.counting import counted_acts, summary
from muster.replication.decided import decide_on
from muster.replication.judgement import judged
from muster.replication.outbound import OutboundFinding
from muster.replication.rendering import LEGEND, MARKS, STYLES, as_data, lines_of
from muster.replication.wanted import DiskWanted, Left
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, a_vm, small_plan

FIELD = FieldChange("size", "Standard_D2s_v5", None)
ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/cache"
CHANGES = (
    Change(Act.CREATE, Kind.VAULT, "rsv", "/v", "it is not there"),
    Change(Act.CREATE, Kind.RESOURCE, "cache", ACCOUNT, "cache of what is written"),
    Change(Act.CHANGE, Kind.VM, "db1", "/i", "it was resized", (FIELD,)),
    Change(Act.WAIT, Kind.VM, "db2", "/i", "it is not protected yet"),
    Change(Act.LEAVE, Kind.POLICY, "24-hour", "/p", "it is there"),
    Change(Act.REFUSE, Kind.DISKS, "web1", "/d", "a disk is gone", remedy="Start anew.",
           disks=(DiskWanted("/disk", "/cache", "/group"),)),
)  # fmt: skip
LEFT = (Left("app1", "pending", "its power state is stopped", "Start it."),)
TOLD = (("db1", judged("host-encryption")),)
BLOCKED = OutboundFinding("db1", "entra", "blocked", "Entra is denied", "/nsg", "Add a rule.",
                          "page", {"name": "r"}, "az network nsg rule create")  # fmt: skip


def texts(*parts, **named) -> list[str]:
    return [line.text for line in lines_of(*parts, **named)]


def test_what_is_to_know_of_many_vms_is_one_line() -> None:
    host, nvme = judged("host-encryption"), judged("nvme")
    told = (("db1", host), ("db2", nvme), ("db2", host), ("db1", host))
    lines = [one for one in texts((), (), told) if one.startswith("i ")]
    assert lines == [f"i db1, db2: {host.why}", f"i db2: {nvme.why}"]


def test_the_picture_shows_what_is_done_why_what_to_do_and_what_the_marks_say() -> None:
    assert texts(CHANGES, LEFT, TOLD) == [
        "+ vault rsv: it is not there",
        "+ storage account cache: cache of what is written",
        "~ protected item db1: it was resized",
        "    size: Standard_D2s_v5 -> nothing",
        ". protected item db2: it is not protected yet",
        "! disks of a protected item web1: a disk is gone",
        "    do: Start anew.",
        "o app1: pending: its power state is stopped",
        "    do: Start it.",
        "i db1: it has encryption at host, and its copies will not",
        "    do: Enable it on the copy after a failover.",
        "= replication policy 24-hour",
        "",
        *(f"  {mark} {LEGEND[mark]}" for mark in "+~.=!oi"),
        "",
        "2 to create, 1 to change, 1 under way, 1 as wanted, 1 refused, 1 VM left out.",
    ]


def test_no_mark_of_a_plan_of_infrastructure_code_means_something_else_here() -> None:
    """There, `-` is what is destroyed; a replicate destroys nothing."""
    assert "-" not in LEGEND
    assert set(MARKS.values()) <= set(LEGEND)
    assert not [text for text in texts(CHANGES, LEFT, TOLD, (BLOCKED,)) if text.startswith("-")]


def test_the_legend_explains_only_what_was_shown() -> None:
    shown = texts(CHANGES[:1])
    assert f"  + {LEGEND['+']}" in shown
    assert not [text for text in shown if text.startswith("  ~")]


def test_ways_out_are_shown_once_with_the_command_that_mends_them_and_counted() -> None:
    other = replace(BLOCKED, vm="web1")
    route = OutboundFinding("web1", "storage", "unknown", "goes to X", "/rt", "Look.", "page")
    shown = list(lines_of((), outbound=(BLOCKED, other, route)))
    assert [line.text for line in shown] == [
        "x db1, web1: Entra is denied",
        "    do: Add a rule.",
        "    az network nsg rule create",
        "? web1: goes to X",
        "    do: Look.",
        "",
        f"  x {LEGEND['x']}",
        f"  ? {LEGEND['?']}",
        "",
        "nothing to create or change, 2 VMs blocked on the way out.",
    ]
    assert shown[0].style != shown[3].style
    data = json.loads(json.dumps(as_data((), outbound=(BLOCKED,))))
    assert data["outbound"][0]["rule"] == {"name": "r"}
    assert data["blocked"] == ["db1"]


def test_a_region_of_restricted_access_is_told() -> None:
    plan = small_plan(target={"region": "koreasouth"})
    told = decide_on(plan, a_found()).told
    pairs = [(name, one.rule) for name, one in told if one.rule == "pair"]
    assert pairs == [("eastus to koreasouth", "pair")]
    assert "pair" not in [one.rule for _, one in decide_on(small_plan(), a_found()).told]


def test_a_vault_in_a_third_region_is_told_with_a_mark_of_its_own() -> None:
    vault = {"name": "rsv", "resource_group": "rg-dr", "region": "centralus"}
    decided = decide_on(small_plan(vault=vault), a_found())
    assert [name for name, one in decided.told if one.rule == "vault-region"] == ["rsv"]
    assert [text for text in texts((), (), decided.told) if text.startswith("i rsv: ")]
    change = next(one for one in decided.changes if one.kind is Kind.VAULT)
    assert change.why == "it is not there; it is made in centralus"


def test_the_vms_that_were_found_are_listed_with_size_system_and_disks() -> None:
    plan, found = small_plan(), a_found()
    first, *others = found.vms
    large = a_vm(first.name, data_disks=("Premium_LRS", "Premium_LRS"))
    off = replace(others[0], power="deallocated")
    decided = decide_on(plan, replace(found, vms=(large, off, *others[1:])))
    heading, *rows = texts((), listed=decided.listed)
    assert heading.split() == ["VM", "resource", "group", "size", "system", "disks", "becomes"]
    gib = sum(disk.size_gb or 0 for disk in large.disks)
    assert gib > 0
    row = next(row for row in rows if row.startswith(large.name))
    for part in (large.size, large.os_name or large.os, f"3, {gib} GiB", "to be replicated"):
        assert part in row
    assert "left out: pending" in next(row for row in rows if row.startswith(off.name))
    data = json.loads(json.dumps(as_data((), listed=decided.listed)))
    assert (data["vms"][0]["gib"], len(data["vms"][0]["disks"])) == (gib, 3)


def test_a_vm_to_be_replicated_names_its_disks_in_the_data() -> None:
    decided = decide_on(small_plan(), a_found())
    for one in as_data(decided.changes)["changes"]:
        assert bool(one["disks"]) is (one["kind"] == "protected item")


def test_a_policy_counts_in_hours_as_plans_do() -> None:
    shown = texts(decide_on(small_plan(), a_found()).changes)
    assert any("points kept 24h, app-consistent every 4h" in text for text in shown)


def test_many_things_left_alone_are_named_up_to_a_dozen() -> None:
    many = [Change(Act.LEAVE, Kind.VM, f"vm{n}", f"/{n}", "as wanted") for n in range(14)]
    shown = texts(many)[0]
    assert shown.startswith("= protected item vm0, vm1, ")
    assert shown.endswith("vm11 and 2 more")


def test_every_act_has_a_mark_and_a_style() -> None:
    assert set(MARKS) == set(STYLES) == set(Act)
    assert len(set(MARKS.values())) == len(Act)
    styles = {line.style for line in lines_of(CHANGES)}
    assert {STYLES[Act.CREATE], STYLES[Act.CHANGE], STYLES[Act.REFUSE]} <= styles


def test_the_data_is_json_and_counts_every_act() -> None:
    data = json.loads(json.dumps(as_data(CHANGES, LEFT, TOLD)))
    assert data["counts"] == {
        "create": 2, "change": 1, "under way": 1, "leave alone": 1, "refuse": 1,
    }  # fmt: skip
    assert data["nothing_to_do"] is False
    assert data["changes"][1]["kind"] == "storage account"
    assert data["changes"][2]["fields"] == [
        {"name": "size", "before": "Standard_D2s_v5", "after": None}
    ]
    assert data["changes"][5]["disks"] == ["/disk"]
    assert data["left"][0]["kind"] == "pending"
    assert data["told"][0]["rule"] == "host-encryption"


def test_a_vm_whose_settings_and_disks_change_is_one_thing_to_change() -> None:
    both = (CHANGES[2], Change(Act.CHANGE, Kind.DISKS, "db1", "/i", "a disk was added"))
    assert dict(counted_acts(both)) == {Act.CHANGE: 1}


def test_what_azure_is_at_is_not_as_wanted_yet() -> None:
    assert summary(CHANGES[3:4]) == "nothing to create or change, 1 under way."
    assert as_data(CHANGES[3:4])["nothing_to_do"] is False


def test_a_second_run_says_that_there_is_nothing_to_do() -> None:
    found = a_found()
    later = settled(work_out(small_plan(), found), found)
    changes = compare(work_out(small_plan(), later), later)
    assert summary(changes) == f"nothing to create or change, {len(changes)} as wanted."
    assert as_data(changes)["nothing_to_do"] is True
    shown = texts(changes)
    assert shown[0].startswith("= ")
    assert shown[-1] == summary(changes)
    assert texts(()) == ["nothing to create or change."]
