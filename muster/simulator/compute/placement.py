"""Where machines may stand: availability sets, proximity placement groups, reserved capacity."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.forms import REFERENCE, named
from muster.simulator.arm.ids import same
from muster.simulator.arm.shape import Shape, keep
from muster.simulator.compute.sizes import size_of
from muster.simulator.json_types import Json
from muster.simulator.world import World

VM, SET = "Microsoft.Compute/virtualMachines", "Microsoft.Compute/availabilitySets"
GROUP, RESERVED = (
    "Microsoft.Compute/proximityPlacementGroups",
    "Microsoft.Compute/capacityReservationGroups",
)
RESERVATION = f"{RESERVED}/capacityReservations"
SET_WORD, GROUP_WORD = "availabilitySet", "proximityPlacementGroup"


def _adopt_set(world: World, body: Json, before: Json | None) -> None:
    properties = body["properties"]
    properties.pop("virtualMachines", None)
    for word, default, most in (
        ("platformFaultDomainCount", 2, 3),
        ("platformUpdateDomainCount", 5, 20),
    ):
        count = properties.setdefault(word, default)
        if not 1 <= count <= most:
            raise bad_request(
                "InvalidParameter",
                f"The specified {word} {count} must fall in the range 1 to {most}.",
            )
        if (
            before
            and before["properties"][word] != count
            and any(_standing_in(world, body, SET_WORD))
        ):
            raise AzureError(
                409,
                "PropertyChangeNotAllowed",
                f"Changing property '{word}' is not allowed.",
                [],
                target=word,
            )
    body["sku"] = {"name": "Classic"} | (body.get("sku") or {})


def _adopt_group(_: World, body: Json, __: Json | None) -> None:
    body["properties"].setdefault("proximityPlacementGroupType", "Standard")


def _adopt_reserved(_: World, body: Json, __: Json | None) -> None:
    body["properties"].pop("capacityReservations", None)


def _adopt_reservation(world: World, body: Json, before: Json | None) -> None:
    sku = body.get("sku") or {}
    if size_of(str(sku.get("name") or "")) is None or not isinstance(sku.get("capacity"), int):
        raise bad_request(
            "InvalidParameter", "A capacity reservation needs sku.name (a VM size) and capacity."
        )
    keep(body, before, ("reservationId", "provisioningTime", "timeCreated"))
    properties = body["properties"]
    properties.setdefault("reservationId", world.guid("reservation", body["id"]))
    for word in ("provisioningTime", "timeCreated"):
        properties.setdefault(word, dates.offset(world.now))
    properties["platformFaultDomainCount"] = 1


def _render(word: str) -> Callable[[World, Json], None]:
    def render(world: World, body: Json) -> None:
        body["properties"].pop("provisioningState", None)  # these are in no state
        body["properties"]["virtualMachines"] = [
            {"id": vm["id"]} for vm in _standing_in(world, body, word)
        ]
        if word == GROUP_WORD:
            body["properties"]["availabilitySets"] = [
                {"id": each["id"]}
                for each in world.of_type(SET)
                if same(named(each["properties"], word), body["id"])
            ]

    return render


def _render_reserved(world: World, body: Json) -> None:
    body["properties"]["capacityReservations"] = [
        {"id": each["id"]} for each in world.of_type(RESERVATION, body["id"])
    ]
    body["properties"]["virtualMachinesAssociated"] = [
        {"id": vm["id"]}
        for vm in world.of_type(VM)
        if same(
            named(vm["properties"].get("capacityReservation") or {}, "capacityReservationGroup"),
            body["id"],
        )
    ]


def _demand_empty(word: str, what: str) -> Callable[[World, Json], None]:
    def demand(world: World, body: Json) -> None:
        if inside := [vm["id"] for vm in _standing_in(world, body, word)]:
            raise AzureError(
                409,
                "OperationNotAllowed",
                f"{what} '{body['name']}' cannot be deleted before all Virtual Machines in it are "
                f"deleted: {', '.join(inside)}.",
            )

    return demand


def _demand_unreserved(world: World, body: Json) -> None:
    if any(world.of_type(RESERVATION, body["id"])):
        raise AzureError(
            409,
            "OperationNotAllowed",
            f"Capacity Reservation Group '{body['name']}' cannot be deleted before all Capacity "
            "Reservations in it are deleted.",
        )


def _standing_in(world: World, body: Json, word: str) -> Iterator[Json]:
    return (vm for vm in world.of_type(VM) if same(named(vm["properties"], word), body["id"]))


AVAILABILITY_SET = Shape(
    form={"platformFaultDomainCount": int, "platformUpdateDomainCount": int,
          GROUP_WORD: REFERENCE},
    top={"sku": {"name": str}},
    adopt=_adopt_set,
    render=_render(SET_WORD),
    demand_unused=_demand_empty(SET_WORD, "Availability Set"),
)  # fmt: skip
PLACEMENT_GROUP = Shape(
    form={"proximityPlacementGroupType": str},
    adopt=_adopt_group,
    render=_render(GROUP_WORD),
    demand_unused=_demand_empty(GROUP_WORD, "Proximity Placement Group"),
)
RESERVATION_GROUP = Shape(
    adopt=_adopt_reserved, render=_render_reserved, demand_unused=_demand_unreserved
)
CAPACITY = Shape(top={"sku": {"name": str, "capacity": int}}, adopt=_adopt_reservation)
