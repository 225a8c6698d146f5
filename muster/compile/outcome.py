"""How a step ended: what the walk hands to the steps behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from muster.compile.graph import Step

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended."""

    step: str  # step id
    status: Status
    error: Mapping[str, Any] | None = None  # code, message, hint, exit_code; of failed ones only
    why: str | None = None  # of a skipped step: the root cause, as a sentence
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        return self.status == "ok"


Outcomes = Mapping[str, Outcome]
Perform = Callable[[Step, Outcomes], Awaitable[Outcome]]
"""Does one step. A step is handed the outcomes of what it waited for (`needs` and `after`); a
finaliser those of all steps, and of the finalisers that ended before it."""
