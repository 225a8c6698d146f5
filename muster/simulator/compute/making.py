"""PUT and PATCH of a virtual machine: made of an image or a disk, resized, given other disks."""

from __future__ import annotations

import copy
from typing import Any

from muster.simulator import dates
from muster.simulator.arm import forms, quota
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.forms import named
from muster.simulator.arm.given import tags_of
from muster.simulator.arm.ids import same
from muster.simulator.arm.resources import TOP_LEVEL, demand_group, found, kind_of, made
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.compute import attaching, requested, vms
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

_SECRETS = ("adminPassword", "customData")
_FIXED = ("osProfile", "networkProfile", "availabilitySet")


def put(call: Call) -> Answer:
    """PUT a VM: 201, and it boots when it is made; one that is there is changed, 200."""
    demand_group(call)
    before = call.world.resource(call.target.path)
    body = made(call, kind_of(call), before)
    forms.check(requested.FORM, body["properties"])
    if before is not None:
        return _change(call, before, body, whole=True)
    return _make(call, body)


def patch(call: Call) -> Answer:
    """PATCH a VM: tags, size, data disks, identity and what its profiles hold besides."""
    before = found(call)
    given = call.object()
    forms.check(requested.FORM, call.properties())
    body = copy.deepcopy(before)
    if given.get("tags") is not None:
        body["tags"] = tags_of(given)
    body |= {key: given[key] for key in TOP_LEVEL if given.get(key) is not None}
    for key, value in forms.without_nulls(call.properties()).items():
        kept = body["properties"].get(key)
        merged = kept | value if isinstance(kept, dict) and isinstance(value, dict) else value
        body["properties"][key] = merged
    return _change(call, before, body, whole=False)


def _make(call: Call, body: Json) -> Answer:
    world, properties = call.world, body["properties"]
    size = requested.demand_size(properties)
    requested.demand_system(properties)
    requested.demand_places(world, body)
    nics = requested.demand_nics(world, body)
    system = requested.system_of(properties)
    os_disk = attaching.os_disk(world, body, system)
    disks = [os_disk, *attaching.wanted_data_disks(world, body)]
    quota.demand_room(world, str(body["location"]), size)
    _complete(world, body)
    for disk in disks:
        attaching.attach(world, body["id"], disk)
    for n, nic in enumerate(nics):
        nic["properties"] |= {"virtualMachine": {"id": body["id"]}, "primary": n == 0}
    properties["provisioningState"] = "Creating"
    world.put(body)
    guest = os_disk.get("_guest") or _new_guest(world, body, system)
    world.machines[body["id"].lower()] = copy.deepcopy(guest) | {
        "power": "starting",
        "booted_at": None,
        "starts": 0,
    }
    takes = world.takes("vm_create", body["id"])
    operation = arm_operations.begin(world, takes)
    world.later(takes, "vm_made", id=body["id"], operation=operation)
    headers = arm_operations.headers(call, operation)
    return Answer(201, vms.shown(world, body, ""), headers)


def _new_guest(world: World, body: Json, system: str) -> Json:
    """What a new system does: it answers the world's scripts and listens with nothing."""
    default: Json = world.state.get("guest") or {"services": [], "scripts": [], "boot": 40.0}
    return {
        "os": system,
        "data_as_of": None,
        "writer": body["name"],
        **copy.deepcopy(default),
    }


def _complete(world: World, body: Json) -> None:
    properties = body["properties"]
    properties["vmId"] = world.guid("vm", body["id"], world.now)
    properties["timeCreated"] = dates.offset(world.now)
    properties["storageProfile"].setdefault("dataDisks", [])
    system: dict[str, Any] = properties.get("osProfile") or {}
    for word in _SECRETS:
        system.pop(word, None)
    if system:
        system |= {"secrets": [], "allowExtensionOperations": True}
    image = properties["storageProfile"].get("imageReference")
    if image and same(str(image.get("version")), "latest"):
        image["exactVersion"] = "22.04.202507010"


