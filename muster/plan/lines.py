"""The tree of a YAML file with the line of every key and value, and the way to a line."""

from __future__ import annotations

from collections.abc import Sequence as AnySequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias


@dataclass(slots=True)
class Scalar:
    """One value: `shown` as written, `value` as meant (variables replaced)."""

    line: int  # 1-based
    shown: str
    value: str | int | float | bool | None
    known: bool = True  # False: it rests on a variable that is not set, or on an alias
    masked: bool = False  # True: a variable was replaced, so the value must not be shown


@dataclass(slots=True)
class Entry:
    """One key with its value."""

    line: int
    value: Node


@dataclass(slots=True)
class Mapping:
    line: int
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass(slots=True)
class Sequence:
    line: int
    items: list[Node] = field(default_factory=list)


Node: TypeAlias = Scalar | Mapping | Sequence


class Place(NamedTuple):
    """Where a path of keys and positions leads, as far as the file goes along."""

    line: int
    key_line: int  # of the key that leads there; the same as `line` for items of a list
    node: Node
    path: str  # as people write it: `groups[0].vms[1].name`
    skipped: bool  # some part of the path is not in the file (a missing key, a union's tag)


def plain(node: Node) -> Any:
    """The tree as ordinary dicts, lists and values."""
    match node:
        case Scalar():
            return node.value
        case Mapping():
            return {key: plain(entry.value) for key, entry in node.entries.items()}
        case Sequence():
            return [plain(item) for item in node.items]


def locate(root: Node, loc: AnySequence[str | int]) -> Place:
    """Follow a path; parts that the file does not have are left out, so a parent is found."""
    node, line, key_line, path, skipped = root, 1, 1, "", False
    for part in loc:
        if isinstance(node, Mapping) and isinstance(part, str) and part in node.entries:
            entry = node.entries[part]
            node, key_line = entry.value, entry.line
            line = node.line if isinstance(node, Scalar) else entry.line
            path = f"{path}.{part}" if path else part
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            line = key_line = node.line
            path = f"{path}[{part}]"
        else:
            skipped = True
    return Place(line, key_line, node, path, skipped)


def child(node: Node | None, *keys: str) -> Node | None:
    """The value below some keys; None where the file has no such thing, whatever it has there."""
    for key in keys:
        if not isinstance(node, Mapping) or key not in node.entries:
            return None
        node = node.entries[key].value
    return node


def items(node: Node | None) -> list[Node]:
    """The items of a list; none for anything else."""
    return node.items if isinstance(node, Sequence) else []
