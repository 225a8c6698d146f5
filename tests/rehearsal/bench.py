"""One test's place to drill in: an Azure, a journal, plans of its own, and the common verdict."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import jsonschema

from tests.rehearsal.arm_wire import Azure, Before
from tests.rehearsal.command import Ended, Evidence, Running, muster
from tests.rehearsal.onlooker import Onlooker
from tests.rehearsal.plans import write_plan
from tests.simulator_process import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "muster" / "report" / "record.schema.json").read_text())


class Bench:
    """Plans, journal and the view from outside of one test."""

    def __init__(self, azure: Azure, home: Path) -> None:
        self.azure = azure
        self.home = home
        self.journal = home / "evidence"
        self.operator: Onlooker = azure.as_operator()
        self.before = Before(self.operator)

    def environ(self, **more: str) -> dict[str, str]:
        return self.azure.environ(MUSTER_JOURNAL=str(self.journal), **more)

    def begin(self, plan: dict[str, Any], *args: str, **environ: str) -> Running:
        """Start `muster drill PLAN --direct --json`."""
        file = write_plan(plan, self.home)
        words = ("drill", str(file), "--direct", "--json", *args)
        return Running(words, self.environ(**environ), self.home)

    def drill(self, plan: dict[str, Any], *args: str, **environ: str) -> Ended:
        return self.begin(plan, *args, **environ).end()

    def muster(self, *args: str) -> Ended:
        """Any other command, against the same journal and Azure."""
        return muster(*args, environ=self.environ(), home=self.home)

    def evidence(self, run: str) -> Evidence:
        return Evidence(self.journal, run)

    def runs(self) -> list[str]:
        return sorted(one.name for one in (self.journal / "runs").glob("*"))

    def judge(
        self, ended: Ended, code: int, outcome: str, *, left: list[str] | None = None
    ) -> Any:
        """What holds for every run that was closed; answers its record.

        Args:
            ended: The command that closed it, with `--json`.
            code: Its exit code.
            outcome: `passed`, `failed` or `aborted`.
            left: What may have been left behind; by default nothing.
        """
        assert ended.code == code, ended
        told = ended.json()
        assert told["outcome"] == outcome, ended
        assert told["target"] == "simulator"
        evidence = self.evidence(told["run"])
        assert Path(told["evidence"]) == evidence.folder
        record = evidence.record()
        jsonschema.validate(record, SCHEMA)
        assert (record["state"], record["outcome"]) == ("closed", outcome)
        assert record["worked_out"] == outcome  # worked out again, the events say the same
        assert told["causes"] == record["causes"]
        verified = self.muster("verify", told["run"], "--json")
        assert verified.code == 0, verified
        assert verified.json()["ok"]
        assert verified.json()["signed"]
        assert self.before.left_behind() == (left or [])
        if not left:
            assert told["leftovers"] == [] == record["cleanup"]["left"]
        return record

    def report_says(self, record: dict[str, Any], *sentences: str) -> None:
        """The HTML report, as somebody reads it, holds each of them; and is marked."""
        page = self.evidence(record["run"]).report()
        read = _plain(html.unescape(re.sub(r"<[^>]+>", "", page)))
        assert "simulator" in read.lower()
        missing = [one for one in sentences if _plain(one) not in read]
        assert not missing, missing


def _plain(text: str) -> str:
    """Without what marks code, which a page shows in another type."""
    return " ".join(text.replace("`", "").split())


def cause_of(record: dict[str, Any], code: str) -> dict[str, Any]:
    """The one cause of that code."""
    found = [cause for cause in record["causes"] if cause["code"] == code]
    assert len(found) == 1, record["causes"]
    cause: dict[str, Any] = found[0]
    return cause
