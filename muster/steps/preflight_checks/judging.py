"""All checks of an operation judged at once, and what may go on in spite of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muster.checks.verdict import Verdict
from muster.errors import PreflightFailed
from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import PreflightCheck, Severity
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.not_set_up import REMEDY, lacks_of
from muster.steps.preflight_checks.overriding import Override, require_overridable

_CLEANUP = "`muster cleanup RUN`"
_COMMAND = re.compile(r"(\bmuster [a-z]+) PLAN\b")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One check as it was judged for one operation."""

    check: PreflightCheck
    severity: Severity
    verdict: Verdict
    plan: str = ""  # its name
    lacks: tuple[str, ...] = ()  # what is not set up that it did not pass for, and nothing else

    @property
    def remedy(self) -> str:
        """What to do, with commands as they can be typed for this plan and the runs named."""
        said = REMEDY if self.lacks else self.check.remedy
        if self.plan:
            said = _COMMAND.sub(rf"\1 {self.plan}", said)
        if self.verdict.runs:
            named = ", ".join(f"`muster cleanup {run}`" for run in self.verdict.runs)
            said = said.replace(_CLEANUP, named)
        return said

    @property
    def stops(self) -> bool:
        """What is not evidenced did not pass."""
        return self.severity is Severity.STOPS and self.verdict.is_open

    def as_data(self, began: datetime, ended: datetime) -> dict[str, Any]:
        """As the journal keeps it (`EventKind.CHECKED`)."""
        return {
            "check": self.check.id,
            "title": self.check.title,
            "kind": "preflight",
            "area": self.check.area.value,
            "group": None,
            "vm": None,
            "verdict": self.verdict.word,
            "required": self.severity is Severity.STOPS,
            "why": self.verdict.why,
            "remedy": self.remedy,
            "began": began,
            "ended": ended,
            "evidence": dict(self.verdict.evidence),
        }


def judge_all(facts: Facts) -> tuple[Judgement, ...]:
    """Judge every check that applies to the operation the facts were read for."""
    judged = (
        (check, severity, check.verdict(facts))
        for check in CHECKS
        if (severity := check.severity(facts.operation)) is not Severity.NONE
    )
    return tuple(
        Judgement(*one, facts.plan.plan, lacks_of(one[0].id, one[2], facts)) for one in judged
    )


def require_all(
    judged: Sequence[Judgement], operation: Operation, override: Override | None = None
) -> tuple[Judgement, ...]:
    """Raise unless every check that stops the operation passed; returns what was overridden.

    Raises:
        PreflightFailed: Names them, each with its remedy.
        InputError: See `require_overridable`.
    """
    require_overridable(operation, override)
    bad = tuple(one for one in judged if one.stops)
    if bad and override is None:
        said = " | ".join(_said(one) for one in bad)
        raise PreflightFailed(f"{_counted(judged, operation)}: {said}")
    return bad


def _said(one: Judgement) -> str:
    why = one.verdict.why.removesuffix(".")  # what it ends with may be a remedy of its own
    return f"{one.check.id} {one.check.title}: {one.verdict.word}, {why}. {one.remedy}"


def _counted(judged: Sequence[Judgement], operation: Operation) -> str:
    """How many of the checks stop it, and how many did not pass beside them."""
    stopping = sum(one.stops for one in judged)
    told = sum(one.verdict.is_open for one in judged) - stopping
    stop = "stops" if stopping == 1 else "stop"
    also = f" ({told} more did not pass, and stop nothing)" if told else ""
    return f"{stopping} of {len(judged)} preflight checks {stop} this {operation.noun}{also}"
