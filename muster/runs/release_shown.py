"""The end of a replication as it is shown before: each item, and the recovery points it takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.errors import GatewayError
from muster.gateway.port import Gateway
from muster.gateway.values import RecoveryPoint
from muster.journal.events import instant_text
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.replication.holding import Held
from muster.replication.judgement import Judgement
from muster.replication.rights import lacks_rights
from muster.runs.releasing import Release, read_release
from muster.settings import Settings
from muster.steps.replicating.rights import told_of_removing


@dataclass(frozen=True, slots=True)
class Points:
    """An item's recovery points; None and the reason where they could not be read."""

    points: tuple[RecoveryPoint, ...] | None
    why: str = ""

    @property
    def said(self) -> str:
        if self.points is None:
            return f"how many recovery points go with it is not known: {self.why}"
        if not self.points:
            return "no recovery point goes with it"
        times = sorted(point.time for point in self.points)
        word = "recovery point goes" if len(times) == 1 else "recovery points go"
        span = f"{times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M} UTC"
        return f"{len(times)} {word} with it ({span})"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown; points by the name of the item's step."""

    release: Release
    points: Mapping[str, Points]
    told: tuple[tuple[str, Judgement], ...] = ()  # of the right to remove: missing, or not known

    @property
    def may_be_done(self) -> bool:
        """Whether nothing stays, and Azure does not say that the caller may remove nothing."""
        return self.release.is_whole and not lacks_rights(self.told)


async def read_shown(
    gateway: Gateway,
    plan: RecoveryPlan,
    settings: Settings,
    store: Store,
    folder: Path | None,
) -> Shown:
    """What `read_release` answers, with every item's recovery points; sends nothing.

    Raises:
        NothingToReplicate, GatewayError, JournalError: As `read_release`.
    """
    return await with_points(gateway, await read_release(gateway, plan, settings, store, folder))


async def with_points(gateway: Gateway, release: Release) -> Shown:
    """A list with every item's recovery points and the right to remove them, as read now."""
    read = await asyncio.gather(*(_points(gateway, one) for one in release.held))
    names = [one.name for one in release.held]
    is_sent = any(_act(release, one) == "release" for one in release.held)
    told = await told_of_removing(gateway, release.vault.id) if is_sent else ()
    return Shown(release, dict(zip(names, read, strict=True)), told)


async def _points(gateway: Gateway, held: Held) -> Points:
    try:
        return Points(await gateway.recovery_points(held.item.id))
    except GatewayError as err:
        return Points(None, err.message)


LEGEND: Mapping[str, str] = {
    "-": "is released: its replication is ended, and its recovery points go",
    "!": "stays as it is",
    "~": "is being removed already",
    ".": "is not there any more",
    "i": "to know",
}
"""Every mark that may begin a line of the list, and what it says."""


def lines_of(shown: Shown, *, is_run_told: bool = False) -> Iterator[str]:
    """The list as people read it, with what its marks say at its end.

    Args:
        shown: The list.
        is_run_told: The open run that pinned it was named already.
    """
    release = shown.release
    if release.run and not is_run_told:
        yield f"Run {release.run} was left open: it goes on with the list that it began with."
    yield f"In vault {release.vault.name}:"
    lines = list(_items_of(shown))
    yield from lines
    marks = {line[0] for line in lines}
    yield ""
    yield from (f"  {mark} {said}" for mark, said in LEGEND.items() if mark in marks)
    counts = _counts(release)
    yield ""
    waits = f", {counts['under_way']} being removed already" if counts["under_way"] else ""
    yield f"{counts['release']} to release, {counts['stay']} to stay{waits}."


def _items_of(shown: Shown) -> Iterator[str]:
    """A line for each item with its mark at the front, those that belong to it indented."""
    release = shown.release
    for one in release.held:
        stays, under_way = release.stays(one), release.under_way(one)
        mark = "!" if stays else "~" if under_way else "-"
        named = f"{mark} protected item {one.name}: {one.because}"
        yield f"{named}; {one.item.protection_state or 'no state told'}"
        if under_way:
            yield f"    {under_way}: nothing is sent to it, its end is waited for"
        elif stays is None:
            yield f"    {shown.points[one.name].said}"
        else:
            yield f"    stays [{stays.code}]: {stays.why}"
            yield f"    do: {stays.remedy}"
    for name in release.gone:
        yield f". protected item {name}: it is not there any more"
    for sentence in release.unread:
        yield f"i {sentence}"
    for name, judgement in shown.told:
        yield f"i {name}: {judgement.why}"
        yield f"    do: {judgement.remedy}"


def as_data(shown: Shown) -> dict[str, Any]:
    """The same as JSON values, for scripts."""
    release = shown.release
    return {
        "operation": Operation.DISABLE.value,
        "plan": release.plan,
        "vault": release.vault.id,
        "goes_on_with": release.run or None,
        "gone": list(release.gone),
        "released": [one.name for one in release.held if _act(release, one) == "release"],
        "items": [_item_data(release, one, shown.points[one.name]) for one in release.held],
        "unread": list(release.unread),
        "told": [{"name": name, "why": one.why, "remedy": one.remedy} for name, one in shown.told],
        "counts": _counts(release),
    }


def _item_data(release: Release, one: Held, points: Points) -> dict[str, Any]:
    stays = release.stays(one)
    times = sorted(point.time for point in points.points or ())
    return {
        "vm": one.name,
        "item_id": one.item.id,
        "source_vm_id": one.item.source_vm_id,
        "because": one.because,
        "state": one.item.protection_state,
        "active_location": one.item.active_location,
        "test_failover_state": one.item.test_failover_state,
        "recovery_points": None if points.points is None else len(times),
        "oldest_point": instant_text(times[0]) if times else None,
        "newest_point": instant_text(times[-1]) if times else None,
        "act": _act(release, one),
        "code": stays.code if stays else None,
        "why": stays.why if stays else release.under_way(one) or points.why or None,
        "remedy": stays.remedy if stays else None,
    }


def _act(release: Release, one: Held) -> str:
    if release.stays(one):
        return "stay"
    return "under_way" if release.under_way(one) else "release"


def _counts(release: Release) -> dict[str, int]:
    counts = Counter(_act(release, one) for one in release.held)
    return {act: counts[act] for act in ("release", "stay", "under_way")}
