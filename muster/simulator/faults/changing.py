"""Changes of an answer's JSON: what is set, dropped, put in another order or spelled otherwise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from muster.simulator.durations import spread
from muster.simulator.faults.happening import Changing

_Place = tuple[Any, Any]  # a dict or list, and the key or index in it


def changed(body: Any, change: Changing, seed: str) -> Any:
    """The body with the changes; the given one stays as it is.

    A place that is not there is left alone; with `+` in front of it, `set` makes its last key.
    """
    told = copy.deepcopy(body)
    for path, value in change.put.items():
        _set(told, path, value)
    for path, goal in change.move.items():
        _swap(told, path, goal)
    for path in change.drop:
        for holder, key in reversed(list(_places(told, path))):  # rows behind keep their numbers
            del holder[key]
    for path in change.shuffle:
        _shuffle(told, path, seed)
    return _respelled(told, _SPELLINGS[change.casing]) if change.casing else told


def _set(told: Any, path: str, value: Any) -> None:
    making = path.startswith("+")
    for holder, key in list(_places(told, path.removeprefix("+"), making=making)):
        holder[key] = copy.deepcopy(value)


def _swap(told: Any, path: str, goal: str) -> None:
    here, there = next(_places(told, path), None), next(_places(told, goal), None)
    if here is not None and there is not None:
        here[0][here[1]], there[0][there[1]] = there[0][there[1]], here[0][here[1]]


def _shuffle(told: Any, path: str, seed: str) -> None:
    for holder, key in list(_places(told, path)):
        if isinstance(holder[key], list):
            holder[key] = _shuffled(holder[key], seed)


def _places(node: Any, path: str, *, making: bool = False) -> Iterator[_Place]:
    head, _, rest = path.partition(".")
    for key in _keys(node, head, making=making and not rest):
        if rest:
            yield from _places(node[key], rest, making=making)
        else:
            yield node, key


def _keys(node: Any, word: str, *, making: bool) -> list[Any]:
    if isinstance(node, dict):
        if word == "*":
            return list(node)
        return [word] if word in node or making else []
    if isinstance(node, list):
        if word == "*":
            return list(range(len(node)))
        return [int(word)] if word.isdecimal() and int(word) < len(node) else []
    return []


def _shuffled(rows: list[Any], seed: str) -> list[Any]:
    """Another order than before wherever there is one."""
    order = sorted(range(len(rows)), key=lambda place: spread(seed, "shuffle", place))
    found = [rows[place] for place in order]
    return found if found != rows else rows[::-1]


def _respelled(node: Any, spell: Callable[[str], str], key: str = "") -> Any:
    """All ARM ids spelled anew, under whatever key."""
    if isinstance(node, dict):
        return {name: _respelled(value, spell, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_respelled(value, spell, key) for value in node]
    if isinstance(node, str) and node.lower().startswith("/subscriptions/"):
        return spell(node)
    return node


_SPELLINGS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "swapped": str.swapcase,
}
