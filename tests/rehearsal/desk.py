"""Where rehearsals are left in the middle: a checkout, and all that a person starts in it."""

from __future__ import annotations

import json
import re
import shlex
import uuid
from pathlib import Path
from typing import Any

import pytest

from muster.cli.processes import FAMILY, end_family, family_members
from tests.rehearsal.command import Ended, Evidence, Running
from tests.simulator_process import environment_with

LEFT = (
    pytest.mark.prefect,
    pytest.mark.rehearsal,
    pytest.mark.slow,
    pytest.mark.xdist_group("prefect"),
)
"""What every module of such tests bears, besides its timeout."""


class Desk:
    """A checkout and what is started in it, which bears a mark."""

    def __init__(self, checkout: Path) -> None:
        self._mark = uuid.uuid4().hex
        self.environ = environment_with({FAMILY: self._mark})
        self.checkout = checkout
        self.kept = checkout / ".muster" / "rehearsal"

    def begin(self, *args: str) -> Running:
        return Running(args, self.environ, self.checkout)

    def note_of(self, evidence: Evidence) -> dict[str, Any]:
        """What is noted of the world that is kept for a run."""
        text = (self.kept / "kept" / f"{evidence.run}.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def notes(self) -> set[str]:
        """The runs that a world is kept for."""
        return {one.stem for one in (self.kept / "kept").glob("*.json")}

    def worlds(self) -> int:
        return len(list(self.kept.glob("world-*")))

    def is_deserted(self) -> bool:
        """Whether nothing of what was started here runs any more."""
        return not family_members(self._mark)

    def clear(self) -> None:
        end_family(self._mark, seconds=10)


def told_to(ended: Ended) -> tuple[str, ...]:
    """The words after `muster` of the command that one was told to go on with."""
    (command,) = set(re.findall(r"[Gg]o on (?:in it )?with: +muster (.*)", ended.out + ended.err))
    return tuple(shlex.split(command))
