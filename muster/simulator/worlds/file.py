"""Reading a world file: every mistake at once, each with its line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.comments import CommentedMap

from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.build import problems_of
from muster.simulator.worlds.checks import mistakes_between
from muster.simulator.worlds.model import WorldFacts
from muster.simulator.worlds.reading import Loc, line_of, read_yaml, told


def load_world(path: Path) -> tuple[WorldFacts, str]:
    """Read a world file; also answers its digest.

    Raises: SimulatorError, a line per mistake, each `file:line: what is wrong`.
    """
    root, raw, content = read_yaml(path, "world file", "world")
    return _validated(path, root, raw), hashlib.sha256(content).hexdigest()


def _validated(path: Path, root: CommentedMap, raw: dict[str, Any]) -> WorldFacts:
    facts: WorldFacts | None = None
    found: list[tuple[Loc, str]] = list(mistakes_between(raw))
    try:
        facts = WorldFacts.model_validate(raw)
    except ValidationError as err:
        found += told(err)
    if facts is not None and not found:
        found += problems_of(facts)
    if found or facts is None:
        lines = sorted({(line_of(root, loc), text) for loc, text in found})
        raise SimulatorError("\n".join(f"{path}:{line}: {text}" for line, text in lines))
    return facts
