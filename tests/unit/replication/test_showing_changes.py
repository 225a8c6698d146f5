"""`--plan-only` reads like a plan of infrastructure code, and as JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import replace

from muster.replication.change import Act, Change, FieldChange, Kind
from muster.replication.changes import compare
from muster.replication.decided import decide_on
from muster.replication.judgement import judged
from muster.replication.outbound import OutboundFinding
from muster.replication.rendering import MARKS, STYLES, as_data, lines_of, summary
from muster.replication.wanted import DiskWanted, Left
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, small_plan

FIELD = FieldChange("size", "Standard_D2s_v5", None)
CHANGES = (
    Change(Act.CREATE, Kind.VAULT, "rsv", "/v", "it is not there"),
    Change(Act.CHANGE, Kind.VM, "db1", "/i", "it was resized", (FIELD,)),
    Change(Act.LEAVE, Kind.POLICY, "24-hour", "/p", "it is there"),
    Change(Act.REFUSE, Kind.DISKS, "web1", "/d", "a disk is gone", remedy="Start anew.",
           disks=(DiskWanted("/disk", "/cache", "/group"),)),
)  # fmt: skip
LEFT = (Left("app1", "pending", "its power state is stopped", "Start it."),)
TOLD = (("db1", judged("host-encryption")),)


def test_the_picture_shows_what_is_done_why_and_what_to_do() -> None:
    assert [line.text for line in lines_of(CHANGES, LEFT, TOLD)] == [
        "+ vault rsv: it is not there",
        "~ protected item db1: it was resized",
        "    size: Standard_D2s_v5 -> nothing",
        "! disks of a protected item web1: a disk is gone",
        "    do: Start anew.",
        "- app1: pending: its power state is stopped",
        "    do: Start it.",
        "i db1: it has encryption at host, and its copies will not",
        "",
        "1 to create, 1 to change, 1 as wanted, 1 refused, 1 VM not replicated.",
    ]


def test_ways_out_are_shown_once_with_the_command_that_mends_them() -> None:
    finding = OutboundFinding("db1", "entra", "blocked", "Entra is denied", "/nsg", "Add a rule.",
                              "page", {"name": "r"}, "az network nsg rule create")  # fmt: skip
    other = replace(finding, vm="web1")
    route = OutboundFinding("web1", "storage", "unknown", "goes to X", "/rt", "Look.", "page")
    shown = list(lines_of((), outbound=(finding, other, route)))
    assert [line.text for line in shown[:-2]] == [
        "x db1, web1: Entra is denied",
        "    do: Add a rule.",
        "    az network nsg rule create",
        "x web1: goes to X",
        "    do: Look.",
    ]
    assert shown[0].style != shown[3].style
    data = json.loads(json.dumps(as_data((), outbound=(finding,))))
    assert data["outbound"][0]["rule"] == {"name": "r"}


def test_a_region_of_restricted_access_is_told() -> None:
    plan = small_plan(target={"region": "koreasouth"})
    told = decide_on(plan, a_found()).told
    pairs = [(name, one.rule) for name, one in told if one.rule == "pair"]
    assert pairs == [("eastus to koreasouth", "pair")]
    assert "pair" not in [one.rule for _, one in decide_on(small_plan(), a_found()).told]


def test_what_is_left_alone_is_shown_when_asked() -> None:
    shown = [line.text for line in lines_of(CHANGES, unchanged=True)]
    assert "  replication policy 24-hour: it is there" in shown
    assert len(shown) == len(list(lines_of(CHANGES))) + 1


def test_every_act_has_a_mark_and_a_style() -> None:
    assert set(MARKS) == set(STYLES) == set(Act)
    assert len(set(MARKS.values())) == len(Act)
    styles = {line.style for line in lines_of(CHANGES)}
    assert {STYLES[Act.CREATE], STYLES[Act.CHANGE], STYLES[Act.REFUSE]} <= styles


def test_the_data_is_json_and_counts_every_act() -> None:
    data = json.loads(json.dumps(as_data(CHANGES, LEFT, TOLD)))
    assert data["counts"] == {"create": 1, "change": 1, "leave alone": 1, "refuse": 1}
    assert data["nothing_to_do"] is False
    assert data["changes"][1]["fields"] == [
        {"name": "size", "before": "Standard_D2s_v5", "after": None}
    ]
    assert data["changes"][3]["disks"] == ["/disk"]
    assert data["left"][0]["kind"] == "pending"
    assert data["told"][0]["rule"] == "host-encryption"


def test_a_second_run_says_that_there_is_nothing_to_do() -> None:
    found = a_found()
    later = settled(work_out(small_plan(), found), found)
    changes = compare(work_out(small_plan(), later), later)
    assert summary(changes) == f"nothing to create or change, {len(changes)} as wanted."
    assert as_data(changes)["nothing_to_do"] is True
    assert [line.text for line in lines_of(changes)] == ["", summary(changes)]
