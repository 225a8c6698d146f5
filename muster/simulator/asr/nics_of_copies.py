"""NICs of a machine that a failover, or its test, makes, besides its first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from muster.simulator.arm import addresses
from muster.simulator.arm.ids import name_of
from muster.simulator.asr.item_faces import faces
from muster.simulator.asr.placement import NoPlace, Place
from muster.simulator.json_types import Json
from muster.simulator.world import World


@dataclass(frozen=True, slots=True)
class MoreNic:
    """One more NIC of a machine that is made."""

    nic_id: str
    config: str  # name of its IP configuration
    landing: Json  # item_nics.LANDING
    place: Place


def of_copy(
    world: World,
    item: Json,
    first: Place,
    made: Callable[[Json], tuple[str, Json, Place]],
) -> Iterator[MoreNic]:
    """The other NICs of a machine whose first one has its place; no two get one address.

    made: from a face to the NIC's id, its landing, and the place it would have by itself.
    Raises: NoPlace.
    """
    held = [first.address]
    for face in faces(item)[1:]:
        nic_id, landing, wished = made(face)
        place = _apart(world, wished, held)
        held.append(place.address)
        yield MoreNic(nic_id, str(face["nic"]["config"]), landing, place)


def _apart(world: World, place: Place, held: list[str]) -> Place:
    if place.address not in held:
        return place
    found = addresses.next_free(world, place.subnet, besides=held)
    if found is None:
        raise NoPlace(f"Subnet '{name_of(place.subnet['id'])}' has no free address.")
    return replace(place, address=found, static=False)
