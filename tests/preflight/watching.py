"""Facts that note which of their values a check reads, and copies of them with a value spoilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from muster.gateway.parse import parse_resource
from muster.gateway.parse_compute import parse_vm
from muster.gateway.parse_item import parse_item
from muster.gateway.values import ProtectedItem, Resource, VirtualMachine
from muster.steps.preflight_checks.facts import Facts

Path = tuple[Any, ...]
GONE = object()
"""Instead of a value: its key is away."""


class Seen:
    """One of the port's values; notes each field that is read."""

    def __init__(self, value: Any, path: Path, log: set[Path]) -> None:
        self._value, self._path, self._log = value, path, log

    def __getattr__(self, name: str) -> Any:
        path = (*self._path, name)
        self._log.add(path)
        return watched(getattr(self._value, name), path, self._log)


class SeenMapping(Mapping[str, Any]):
    """An object of Azure's JSON; notes each key that is asked for, also one that is not there."""

    def __init__(self, value: Mapping[str, Any], path: Path, log: set[Path]) -> None:
        self._value, self._path, self._log = value, path, log

    def __getitem__(self, key: str) -> Any:
        path = (*self._path, key)
        self._log.add(path)
        return watched(self._value[key], path, self._log)

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)


def watched(value: Any, path: Path, log: set[Path]) -> Any:
    if isinstance(value, Mapping):
        return SeenMapping(value, path, log)
    if isinstance(value, list | tuple):
        return type(value)(watched(one, (*path, at), log) for at, one in enumerate(value))
    return Seen(value, path, log) if is_dataclass(value) else value


def watching(facts: Facts, log: set[Path]) -> Facts:
    """The same facts; what is read of Azure's answers is noted by where it stands in them."""
    ours = {"plan", "unread", "now", "run_id", "operation", "digest", "scripts", "vault_ref",
            "decision"}  # fmt: skip
    told = {
        field.name: _of_field(getattr(facts, field.name), field.name, log)
        for field in fields(facts)
        if field.name not in ours
    }
    return replace(facts, **told)


def _of_field(value: Any, name: str, log: set[Path]) -> Any:
    """A mapping of ours by name is no answer of Azure's: its values are."""
    if isinstance(value, Mapping):
        return {key: watched(one, (name, key), log) for key, one in value.items()}
    return watched(value, (name,), log)


PARSED: Mapping[type, Callable[[Any], Any]] = {
    ProtectedItem: parse_item,
    VirtualMachine: lambda raw: parse_vm(raw, instance_view=False),
    Resource: parse_resource,
}


def at(place: Any, path: Path) -> Any:
    """What stands at a path; GONE where nothing does."""
    for step in path:
        try:
            place = getattr(place, step) if is_dataclass(place) else place[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            return GONE
    return place


def spoilt(place: Any, path: Path, value: Any) -> Any:
    """A copy in which another value stands at a path. A value with a raw body is parsed anew."""
    if not path:
        return value
    if type(place) in PARSED:
        return PARSED[type(place)](spoilt(place.raw, path, value))
    step, rest = path[0], path[1:]
    inner = spoilt(getattr(place, step) if is_dataclass(place) else place[step], rest, value)
    if is_dataclass(place):
        return replace(place, **{step: None if inner is GONE else inner})
    if isinstance(place, Mapping):
        return {k: v for k, v in ({**place, step: inner}).items() if v is not GONE}
    changed = [inner if number == step else one for number, one in enumerate(place)]
    return type(place)(one for one in changed if one is not GONE)


def raw_paths(facts: Facts, path: Path) -> set[Path]:
    """Where in Azure's answer a value that was read comes from; paths below a `raw` are in it.

    A field of a parsed value is fed by each key whose spoiling changes it.
    """
    for length in range(1, len(path)):
        thing = at(facts, path[:length])
        if type(thing) in PARSED:
            return {(*path[:length], *one) for one in _feeding(thing, path[length:])}
    return {path}


def _feeding(thing: Any, rest: Path) -> Iterator[Path]:
    if rest[0] == "raw":
        yield from [rest[1:]] if rest[1:] else []
        return
    if isinstance(thing, Resource) and rest[0] == "properties":
        yield rest
        return
    now = _shape(at(thing, rest))
    for node in _nodes(thing.raw):
        for other in ({"garbled": True}, [], "garbled", 7.5, True):
            if _shape(at(spoilt(thing, node, other), rest)) != now:
                yield node
                break


def _shape(value: Any) -> Any:
    """Of values in which nothing was looked at, how many they are."""
    return len(value) if isinstance(value, tuple) and any(map(is_dataclass, value)) else value


def _nodes(place: Any, path: Path = ()) -> Iterator[Path]:
    """Every key of a body, of the things in it, too."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(place, Mapping):
        pairs = list(place.items())
    elif isinstance(place, list):
        pairs = list(enumerate(place))
    for key, one in pairs:
        yield (*path, key)
        yield from _nodes(one, (*path, key))
