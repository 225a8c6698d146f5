"""Reading a world file: every mistake at once, each with its line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.build import problems_of
from muster.simulator.worlds.checks import mistakes_between
from muster.simulator.worlds.composer import Told, compose
from muster.simulator.worlds.lines import Loc, Mapping, line_of, plain
from muster.simulator.worlds.model import WorldFacts
from muster.simulator.worlds.reader import content_of, text_of
from muster.simulator.worlds.said import told


def load_world(path: Path) -> tuple[WorldFacts, str]:
    """Read a world file; also answers its digest.

    Raises: SimulatorError, a line per mistake, each `file:line: what is wrong`.
    """
    content = content_of(path)
    root, problems = compose(text_of(path, content))
    facts: WorldFacts | None = None
    if root is not None:
        facts, found = _judged(root, are_whole=not problems)
        problems += found
    if problems or facts is None:
        # A name that a mistake quotes may itself hold line breaks.
        lines = sorted({(line, " ".join(text.split())) for line, text in problems})
        raise SimulatorError("\n".join(f"{path}:{line}: {text}" for line, text in lines))
    return facts, hashlib.sha256(content).hexdigest()


def _judged(root: Mapping, *, are_whole: bool) -> tuple[WorldFacts | None, list[Told]]:
    """The facts of a tree, and every mistake in them with its line."""
    raw: dict[str, Any] = plain(root)
    facts: WorldFacts | None = None
    found: list[tuple[Loc, str]] = list(mistakes_between(raw))
    try:
        facts = facts_of(raw)
    except ValidationError as err:
        found += told(err)
    if facts is not None and not found and are_whole:
        found += problems_of(facts)
    lines = [(line_of(root, loc), sentence) for loc, sentence in found]
    return facts, [(line, sentence) for line, sentence in lines if line is not None]


def facts_of(raw: dict[str, Any]) -> WorldFacts:
    """The facts that plain values state, each of the very type that is asked for.

    As JSON, because pydantic then is strict about numbers and truth values, and not about lists
    for tuples: "1433" is no port, 1 is not true.

    Raises: ValidationError.
    """
    return WorldFacts.model_validate_json(orjson.dumps(raw), strict=True)
