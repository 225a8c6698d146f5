"""Where a step's time goes: counted while it passes, carried out of a step that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from muster.clock import Clock
from muster.errors import MusterError
from muster.steps.context import Spent, StepEnded

Part = Literal["cloud", "script", "check", "human", "retry"]


@contextmanager
def counted(spent: Spent, part: Part, clock: Clock) -> Iterator[None]:
    """Add the Azure time that passes inside to one part, also when something is raised."""
    began = clock.monotonic()
    try:
        yield
    finally:
        setattr(spent, part, getattr(spent, part) + (clock.monotonic() - began))


@contextmanager
def told_on_failure(spent: Spent) -> Iterator[None]:
    """Let an error of ours carry where the time went.

    Raises:
        StepEnded: Around whatever MusterError was raised inside.
    """
    try:
        yield
    except StepEnded:
        raise
    except MusterError as err:
        raise StepEnded(err, spent) from err
