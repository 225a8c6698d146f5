"""Whether a run left anything behind: only an inventory taken after the last act says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muster.journal.events import EventKind, Observed
from muster.report.read import Reading
from muster.report.values import mappings, text, texts


@dataclass(frozen=True, slots=True)
class Cleanliness:
    """What the last inventory says."""

    proven: bool
    why: str
    acted: bool  # anything was sent to Azure at all
    looked_in: tuple[str, ...] = ()
    left: tuple[Mapping[str, Any], ...] = ()
    unattributed: tuple[Mapping[str, Any], ...] = ()
    expected: tuple[Mapping[str, Any], ...] = ()
    unproven_ids: tuple[str, ...] = ()  # made, never read back as gone, no inventory to say more
    evidence: tuple[int, ...] = ()

    @property
    def leftovers(self) -> tuple[str, ...]:
        """Ids that are left, or may be left."""
        return tuple(str(one.get("id")) for one in self.left) or self.unproven_ids


def cleanliness(reading: Reading) -> Cleanliness:
    """Judge the last inventory."""
    acts = reading.of_kind(EventKind.INTENDED)
    inventory = reading.last_observed(Observed.INVENTORY)
    if inventory is None:
        open_ids = _not_gone(reading)
        why = "no inventory was taken" + (
            "" if acts else "; nothing had been sent to Azure either"
        )
        return Cleanliness(proven=False, why=why, acted=bool(acts), unproven_ids=open_ids)
    left = mappings(inventory.data.get("left"))
    later = [event.seq for event in acts if event.seq > inventory.seq]
    if left:
        why = "1 thing of this run is left" if len(left) == 1 else f"{len(left)} are left"
    elif later:
        why = "something was sent to Azure after the inventory was taken"
    elif inventory.data.get("clean") is not True:
        why = "the inventory does not say that everything is gone"
    else:
        why = "the inventory found nothing of this run"
    proven = not left and not later and inventory.data.get("clean") is True
    return Cleanliness(
        proven=proven,
        why=why,
        acted=bool(acts),
        looked_in=tuple(texts(inventory.data.get("looked_in"))),
        left=tuple(left),
        unattributed=tuple(mappings(inventory.data.get("unattributed"))),
        expected=tuple(mappings(inventory.data.get("expected"))),
        unproven_ids=() if proven else _not_gone(reading),
        evidence=(inventory.seq, *later),
    )


def _not_gone(reading: Reading) -> tuple[str, ...]:
    """Ids this run made and never read back as gone."""
    made: dict[str, str] = {}
    for event in reading.observed(Observed.OWNED):
        made |= _by_case(texts(event.data.get("ids")))
    for event in reading.observed(Observed.NETWORK):
        made |= _by_case(texts(event.data.get("owned")))
    for event in reading.observed(Observed.GONE):
        network = text(event.data.get("network_id"))
        for gone in (*texts(event.data.get("ids")), *([network] if network else [])):
            made.pop(gone.casefold(), None)
    return tuple(made.values())


def _by_case(ids: Sequence[str]) -> dict[str, str]:
    return {one.casefold(): one for one in ids}
