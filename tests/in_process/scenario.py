"""What happens in one drill: a plan, the world it meets, what people do. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What somebody says to a question, Azure seconds after it was asked."""

    says: str  # continue, abort, or what is no answer
    after: float


@dataclass(frozen=True)
class Scenario:
    """Everything that a drill's course depends on: the same scenario takes the same course."""

    plan: Mapping[str, Any]  # as its file says it
    world: Mapping[str, Any]
    scripts: Mapping[str, str] = field(default_factory=dict)  # text by path
    answers: Mapping[str, Answer] = field(default_factory=dict)  # by question
    interrupts: tuple[float, ...] = ()  # when Ctrl-C is pressed, Azure seconds after the start
    keep_for: timedelta | None = None
    recovery_point: Any = None
    faults: tuple[str, ...] = ()  # ready scenarios of the simulator, by their ids
    seed: int = 0  # of the time that requests take on their way
    is_well: bool = False  # nothing of it keeps the drill from passing
