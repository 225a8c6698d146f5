"""Commands that look at runs: a journal with an open and a closed one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.manifest import write_manifest
from muster.journal.stores import DirectoryStore
from tests.fakes.clock import VirtualClock
from tests.unit.cli.conftest import Muster
from tests.unit.journal.runs import a_signer, closed_run

SIGNER = a_signer()
OPEN, CLOSED = "small-drill-000000000002", "small-drill-000000000001"


@pytest.fixture
def journal(checkout: Path) -> Path:
    """Two runs in the checkout's evidence: one closed, one with a question open."""
    store = DirectoryStore(checkout / "evidence")

    async def write() -> None:
        clock = VirtualClock()
        node = {
            "id": "preflight", "kind": "preflight", "subject": "small", "group": None,
            "needs": [], "after": [], "timeout": 600, "critical": True, "params": {},
            "finaliser": False,
        }  # fmt: skip
        opened = {"target": "simulator", "graph": [node]}
        for run in (CLOSED, OPEN):
            one = await Journal.open_run(
                store, clock, run=run, plan="small", operation="drill", opened=opened
            )
            await one.append(EventKind.STARTED, {})
            await one.append(EventKind.STARTED, {"title": "preflight"}, step="preflight")
            if run == CLOSED:
                end = {"outcome": "aborted", "causes": [], "leftovers": [], "exit_code": 5}
                await one.close(end, SIGNER)
                write_manifest(store, run, SIGNER)
            else:
                asked = {
                    "question": "q-1", "ask": "Go on?", "deadline": "2026-01-01T04:00:00Z",
                    "otherwise": "abort", "answers": ["continue", "abort"],
                }  # fmt: skip
                await one.append(EventKind.ASKED, asked, step="preflight")
                late = "answer by ana was not followed: it came too late"
                note = {"what": "request", "text": late, "message": "x", "followed": False}
                await one.append(EventKind.NOTED, note, step="preflight")

    asyncio.run(write())
    return checkout / "evidence"


@pytest.mark.usefixtures("journal")
def test_status_lists_the_runs(muster: Muster) -> None:
    said = muster("status")
    assert said.code == 0
    rows = {line.split()[0]: line for line in said.out.splitlines()}
    assert rows[CLOSED].endswith("aborted")
    assert "open" in rows[OPEN]
    listed = json.loads(muster("status", "--json").out)
    assert [line["run"] for line in listed["runs"]] == [CLOSED, OPEN]


def test_status_names_what_is_broken_shows_the_rest_and_does_not_end_with_0(
    journal: Path, muster: Muster
) -> None:
    store = DirectoryStore(journal)
    asyncio.run(closed_run(store, SIGNER, run="other-drill-1", plan="other"))
    (journal / "plans" / "small" / "000001.json").write_text("{", encoding="utf-8")
    (journal / "runs" / "other-drill-1" / "head.json").unlink()
    said = muster("status", "--offline")
    assert said.code == 1
    rows = {line.split()[0]: line for line in reversed(said.out.splitlines()) if line}
    assert "VER-040" in rows["plans/small/000001.json"]
    assert "open" in rows[OPEN]
    assert "signed head is missing" in rows["other-drill-1"]
    assert "contoso-erp" in rows


@pytest.mark.usefixtures("journal")
def test_status_of_an_open_run_says_how_to_answer_and_how_to_go_on(muster: Muster) -> None:
    said = muster("status", OPEN)
    assert said.code == 0
    assert "Go on?" in said.out
    assert f"muster answer {OPEN} q-1 continue" in said.out
    assert f"muster cleanup {OPEN}" in said.out
    found = json.loads(muster("status", OPEN, "--json").out)
    assert found["steps"][0]["status"] == "running"


def test_status_of_an_open_replication_says_that_it_is_gone_on_with(
    checkout: Path, muster: Muster
) -> None:
    run = "small-replicate-000000000003"
    opening = Journal.open_run(
        DirectoryStore(checkout / "evidence"), VirtualClock(), run=run, plan="small",
        operation="replicate",
        opened={"target": "simulator", "graph": [], "plan": "small", "operation": "replicate"},
    )  # fmt: skip
    asyncio.run(opening)
    assert "muster replicate small goes on with it" in muster("status", run).out
    note = checkout / ".muster" / "rehearsal" / "kept" / f"{run}.json"
    note.parent.mkdir(parents=True)
    note.write_text("{}", encoding="utf-8")
    assert "muster replicate small --rehearse goes on" in muster("status", run).out


