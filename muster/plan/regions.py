"""Azure's regions as regions.yaml has them: where each lies, its zones, its pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML

Continent = Literal[
    "africa", "asia", "europe", "middle-east", "north-america", "oceania", "south-america"
]
CONTINENTS: tuple[str, ...] = get_args(Continent)
UNCERTAIN = "UNCERTAIN"
_CLOSE = 0.8
"""A slip or two in a name; below that, names share letters alone: `nowhere` is not northeurope."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Region:
    """One region; `rests` names the sources of the row, or UNCERTAIN."""

    location: str  # eastus2
    name: str  # East US 2
    geography: str
    continent: str
    cloud: str = "public"
    zones: bool = False
    zone_to_zone: bool = False
    paired: str | None = None
    restricted: bool = False
    rests: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        return UNCERTAIN not in self.rests


@cache
def regions() -> Mapping[str, Region]:
    """Every region by its location."""
    return {
        location: Region(location=location, **{**row, "rests": tuple(row["rests"])})
        for location, row in _file()["regions"].items()
    }


def squeezed(text: str) -> str:
    """A text as Azure's short names are written: small letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def meant_region(text: str) -> str | None:
    """The region that a text surely or very likely means; None where none is that close.

    Args:
        text: As somebody wrote it: `West Europe`, `westeruope`, `europewest`.
    """
    word = squeezed(text)
    by_name = {squeezed(one.name): one.location for one in regions().values()}
    known = {**by_name, **{one: one for one in regions()}}
    if word in known:
        return known[word]
    same_letters = [one for one in regions() if sorted(one) == sorted(word)]
    if len(same_letters) == 1:
        return same_letters[0]
    close = get_close_matches(word[:_LONGEST], known, n=1, cutoff=_CLOSE)
    return known[close[0]] if close else None


def region_sources() -> Mapping[str, str]:
    """What the words in `rests` stand for."""
    sources: Mapping[str, str] = _file()["sources"]
    return sources


def within(region: str, residency: str | tuple[str, ...] | None) -> bool | None:
    """Whether a region lies where data may be: on a continent, or in a list of regions.

    Returns:
        None: the region is not in the table, so its continent is not known.
    """
    if residency is None:
        return True
    if isinstance(residency, tuple):
        return region in residency
    known = regions().get(region)
    return None if known is None else known.continent == residency


@cache
def _file() -> Mapping[str, Any]:
    path = Path(__file__).with_name("regions.yaml")
    read: Mapping[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return read
