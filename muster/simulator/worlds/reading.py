"""Reading YAML strictly: what cannot be read, and where a mistake stands, by `file:line`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from muster.simulator.errors import SimulatorError

Loc = tuple[str | int, ...]
"""A place in a file: keys and places in lists."""


def read_yaml(path: Path, what: str, first: str) -> tuple[CommentedMap, dict[str, Any], bytes]:
    """The tree that knows its lines, the same as plain values, and the bytes.

    Args:
        path: The file.
        what: What it is, as sentences call it: `world file`.
        first: The key it begins with.

    Raises:
        SimulatorError: It cannot be read, is not YAML, or not a mapping.
    """
    try:
        content = path.read_bytes()
        root = YAML(typ="rt", pure=True).load(content.decode("utf-8"))
        raw = _plain(root)
    except OSError as err:
        raise SimulatorError(f"The {what} {path} cannot be read: {err.strerror}.") from err
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
        raise SimulatorError(f"{path}:1: a {what} is a mapping that begins with '{first}: <name>'")
    return root, raw, content


def told(err: ValidationError) -> Iterator[tuple[Loc, str]]:
    """A sentence for each place; where one of several forms would do, what each of them lacks."""
    said: dict[Loc, list[str]] = {}
    for each in err.errors(include_url=False):
        loc = tuple(part for part in each["loc"] if "[" not in str(part))  # the rest: form names
        said.setdefault(loc, []).append(each["msg"].removeprefix("Value error, "))
    for loc, sentences in said.items():
        where = f"{'.'.join(map(str, loc))}: " if loc else ""
        yield loc, f"{where}{'; or: '.join(sentences)}"


def line_of(root: Any, loc: Loc) -> int:
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
