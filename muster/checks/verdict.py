"""What a check comes to: passed, failed, or not evidenced, and why. No answer is never a pass.

A check of preflight may also have nothing to look at, where the plan asks for no such thing: it
does not apply, which is neither a pass nor a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from muster.checks.probe import ProbeResult

Word = Literal["passed", "failed", "not evidenced", "does not apply"]

COULD_NOT_ASK = {
    "no-curl": "the guest has no curl",
    "bad-target": "the address is none",
    "unknown-kind": "the probe does not know this kind of check",
    "error": "the probe itself stumbled",
}
"""How a look can end that says nothing about what was looked at."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check's verdict with its raw evidence."""

    word: Word
    why: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[str, ...] = ()  # that it is about, for a remedy that names them

    @property
    def is_open(self) -> bool:
        """Whether it did not pass, and applies: somebody has something to look at."""
        return self.word in ("failed", "not evidenced")


def no_answer(why: str, **evidence: Any) -> Verdict:
    """The check was asked and nothing came back, or it could not be asked."""
    return Verdict("not evidenced", why, evidence)


def seen_of(result: ProbeResult) -> dict[str, Any]:
    """What the probe's line says, as evidence."""
    return {"raw": result.raw, **dict(result.detail)}


def unanswered(result: ProbeResult | None) -> Verdict | None:
    """The verdict of a check that the probe said nothing useful about; None when it did."""
    if result is None:
        return no_answer("the probe gave no answer for this check")
    how = str(result.detail.get("how", ""))
    if not result.ok and how in COULD_NOT_ASK:
        return Verdict("not evidenced", COULD_NOT_ASK[how], seen_of(result))
    return None
