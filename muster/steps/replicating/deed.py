"""One thing that is to stand in the vault as wanted: what it is, how it is looked at and sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from muster.gateway.values import Accepted


@dataclass(frozen=True, slots=True)
class Look:
    """What a thing looks like now."""

    there: bool
    fits: bool
    shown: str  # in words, for errors and the record


@dataclass(frozen=True, slots=True)
class Deed:
    """How one thing comes to stand as wanted.

    `scenario` is Site Recovery's word for the job; `about` what such a job names as its target,
    None where nobody knows what it names.
    """

    act: str  # in the journal: make-fabric, enable …
    kind: str  # in words: fabric, protected item …
    name: str
    id: str
    scenario: str
    about: str | None
    look: Callable[[], Awaitable[Look]]
    send: Callable[[], Awaitable[Accepted]]
    request: Mapping[str, Any]
    expected: timedelta
    how: str = "created"  # what it is called once it is done
    may_send: Callable[[], Awaitable[bool]] | None = None  # looked at right before a send

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"
