"""What people read of a replication that was left in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from muster.cli.summary import is_clean
from muster.replication.state_words import vm_words
from muster.report.markdown import report_markdown, timeline_markdown
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.stepruns import step_runs
from muster.report.text import summary_text
from muster.report.timeline_svg import timeline_svg
from tests.unit.report import journals

ITEM = (
    "/subscriptions/e6772624/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults/v"
    "/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/sql2"
)


def vm(name: str, *, state: str | None = None, asked_at: str | None = None) -> dict[str, Any]:
    return {
        "vm": name, "group": "database", "item_id": None, "state": state, "how": None,
        "settings": None, "looked_at": False, "to_go": False, "asked_at": asked_at,
        "protected_at": None, "seconds_to_protected": None, "unwatched_seconds": None,
        "history": [], "error": None, "evidence": [],
    }  # fmt: skip


def left_in_the_middle(operation: str = "replicate", outcome: str = "aborted") -> dict[str, Any]:
    vms = [vm("sql1", asked_at="2026-01-01T03:00:00Z"), vm("sql2")]
    message = f"enable of {ITEM} was not started: stopped by SIGINT"
    cause = {"code": "RUN-005", "message": message, "step": "protect:sql2", "hint": "h"}
    told = {
        "vms": vms,
        "made": [],
        "counts": {},
        "changes": [],
        "left": [],
        "half_made": [],
        "taken": 1,
        "outbound": [],
        "evidence": [],
    }
    return {
        **build_record(journals.passed_drill()),
        "operation": operation, "outcome": outcome, "replication": told, "causes": [cause],
    }  # fmt: skip


def begun() -> dict[str, Any]:
    """The same with a timeline: the fabrics were made, and sql1 was being protected."""
    first = step("preflight", "contoso-erp", 0, 1)
    steps = [first, step("fabrics", "contoso-erp", 1, 3), step("protect:sql1", "sql1", 2, 30)]
    groups = [{"name": "database", "vms": ["sql1", "sql2"], "needs": []}]
    record = left_in_the_middle()
    record["replication"]["vms"][0]["seconds_to_protected"] = 1680
    return {**record, "steps": steps, "groups": groups, "critical_path": []}


def step(name: str, subject: str, began: int, until: int) -> dict[str, Any]:
    """A step of the record, with the minutes it took."""
    kind, _, vm = name.partition(":")
    times = {"began": f"2026-01-01T03:{began:02}:00Z", "until": f"2026-01-01T03:{until:02}:00Z"}
    return {
        "id": name, "kind": kind, "subject": subject, "group": None, "vm": vm or None,
        "tries": [{**times, "status": "ok"}],
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["protect", "settle", "disable"])
def test_what_replicates_a_vm_belongs_to_that_vm(kind: str) -> None:
    node = {"id": f"{kind}:sql1", "kind": kind, "subject": "sql1", "params": {}}
    (run,) = step_runs([], [node], lambda _: None).values()
    assert run.vm == "sql1"


def test_the_timeline_of_a_replication_has_its_steps() -> None:
    text = timeline_markdown(begun())
    rows = {line.split(" | ")[1]: line for line in text.splitlines() if line.startswith("| ")}
    assert "▪" in rows["preflight"]
    assert "▪▪" in rows["fabrics"]
    assert "█████" in rows["sql1"]
    assert rows["sql1"].endswith("| 28 min |")
    assert "first copy" in text
    assert "boot" not in text
    picture = timeline_svg(begun())
    assert "replication, first copy" in picture
    assert "critical path" not in picture


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (vm("a"), "not begun"),
        ({**vm("a"), "error": {"code": "STEP-051"}}, "left as it is"),
        ({**vm("a"), "to_go": True}, "not begun"),
        ({**vm("a"), "to_go": True, "how": "removed", "state": "Protected"}, "not replicated"),
        ({**vm("a", state="Protected"), "to_go": True, "looked_at": True}, "stays Protected"),
        ({**vm("a", state="DisablingProtection"), "to_go": True}, "being disabled"),
        ({**vm("a"), "to_go": True, "looked_at": True}, "not seen to be gone"),
        ({**vm("a"), "looked_at": True}, "not replicated"),
        (vm("a", asked_at="2026-01-01T03:00:00Z"), "asked for, not followed"),
        (vm("a", asked_at="2026-01-01T03:00:00Z", state="Protected"), "Protected"),
    ],
)
def test_what_azure_was_asked_for_is_not_called_undone(one: dict[str, Any], words: str) -> None:
    assert vm_words(one) == words


def test_every_form_of_the_report_uses_these_words() -> None:
    record = left_in_the_middle()
    told = ("\n".join(summary_text(record)), report_markdown(record), render_html(record))
    for text in told:
        assert "asked for, not followed" in text


def test_the_copys_percentage_is_not_shown_once_it_is_over() -> None:
    """Azure says 0 of a VM that is protected, which reads as if nothing had been copied."""
    record = left_in_the_middle()
    told = [("InitialReplicationInProgress", 95.0), ("Protected", 0.0)]
    record["replication"]["vms"][0]["history"] = [
        {"at": "2026-01-01T03:20:00Z", "state": state, "percent": percent, "evidence": [9]}
        for state, percent in told
    ]
    page = render_html(record)
    assert "first copy under way, 95 %" in page
    assert "Protected, 0 %" not in page


def test_the_summary_says_what_becomes_of_it() -> None:
    text = "\n".join(summary_text(left_in_the_middle()))
    assert "nothing is removed" in text
    assert "`muster replicate small` finds it" in text
    passed = "\n".join(summary_text(left_in_the_middle(outcome="passed")))
    assert "nothing is removed" not in passed
    disabled = "\n".join(summary_text(left_in_the_middle(operation="disable")))
    assert "nothing is removed" not in disabled


def test_where_azure_was_asked_nothing_nobody_is_told_that_it_goes_on() -> None:
    record = left_in_the_middle(outcome="failed")
    record["replication"]["vms"] = [vm("sql1"), vm("sql2")]
    record["replication"]["taken"] = 0
    refused = {"kind": "fabric", "name": "f", "id": "/f", "how": "not made", "why": "AZ-403"}
    record["replication"]["made"] = [
        {**refused, "evidence": [4]},
        {
            "kind": "vault",
            "name": "rsv",
            "id": "/v",
            "how": "left alone",
            "why": "",
            "evidence": [3],
        },
    ]
    text = "\n".join(summary_text(record))
    assert "everything: Azure took no change from this run" in text
    assert "goes on there" not in text
    record["replication"]["made"][1]["how"] = "created"
    assert "goes on there" in "\n".join(summary_text(record))


def test_a_time_in_which_nobody_looked_is_no_time_of_azures() -> None:
    record = left_in_the_middle(outcome="passed")
    one = {**vm("sql1", state="Protected"), "how": "created", "seconds_to_protected": 5340.0}
    record["replication"]["vms"] = [{**one, "unwatched_seconds": 3720.0}, {**one, "vm": "sql2"}]
    text = "\n".join(summary_text(record))
    assert "protected after 1 h 29 min at most (nobody looked for 1 h 02 min)" in text
    assert text.count("at most") == 1
    assert report_markdown(record).count("1 h 29 min at most") == 1
    assert render_html(record).count("at most") == 1


def test_an_id_does_not_hide_its_sentence_on_a_terminal_and_stands_in_the_report() -> None:
    record = left_in_the_middle()
    line = next(line for line in summary_text(record) if line.startswith("Why"))
    assert line.endswith(
        "enable of …/replicationProtectedItems/sql2 was not started: stopped by SIGINT"
    )
    assert ITEM in render_html(record)


def test_a_replication_is_cleaned_up_once_it_is_closed() -> None:
    record = left_in_the_middle(outcome="failed")
    record["cleanup"] = {"proven": False, "acted": True, "leftovers": []}
    assert is_clean(record)
    assert not is_clean({**record, "state": "open"})
    assert not is_clean({**record, "replication": None})


def test_what_was_removed_or_left_alone_is_not_headed_as_made() -> None:
    record = begun()
    record["replication"]["counts"] = {"removed": 5, "left alone": 2}
    assert "Things         5 removed, 2 left alone" in summary_text(record)
    assert "Things: 5 removed, 2 left alone" in report_markdown(record)