def _change(call: Call, before: Json, body: Json, *, whole: bool) -> Answer:
    """A VM that is there gets another size, other disks, other tags."""
    world, properties, had = call.world, body["properties"], before["properties"]
    vms.demand_staying(before, "PUT" if whole else "PATCH")
    size = requested.demand_size(properties)
    _demand_unchanged(body, before, whole=whole)
    for word in ("vmId", "timeCreated", *_FIXED):
        if word in had:
            properties[word] = had[word]
    profile = properties.setdefault("storageProfile", {})
    profile["osDisk"] = had["storageProfile"]["osDisk"] | _set(profile.get("osDisk"))
    if "imageReference" in had["storageProfile"]:
        profile["imageReference"] = had["storageProfile"]["imageReference"]
    profile.setdefault("dataDisks", [] if whole else had["storageProfile"]["dataDisks"])
    disks = list(attaching.wanted_data_disks(world, body))
    quota.demand_room(
        world, str(body["location"]), size, instead_of=had["hardwareProfile"]["vmSize"]
    )
    kept = {disk["id"].lower() for disk in disks}
    for entry in had["storageProfile"]["dataDisks"]:
        if (disk_id := entry["managedDisk"]["id"]).lower() not in kept:
            attaching.detach(world, disk_id)
    for disk in disks:
        attaching.attach(world, body["id"], disk)
    properties["provisioningState"] = "Updating"
    body["_created"] = before["_created"]
    world.put(body)
    if not same(size, had["hardwareProfile"]["vmSize"]):
        _restart(world, body)
    takes = world.takes("vm_update", body["id"])
    operation = arm_operations.begin(world, takes)
    world.later(takes, "vm_changed", id=body["id"], operation=operation)
    return Answer(200, vms.shown(world, body, ""), arm_operations.headers(call, operation))


def _set(entry: Json | None) -> Json:
    """What of a system disk's entry may be set anew."""
    words = ("caching", "deleteOption", "diskSizeGB")
    return {word: entry[word] for word in words if word in (entry or {})} if entry else {}


def _restart(world: World, vm: Json) -> None:
    """A VM that runs starts again in its new size."""
    machine = world.machines[vm["id"].lower()]
    if machine["power"] == "running":
        world.orders.append(("off", vm["id"].lower()))
        machine |= {"booted_at": None, "turn": machine.get("turn", 0) + 1}
        world.later(
            world.takes("vm_update", vm["id"]),
            "power_changed",
            id=vm["id"],
            to="running",
            turn=machine["turn"],
        )


def _demand_unchanged(body: Json, before: Json, *, whole: bool) -> None:
    asked, had = body["properties"], before["properties"]
    wanted = _system_disk(asked)
    pairs = [("osDisk.managedDisk.id", wanted, _system_disk(had))]
    if whole or "availabilitySet" in asked:
        pairs.append(
            ("availabilitySet", named(asked, "availabilitySet"), named(had, "availabilitySet"))
        )
    for word, new, old in pairs:
        if new and not same(new, old):
            raise AzureError(
                409,
                "PropertyChangeNotAllowed",
                f"Changing property '{word}' is not allowed.",
                [],
                target=word,
            )


def _system_disk(properties: Json) -> str:
    entry = (properties.get("storageProfile") or {}).get("osDisk") or {}
    return named(entry, "managedDisk")


def vm_made(world: World, args: Json) -> None:
    """A VM is made: it has power, and its system boots."""
    vm = world.resource(args["id"])
    if vm and vm["properties"]["provisioningState"] == "Creating":
        vm["properties"]["provisioningState"] = "Succeeded"
        vms.power_on(world, args["id"])


def vm_changed(world: World, args: Json) -> None:
    """A change is through."""
    vm = world.resource(args["id"])
    if vm and vm["properties"]["provisioningState"] == "Updating":
        vm["properties"]["provisioningState"] = "Succeeded"


EFFECTS: dict[str, Effect] = {"vm_made": vm_made, "vm_changed": vm_changed}
_NOTE = (
    "From an image or from disks, with NICs that exist; NICs and availability sets stay what they "
    "were. How long it takes: inferred."
)
ROUTES: Routes = {
    (vms.VM, "put"): Route(put, "specified", _NOTE),
    (vms.VM, "patch"): Route(patch, "specified", _NOTE),
}
