"""How a step ended: what the walk hands to the steps behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from muster.compile.graph import Step

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one step."""

    step: str  # step id
    status: Status
    error: Mapping[str, str] | None = None  # code, message, hint: of a failed step
    why: str = ""  # of a skipped step: the root cause, as a sentence
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status == "ok"


Perform = Callable[[Step, Mapping[str, Outcome]], Awaitable[Outcome]]
"""Does one step, given the outcomes of all that it waited for."""
