"""What a reprotect does while its job runs: the old source goes, the item moves (FACTS 7)."""

from __future__ import annotations

from muster.simulator.arm.ids import same
from muster.simulator.asr import (
    item_making,
    items,
    jobs,
    own_writes,
    replica_disks,
    replication,
    reprotect_jobs,
    sources,
    vault_parts,
)
from muster.simulator.asr.item_faces import faces
from muster.simulator.asr.item_jobs import holds, release
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

STOPS, GOES = 0.15, 0.35  # of the job: the old source is shut down, deleted; guessed
_VM_GONE = {
    "code": "990006",  # ours
    "message": "The recovered virtual machine was not found.",
    "causes": "It was deleted meanwhile.",
    "action": "Disable replication, and protect another virtual machine.",
}


def plan(world: World, job: Json, *, early: bool) -> None:
    """Set what happens while a reprotect runs; early: it fails before it touches anything."""
    takes = job["ends"] - job["starts"]
    if not early:
        stops, goes = job["starts"] + STOPS * takes, job["starts"] + GOES * takes
        world.later(stops - world.now, "old_source_stops", job=job["id"])
        world.later(goes - world.now, "old_source_goes", job=job["id"])
    world.later(job["ends"] - world.now, "reprotect_ends", job=job["id"])


def old_source_stops(world: World, args: Json) -> None:
    """The VM that was failed over from is shut down, if it still runs."""
    if (item := _held(world, args)) and not own_writes.lock_on(world, item["vm"]):
        sources.stop(world, item["vm"])


def old_source_goes(world: World, args: Json) -> None:
    """It is deleted; its disks stay, for the copy back to start from [DOC].

    If it is locked, the reprotect fails (inferred).
    """
    job, item = world.table("jobs")[args["job"]], _held(world, args)
    if item is None:
        return
    try:
        sources.delete(world, item)
    except own_writes.Barred as reason:
        jobs.fail(job, world.now, len(job["tasks"]) - 1, reason.fault())
        reprotect_jobs.child_ends(world, job)
        release(world, item)


def reprotect_ends(world: World, args: Json) -> None:
    """The item is gone from its old path and appears under the recovery container [CLI]."""
    job = world.table("jobs")[args["job"]]
    item = _held(world, args)
    if item is None:
        return None
    vm = world.resource(str(item["failover"]["vm"]))
    if vm is None and not job["fails"]:
        jobs.fail(job, world.now, len(job["tasks"]) - 1, _VM_GONE)
    if vm is None or job["fails"]:
        return release(world, item)
    draft = _moved(world, item, vm, job["way"])
    try:
        replica_disks.appear(world, draft, draft["disks"])
    except own_writes.Barred as reason:
        jobs.fail(job, world.now, len(job["tasks"]) - 1, reason.fault())
        return release(world, item)
    moved = move(world, item, draft)
    if same(job["resource"], item["id"]):  # asked of the item, whose old path is gone now
        job["result"] = moved["id"]
    takes = world.takes("reverse_copy", by=("back", world.seed, item["name"]))
    return replication.begin(world, moved, takes, job["client"])


def move(world: World, item: Json, moved: Json) -> Json:
    """Put an item in the place of another whose VM runs on the other side now."""
    old, new = item["id"].lower(), moved["id"].lower()
    del world.items[old]
    world.items[new] = moved
    # An item has two places, and where it is now is found without this.
    world.table("moved_items")[old] = new
    world.changed = True
    return moved


def _moved(world: World, item: Json, vm: Json, way: Json) -> Json:
    leg = item["leg"] + 1
    policy, target = (world.table("asr")[way[key].lower()] for key in ("policy", "container"))
    here = {
        key.removeprefix("recovery_"): value
        for key, value in item.items()
        if key in _RECOVERY_SIDE
    }
    facts = item_making.source_facts(world, vm)
    ids = item_making.identifiers(world, item["name"], "", item["ids"]["event"], leg)
    return item_making.untouched(here["location"], "") | {
        **{key: item[key] for key in _KEPT},
        **here,
        **vault_parts.side(world, target, "recovery_"),
        **vault_parts.policy_facts(policy),
        **facts,
        "more_nics": [
            new | {"landing": new["landing"] | _landing_at_home(old)}
            for new, old in zip(facts["more_nics"], faces(item)[1:], strict=False)
        ],
        "leg": leg,
        "id": reprotect_jobs.new_id(item),
        "entity": reprotect_jobs.new_entity(world, item),
        "ids": item["ids"] | {"event": ids["event"], "management": ids["management"]},
        "disks": way["disks"],
        "recovery_group": way["group"],
        "recovery_network": item["nic"]["network"],
        "landing": item_making.untouched("", "")["landing"] | _landing_at_home(item),
        "target": dict(item_making.TARGET) | way["target"],
    }


def _landing_at_home(item: Json) -> Json:
    """The way back leads to the subnet, group and address that the VM came from [CLI]."""
    nic = item["nic"]
    return {
        "subnet": nic["subnet"],
        "address": nic["address"] if nic["static"] else "",
        "security_group": nic["security_group"],
        "nic_name": None,
    }


def _held(world: World, args: Json) -> Json | None:
    job = world.table("jobs")[args["job"]]
    item = items.of_job(world, job)
    return item if item is not None and holds(item, job) else None


_KEPT = (
    "name",
    "vault_id",
    "initial",
    "counts",
    "multi_vm_group",
    "rpo",
    "replication_health",
    "protected_since",
    "auto_protection",
)
_RECOVERY_SIDE = (
    "recovery_fabric",
    "recovery_container",
    "recovery_container_guid",
    "recovery_location",
)
EFFECTS: dict[str, Effect] = {
    "old_source_stops": old_source_stops,
    "old_source_goes": old_source_goes,
    "reprotect_ends": reprotect_ends,
}
