"""How a drill is expected to end in each scenario: docs/words/survival.yaml, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docs.words import words
from tests.rehearsal.worlds import SPEED


@dataclass(frozen=True, slots=True)
class Expected:
    """One row; see the head of the file."""

    then: str
    code: int = 0
    outcome: str = "passed"
    causes: tuple[str, ...] = ()
    fires: tuple[str, ...] = ()
    left: str | tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    speed: float = SPEED


def _row(said: dict[str, Any]) -> Expected:
    lists = {key: tuple(value) for key, value in said.items() if isinstance(value, list)}
    return Expected(**(said | lists))


EXPECTED = {scenario: _row(said) for scenario, said in words("survival").items()}
