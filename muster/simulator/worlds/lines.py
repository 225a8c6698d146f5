"""The tree of a world file: every value with its line, and the way from a place to its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Loc = tuple[str | int, ...]
"""A place in a world file: keys and positions."""


@dataclass(slots=True)
class Scalar:
    """A single value; one that is not known is an alias of nothing."""

    line: int  # 1-based
    value: str | int | float | bool | None
    is_known: bool = True
    size: int = 1


@dataclass(slots=True)
class Mapping:
    line: int
    entries: dict[str, tuple[int, Node]] = field(default_factory=dict)  # key -> its line, value
    size: int = 1  # values in it and below, those of aliases too


@dataclass(slots=True)
class Items:
    line: int
    items: list[Node] = field(default_factory=list)
    size: int = 1


Node: TypeAlias = Scalar | Mapping | Items


def plain(node: Node) -> Any:
    """The tree as ordinary dicts, lists and values."""
    match node:
        case Scalar():
            return node.value
        case Mapping():
            return {key: plain(value) for key, (_, value) in node.entries.items()}
        case Items():
            return [plain(item) for item in node.items]


def line_of(root: Node, loc: Sequence[str | int]) -> int | None:
    """The line of the deepest part of a place that is there; None where the value is not known."""
    node, line = root, root.line
    for step in loc:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
            line, node = node.entries[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            line = node.line
        else:
            break
    return None if isinstance(node, Scalar) and not node.is_known else line
