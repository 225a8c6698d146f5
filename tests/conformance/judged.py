"""What is left of the differences once those with a reason are taken out; every reason is data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.conformance.compare import Difference, differences
from tests.conformance.entries import SPECIFICATION, Entry, Exchange
from tests.conformance.shapes import MAYBE, Shape

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Deviation:
    """Differences that stay, where, and why. `*` in names and places stands for anything."""

    entries: tuple[str, ...]
    where: tuple[str, ...]
    reason: str
    kinds: tuple[str, ...] = ()  # of difference; none: all. The file has to name some

    def covers(self, entry: str, difference: Difference) -> Iterator[tuple[str, str]]:
        """The (entry, place) patterns that fit."""
        if self.kinds and difference.kind not in self.kinds:
            return
        for name in self.entries:
            for place in self.where:
                if _like(name, entry) and _like(place, difference.where):
                    yield name, place


@dataclass
class Judge:
    """Knows the catalogue and the deviations, and notes which of them were needed."""

    catalogue: Sequence[Entry]
    deviations: Sequence[Deviation]
    used: set[tuple[int, str]] = field(default_factory=set)  # deviation, pattern

    def left(self, entry: Entry, exchange: Exchange) -> list[Difference]:
        """Differences that nobody gave a reason for."""
        return [
            one
            for one in differences(entry, exchange)
            if not self._cut(entry, exchange, one) and not self._excused(entry, one)
        ]

    def unused(self) -> list[str]:
        """Patterns of deviations that fitted nothing: what they excused is mended."""
        return [
            f"{pattern} ({each.reason})"
            for at, each in enumerate(self.deviations)
            for pattern in (*each.entries, *each.where)
            if (at, pattern) not in self.used
        ]

    def _excused(self, entry: Entry, one: Difference) -> bool:
        found = [
            (at, pattern)
            for at, each in enumerate(self.deviations)
            for pair in each.covers(entry.name, one)
            for pattern in pair
        ]
        self.used.update(found)
        return bool(found)

    def _cut(self, entry: Entry, exchange: Exchange, one: Difference) -> bool:
        """Whether it is invented only because the sample shows no more than a part.

        Headers were cut to the meaningful ones and the test frameworks filter some: one that
        another answer with the same status has is none of ours. Examples of the specification
        leave keys out: one that another answer about the same kind of resource has is none.
        """
        if one.kind != "invented":
            return False
        if one.where.startswith("headers."):
            return one.where.removeprefix("headers.").lower() in self._headers(exchange.status)
        return entry.rests == SPECIFICATION and one.where in self._keys(_resource(entry))

    def _headers(self, status: int) -> set[str]:
        alike = {404: (200, 404), 201: (200, 201)}.get(status, (status,))
        return {
            name.lower()
            for entry in self.catalogue
            if entry.status in alike and entry.rests != SPECIFICATION
            for name in entry.headers
        }

    def _keys(self, resource: str) -> set[str]:
        """Places in bodies of a kind of resource that any entry knows."""
        return {
            place
            for entry in self.catalogue
            if _resource(entry) == resource
            for place in places("body", entry.body)
        }


def deviations(path: Path = HERE / "deviations.yaml") -> list[Deviation]:
    return [
        Deviation(
            entries=tuple(each["entries"]),
            where=tuple(each["where"]),
            reason=" ".join(str(each["reason"]).split()),
            kinds=tuple(each["kinds"]),
        )
        for each in YAML(typ="safe").load(path)
    ]


def pending(path: Path = HERE / "pending.yaml") -> Mapping[str, Mapping[str, str]]:
    """`entries` and `methods` that cannot be answered yet, each with what is not there."""
    found: Mapping[str, Any] = YAML(typ="safe").load(path)
    return {kind: found.get(kind) or {} for kind in ("entries", "methods")}


def places(where: str, shape: Shape) -> Iterator[str]:
    """Every place of a shape, written as differences write theirs."""
    yield where
    if isinstance(shape, dict):
        for key, each in shape.items():
            yield from places(f"{where}.{key.removesuffix(MAYBE)}", each)
    elif isinstance(shape, list):
        for each in shape:
            yield from places(f"{where}[]", each)


def _resource(entry: Entry) -> str:
    """The kind of resource a body shows: its id with the names taken out."""
    body = entry.body
    told = str(body["id"]) if isinstance(body, dict) and "id" in body else ""
    return re.sub(r"\{\w+\}", "{}", told)


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None
