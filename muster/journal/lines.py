"""Lines of a journal as they stand in its files, and what is found wrong with them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from muster.journal.events import Event

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a journal; an error means that it cannot be trusted there."""

    severity: Severity
    code: str  # stable: VER-0nn
    place: str  # "file:line seq n", or a file
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: [{self.code}] {self.sentence}"

    @property
    def within(self) -> str:
        """The same inside of an error that has a code of its own at its front."""
        return f"{self.place}: {self.sentence} ({self.code})"


@dataclass(slots=True)
class Line:
    """One stored line: where it stands and what it says."""

    file: str
    number: int  # 1-based, within its file
    raw: bytes
    event: Event | None  # None when it is not an event in canonical form
    is_blamed: bool = False  # a finding names it already

    @property
    def place(self) -> str:
        seq = f" seq {self.event.seq}" if self.event else ""
        return f"{self.file}:{self.number}{seq}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Seal:
    """What was signed when the run was closed."""

    seq: int
    head: str


@dataclass(slots=True)
class Chain:
    """What the segments of a run hold, and what is wrong with them."""

    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return [line.event for line in self.lines if line.event is not None]

    @property
    def head(self) -> str | None:
        """The digest of the last line."""
        return self.lines[-1].digest if self.lines else None

    def blame(self, line: Line, code: str, sentence: str) -> None:
        line.is_blamed = True
        self.findings.append(Finding("error", code, line.place, sentence))
