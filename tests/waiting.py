"""Waiting for what another process does, with an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TICK = 0.02


def wait_until(
    predicate: Callable[[], T | None], within: float, what: str = "", *, every: float = TICK
) -> T:
    """Ask again until there is an answer that is not empty.

    Args:
        predicate: Asked every `every` seconds; its first true answer is returned.
        within: Seconds on the wall.
        what: For the message, when it never came.

    Raises:
        AssertionError: It did not come within the span.
    """
    deadline, never = time.monotonic() + within, threading.Event()
    while not (found := predicate()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:g} s in vain for {what or predicate}")
        never.wait(every)
    return found
