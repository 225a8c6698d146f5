"""Reading a world file: every mistake at once, each with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.build import problems_of
from muster.simulator.worlds.checks import Loc, mistakes_between
from muster.simulator.worlds.model import WorldFacts


def load_world(path: Path) -> tuple[WorldFacts, str]:
    """Read a world file; also answers its digest.

    Raises: SimulatorError, a line per mistake, each `file:line: what is wrong`.
    """
    try:
        content = path.read_bytes()
        root = YAML(typ="rt", pure=True).load(content.decode("utf-8"))
        raw = _plain(root)
    except OSError as err:
        raise SimulatorError(f"The world file {path} cannot be read: {err.strerror}.") from err
    except UnicodeDecodeError as err:
        raise SimulatorError(f"{path}:1: not UTF-8 text") from err
    except MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        problem = str(err.problem or err.context or "not YAML").splitlines()[0]
        raise SimulatorError(f"{path}:{line}: {problem}") from err
    except YAMLError as err:
        raise SimulatorError(f"{path}:1: {str(err).splitlines()[0]}") from err
    except RecursionError as err:
        raise SimulatorError(f"{path}:1: nested without end") from err
    if not isinstance(root, CommentedMap):
        raise SimulatorError(f"{path}:1: a world is a mapping that begins with 'world: <name>'")
    return _validated(path, root, raw), hashlib.sha256(content).hexdigest()


def _validated(path: Path, root: CommentedMap, raw: dict[str, Any]) -> WorldFacts:
    facts: WorldFacts | None = None
    found: list[tuple[Loc, str]] = list(mistakes_between(raw))
    try:
        facts = WorldFacts.model_validate(raw)
    except ValidationError as err:
        found += _told(err)
    if facts is not None and not found:
        found += problems_of(facts)
    if found or facts is None:
        lines = sorted({(_line(root, loc), text) for loc, text in found})
        raise SimulatorError("\n".join(f"{path}:{line}: {text}" for line, text in lines))
    return facts


def _told(err: ValidationError) -> Iterator[tuple[Loc, str]]:
    """A sentence for each place; where one of several forms would do, what each of them lacks."""
    said: dict[Loc, list[str]] = {}
    for each in err.errors(include_url=False):
        loc = tuple(part for part in each["loc"] if "[" not in str(part))  # the rest: form names
        said.setdefault(loc, []).append(each["msg"].removeprefix("Value error, "))
    for loc, sentences in said.items():
        yield loc, f"{'.'.join(map(str, loc))}: {'; or: '.join(sentences)}"


def _line(root: Any, loc: Loc) -> int:
    """The line of the deepest part of a place that is there."""
    node, line = root, 1
    for step in loc:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
        else:
            break
        node = node[step]
    return line


def _plain(node: Any) -> Any:
    """Ordinary dicts, lists and scalars in place of those that remember lines."""
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
