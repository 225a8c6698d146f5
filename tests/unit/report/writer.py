"""Writes a chained journal by hand, event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from muster.journal.events import GENESIS, Event, EventKind, instant_text
from tests.unit.report.small_plan import graph, plan_raw

START = datetime(2026, 3, 1, 3, 0, 0, tzinfo=UTC)
SPEED = 60.0


@dataclass
class BareWriter:
    """Writes a chained journal while its clock is turned by hand."""

    now: datetime = START
    process: str = "worker-a:101"
    events: list[Event] = field(default_factory=list)

    def add(self, kind: EventKind, step: str | None = None, /, **data: Any) -> Event:
        prev = self.events[-1].digest() if self.events else GENESIS
        wall = START + (self.now - START) / SPEED
        mono = (self.now - START).total_seconds()
        event = Event(
            len(self.events) + 1, kind, self.now, wall, mono, self.process, step, data, prev
        )
        self.events.append(event)
        return event

    def wait(self, seconds: float) -> Self:
        self.now += timedelta(seconds=seconds)
        return self

    def open(self, **overrides: Any) -> Self:
        plan = overrides.pop("plan", None) or plan_raw()
        data: dict[str, Any] = {
            "run": "small-drill-000000000001",
            "plan": "small",
            "operation": "drill",
            "plan_digest": "sha256:" + "ab" * 32,
            "canonical": {"plan": plan},
            "parameters": {"reason": "monthly drill", "recovery_point": None},
            "requested_by": {"name": "sre@small.example", "via": "schedule"},
            "tool": {"name": "muster", "version": "0.1.0"},
            "target": "simulator",
            "arm_host": "localhost:8443",
            "clock": {"speed": SPEED, "epoch": START.timestamp()},
            "rehearsal": True,
            "register": {"number": 3, "previous_run": "small-drill-0", "previous_head": "cd" * 32},
            "graph": graph(),
            "left_out": [
                {"group": "web", "action": "runbook Switch-Traffic", "why": "touches production"}
            ],
        }
        self.add(EventKind.OPENED, **(data | overrides))
        self.add(EventKind.OWNER, epoch=1, host="worker-a", pid=101, why="opened")
        self.add(EventKind.STARTED, title="small: drill")
        return self

    def begin(self, step: str) -> Self:
        self.add(EventKind.STARTED, step, title=step)
        return self

    def end(self, step: str, status: str = "ok", **data: Any) -> Self:
        base = {"error": None, "why": "", "spent": {}, "facts": {}}
        self.add(EventKind.FINISHED, step, **(base | {"status": status} | data))
        return self

    def skip(self, why: str, *steps: str) -> Self:
        for step in steps:
            self.end(step, "skipped", why=why)
        return self

    def observe(self, what: str, step: str | None = None, /, **data: Any) -> Event:
        return self.add(EventKind.OBSERVED, step, what=what, **data)

    def check(self, step: str, check: str, title: str, kind: str, /, **data: Any) -> Event:
        vm = step.rpartition(".")[2]
        base = {
            "group": None,
            "vm": vm,
            "verdict": "passed",
            "required": True,
            "why": "",
            "remedy": None,
            "began": instant_text(self.now - timedelta(seconds=5)),
            "ended": instant_text(self.now),
            "evidence": {},
        }
        return self.add(
            EventKind.CHECKED, step, check=check, title=title, kind=kind, **(base | data)
        )
