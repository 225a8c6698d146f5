"""Whether Site Recovery replicates from one region to another, and if not, to which it would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from muster.plan.regions import Region, region_sources, regions, within

_SHOWN_CHOICES = 8
Residency = str | tuple[str, ...] | None


@cache
def pair_rows() -> Mapping[str, Any]:
    """The table of what is refused, pairs.yaml."""
    path = Path(__file__).with_name("pairs.yaml")
    read: Mapping[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return read


def pair_source(rests: str) -> str:
    """What the short word in a row's `rests` stands for."""
    sources: Mapping[str, str] = pair_rows()["sources"]
    return sources.get(rests, rests)


@dataclass(frozen=True, slots=True)
class Pair:
    """The answer about two regions.

    `why` says why not; `rests` what says so. `possible_targets` are those that the source could
    replicate to under the plan's residency: its own pair first, then its geography, its
    continent, the rest; the source itself for zone to zone. `told` is what to know all the same.
    """

    source: str
    target: str
    is_possible: bool
    why: str = ""
    rests: str = ""
    possible_targets: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def is_zonal(self) -> bool:
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class _No:
    why: str
    rests: str


def judge_pair(source: str, target: str, residency: Residency = None) -> Pair:
    """Whether VMs can be replicated from one region to another, or between zones of one.

    Args:
        source: ARM location, as `eastus`.
        target: The same; equal to `source` for zone to zone.
        residency: A continent or regions that data has to stay in; None: anywhere.
    """
    refusal = _refusal(source, target) or _outside(source, target, residency)
    if refusal is None:
        return Pair(source, target, is_possible=True, told=tuple(_told(source, target)))
    choices = tuple(_choices(source, residency))
    return Pair(source, target, False, refusal.why, refusal.rests, choices)  # noqa: FBT003


def shown_choices(pair: Pair) -> str:
    """Where the source could replicate to, the nearest first; empty where it cannot at all."""
    choices = ", ".join(pair.possible_targets[:_SHOWN_CHOICES])
    more = len(pair.possible_targets) - _SHOWN_CHOICES
    return choices + (f" and {more} more" if more > 0 else "")


def judge_vault_region(vault: str, source: str, target: str) -> tuple[str | None, str | None]:
    """Why a vault must not be in a region, and what to know if it is.

    Returns:
        The refusal and the warning; None for none of it.
    """
    if vault == source != target:
        what = f"{_name(vault)} is the source region: the vault would be lost together with it"
        return what, None
    if vault in pair_rows()["no_vault"]:
        return None, f"{_name(vault)} may be without Recovery Services vaults: Azure will say"
    if vault != target:
        return None, (
            f"the vault is in {_name(vault)}, not in the target region {_name(target)}: a failover"
            f" then needs two regions to be well"
        )
    return None, None


def _refusal(source: str, target: str) -> _No | None:
    """Why Azure does not replicate from here to there; None for what is possible or unknown."""
    if source == target:
        return _not_zonal(source)
    rows = pair_rows()
    here, there = regions().get(source), regions().get(target)
    if here and there and here.cloud != there.cloud:
        return _No(f"{here.name} and {there.name} are of two clouds", pair_source("matrix"))
    for one, other in ((source, target), (target, source)):
        row = rows["reserved"].get(one)
        if row and row["serves"] != other:
            what = f"{_name(one)} is reserved for disaster recovery of {_name(row['serves'])}"
            return _No(what, pair_source(row["rests"]))
    return _one_way(source, target)


def _one_way(source: str, target: str) -> _No | None:
    rows = pair_rows()
    if row := rows["never_source"].get(source):
        what = f"{_name(source)} is only ever a target"
        return _No(what, pair_source(row["rests"]))
    if row := rows["never_target"].get(target):
        what = f"{_name(target)} is only ever a source. {row['but']}"
        return _No(what, pair_source(row["rests"]))
    row = rows["only_to"].get(source)
    if row and target not in row["targets"]:
        what = f"{_name(source)} replicates to a few regions only, and not to {_name(target)}"
        return _No(what, pair_source(row["rests"]))
    return None


def _not_zonal(region: str) -> _No | None:
    known = regions().get(region)
    if known is None or known.zones or not known.is_certain:
        return None
    what = f"{known.name} has no availability zones, so that nothing replicates between them"
    return _No(what, region_sources()["list"])


def _outside(source: str, target: str, residency: Residency) -> _No | None:
    for region in (source, target):
        if within(region, residency) is False:
            shown = residency if isinstance(residency, str) else ", ".join(residency or ())
            what = f"{_name(region)} is outside of the plan's data residency ({shown})"
            return _No(what, "`replication.data_residency` of the plan")
    return None


def _choices(source: str, residency: Residency) -> Iterator[str]:
    """Where the source could replicate to, nearest first; nothing if it may not hold data."""
    if within(source, residency) is False:
        return
    here = regions().get(source)
    for region in sorted(regions().values(), key=lambda one: _distance(here, one)):
        target = region.location
        fits = within(target, residency) is not False and _refusal(source, target) is None
        is_known = region.is_certain or region.cloud != "public"
        if fits and (is_known or (here is not None and target == here.paired)):
            yield target


def _distance(here: Region | None, there: Region) -> tuple[bool, bool, bool, bool, str]:
    if here is None:
        return (False, False, False, False, there.location)
    return (
        here.location == there.location,  # zone to zone is no second region: last
        there.location != here.paired,
        there.geography != here.geography,
        there.continent != here.continent,
        there.location,
    )


def _told(source: str, target: str) -> Iterator[str]:
    """What is known to be odd, or not known, about two regions that are not refused."""
    for region in dict.fromkeys((source, target)):
        known = regions().get(region)
        if known is None:
            yield f"{region} is not in Muster's table of regions: Azure will say whether it can be"
        elif known.restricted:
            yield f"{known.name}: {pair_rows()['access']['why']}"
        elif not known.is_certain:
            yield f"{known.name}: no page that was read says what it can be paired with"
        if known and source == target and known.zones and not known.zone_to_zone:
            yield f"{known.name}: {_NOT_LISTED}"


_NOT_LISTED = "not on the list of 2022 of regions that replicate between their zones"


def _name(region: str) -> str:
    known = regions().get(region)
    return f"{known.name} ({region})" if known else region