@pytest.mark.usefixtures("journal")
def test_status_names_answers_that_were_not_followed(muster: Muster) -> None:
    said = muster("status", OPEN)
    assert "answer by ana was not followed: it came too late" in said.out
    found = json.loads(muster("status", OPEN, "--json").out)
    assert [line["text"] for line in found["not_followed"]] == [
        "answer by ana was not followed: it came too late"
    ]


@pytest.mark.usefixtures("checkout")
def test_status_of_every_plan_says_what_is_known_without_azure(muster: Muster) -> None:
    found = {one["plan"]: one for one in json.loads(muster("status", "--json").out)["plans"]}
    erp = found["contoso-erp"]
    assert (erp["vms"], erp["protected"], erp["rpo_seconds"]) == (7, None, None)
    assert "MUSTER_SUBSCRIPTION" in erp["unknown"]
    assert (erp["last_drill"], erp["changed_since"]) == (None, None)
    assert erp["next_drill"]
    said = muster("status", "--offline").out
    assert "not known of 7" in said
    assert "contoso-erp: Azure was not asked" in said


def test_a_plan_that_does_not_load_is_named_beside_the_others(
    muster: Muster, checkout: Path
) -> None:
    (checkout / "recovery_plans" / "broken.yaml").write_text("plan: [")
    said = muster("status", "--offline")
    assert said.code == 2
    assert "broken.yaml: does not load" in said.out
    assert "contoso-erp" in said.out


@pytest.mark.usefixtures("checkout")
def test_an_empty_journal_is_no_error(muster: Muster) -> None:
    assert "No runs in" in muster("status", "--offline").out
    assert json.loads(muster("status", "--json").out)["runs"] == []


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    "args",
    [
        ("status", "nowhere-drill-1"),
        ("report", "nowhere-drill-1"),
        ("verify", "nowhere-drill-1"),
        ("cleanup", "nowhere-drill-1"),
        ("answer", "nowhere-drill-1", "q", "continue", "--by", "ana"),
    ],
)
def test_a_run_that_is_not_there_is_bad_input(args: tuple[str, ...], muster: Muster) -> None:
    said = muster(*args)
    assert said.code == 2
    assert "[JRN-004]" in said.err


def test_an_answer_lies_in_the_inbox(journal: Path, muster: Muster) -> None:
    said = muster("answer", OPEN, "q-1", "continue", "--by", "ana", "--comment", "looks right")
    assert said.code == 0
    (message,) = (journal / "runs" / OPEN / "inbox").glob("*.json")
    dropped = json.loads(message.read_text())
    assert (dropped["kind"], dropped["question"], dropped["answer"]) == (
        "answer",
        "q-1",
        "continue",
    )
    assert (dropped["by"], dropped["via"], dropped["comment"]) == ("ana", "cli", "looks right")


def test_a_release_ends_a_hold(journal: Path, muster: Muster) -> None:
    assert muster("answer", OPEN, "hold", "release", "--by", "ana").code == 0
    (message,) = (journal / "runs" / OPEN / "inbox").glob("*.json")
    assert json.loads(message.read_text())["kind"] == "release"


@pytest.mark.usefixtures("journal")
def test_an_answer_that_is_none_is_refused(muster: Muster) -> None:
    said = muster("answer", OPEN, "q-1", "perhaps", "--by", "ana")
    assert said.code == 2
    assert "continue, abort, release" in said.err


@pytest.mark.usefixtures("journal")
def test_a_closed_run_takes_no_cleanup(muster: Muster) -> None:
    muster("cleanup", CLOSED)  # nobody had signed it: that much is left to do
    said = muster("cleanup", CLOSED)
    assert said.code == 2
    assert "[JRN-003]" in said.err


@pytest.mark.usefixtures("journal")
def test_a_report_is_written_again(muster: Muster, journal: Path) -> None:
    said = muster("report", OPEN)
    assert said.code == 0, said.err
    record, page = said.out.splitlines()
    assert json.loads(Path(record).read_text())["run"] == OPEN
    assert Path(page).parent == journal / "runs" / OPEN


def test_a_changed_byte_is_named_and_exits_1(journal: Path, muster: Muster) -> None:
    assert muster("verify", OPEN).code == 0
    folder = journal / "runs" / OPEN
    segment = min(folder.glob("[0-9]*.jsonl"))  # the end of an open run cannot be vouched for
    segment.write_bytes(segment.read_bytes().replace(b"simulator", b"simulated"))
    said = muster("verify", OPEN)
    assert said.code == 1
    assert segment.name in said.out
    assert "NOT verified" in said.out
    found = json.loads(muster("verify", str(folder), "--json").out)
    assert found["ok"] is False
