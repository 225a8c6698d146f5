"""`muster record`: what Azure answers is kept, and nobody's names are in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Running
from tests.rehearsal.plans import plan, tcp, write_plan
from tests.rehearsal.worlds import SOURCE, TARGET, VAULT

pytestmark = pytest.mark.rehearsal
NOT_A_TEST = ("unplanned", "planned", "commit", "cancel", "reprotect", "switch", "remove", "apply")


def record(bench: Bench, *args: str) -> Any:
    return Running(("record", str(bench.home / "rec"), *args), bench.environ(), bench.home).end()


def samples(bench: Bench) -> dict[str, Any]:
    files = sorted((bench.home / "rec" / "samples").glob("*.json"))
    return {file.stem.partition("_")[2]: json.loads(file.read_text()) for file in files}


def nobody_is_named(bench: Bench) -> None:
    text = "".join(f.read_text() for f in (bench.home / "rec" / "samples").glob("*.json")).lower()
    settings = bench.azure.settings
    names = (SOURCE, TARGET, VAULT, "sql1", "vnet-contact", *(settings[key] for key in SECRET))
    assert [name for name in names if name.lower() in text] == []
    assert "bearer" not in text.replace("bearer authorization_uri=", "")


SECRET = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "MUSTER_SUBSCRIPTION")


def test_first_contact_asks_while_the_copy_is_held_and_leaves_nothing(bench: Bench) -> None:
    file = write_plan(plan("contact", "sql1", checks=[tcp("sql1")]), bench.home)

    ended = record(bench, "--first-contact", str(file))

    assert ended.code == 0, ended
    assert "contact: drill PASSED" in ended.out
    (run,) = bench.runs()
    notes = bench.evidence(run).of("noted", what="request")
    assert [note["data"]["text"] for note in notes] == ["first contact ended the hold"]
    assert bench.before.left_behind() == []
    assert not (bench.home / "rec" / "raw").exists()
    nobody_is_named(bench)
    kept = samples(bench)
    location = kept["post_testfailover_202"]["response"]["headers"]["Location"]
    assert len(location) > 2500  # as long as it was, and nobody can poll with it
    assert re.search(r"&c=A{1900}&s=A{342}&", location)
    asked = dict(re.findall(r"^asked: ([^:]+): (.*)$", ended.out, re.MULTILINE))
    assert asked["A vault that is not there"] == "404 ResourceNotFound"
    assert asked["A second test failover, refused at once?"].startswith("202, then 200")
    assert asked["No api-version"] == "400 MissingApiVersionParameter"
    assert len(asked) >= 15


def test_no_question_of_first_contact_fails_over(bench: Bench) -> None:
    from muster.runs.probes import Held, probes

    held = Held("/subscriptions/s/resourceGroups/g/providers/p/vaults/v/x/y", "network", "copy")
    asked = list(probes(held))
    assert len(asked) >= 15
    for probe in asked:
        last = probe.path.rpartition("/")[2].lower()
        assert probe.method == "GET" or last in ("testfailover", "runcommand"), probe
        assert not last.startswith(NOT_A_TEST)
        if last == "testfailover" and isinstance(probe.body, dict):
            assert probe.body["properties"].get("networkId", held.network_id) == held.network_id


def test_any_command_can_be_recorded_and_its_exit_code_stays(bench: Bench) -> None:
    value = plan("kept", "sql1", vault={"resource_group": "rg-dr", "name": "rsv-nowhere"})
    file = write_plan(value, bench.home)
    ended = record(bench, "--keep-raw", "--", "drill", str(file), "--direct")
    assert ended.code == 1, ended
    raw = list((bench.home / "rec" / "raw").glob("*.json"))
    assert raw
    assert {one.stat().st_mode & 0o077 for one in raw} == {0}
    assert bench.azure.settings["AZURE_CLIENT_SECRET"] not in "".join(f.read_text() for f in raw)
    nobody_is_named(bench)


@pytest.mark.parametrize(
    ("args", "code"),
    [((), "REC-004"), (("--first-contact", "two"), "REC-003"), (("--", "check"), "REC-001")],
)
def test_what_cannot_be_recorded_is_said(bench: Bench, args: tuple[str, ...], code: str) -> None:
    file = write_plan(plan("two", "sql1", "web1", checks=[tcp("sql1")]), bench.home)
    ended = record(bench, *(str(file) if word == "two" else word for word in args))
    assert ended.code == 2, ended
    assert f"[{code}]" in ended.err
    assert not (bench.home / "rec" / "samples").exists()
    assert Path(bench.home).exists()
