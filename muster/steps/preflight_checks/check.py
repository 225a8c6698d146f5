"""What a preflight check is, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from muster.checks.verdict import Verdict, no_answer
from muster.steps.preflight_checks.facts import Facts, NotRead

Judge = Callable[[Facts], Verdict]


@dataclass(frozen=True, slots=True)
class PreflightCheck:
    """One condition for a drill. `severity` fail: without it nothing is sent; warn: it is told."""

    id: str
    title: str
    severity: Literal["fail", "warn"]
    remedy: str
    judge: Judge

    def verdict(self, facts: Facts) -> Verdict:
        """Judge; what could not be read is not evidenced."""
        try:
            return self.judge(facts)
        except NotRead as err:
            return no_answer(f"it could not be read: {err}")


def passed(why: str, **evidence: Any) -> Verdict:
    return Verdict("passed", why, evidence)


def failed(why: str, **evidence: Any) -> Verdict:
    return Verdict("failed", why, evidence)


def none_of(problems: Mapping[str, Any], fine: str) -> Verdict:
    """Passed where nothing is wrong; else failed, naming each thing with what is wrong."""
    if not problems:
        return passed(fine)
    said = "; ".join(f"{name}: {what}" for name, what in problems.items())
    return failed(said, **{str(name): what for name, what in problems.items()})
