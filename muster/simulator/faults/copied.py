"""How a machine that a failover, or its test, makes comes up otherwise than was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from muster.simulator.arm import addresses
from muster.simulator.asr.copies import Plan
from muster.simulator.asr.placement import Place
from muster.simulator.faults.happening import Copying
from muster.simulator.json_types import Json
from muster.simulator.world import World

Bends = Sequence[Copying]


def met(world: World, kind: Literal["test", "failover"], item: Json) -> Bends:
    """What the rules say of a machine that is made now."""
    return [do.copied for do in world.faults.meet("copy", kind, vm=item["vm_name"])]


def landing(world: World, where: Place, bends: Bends) -> Place:
    """Where it really lands."""
    for bend in bends:
        if bend.subnet == "first":
            subnets = sorted(where.network["properties"]["subnets"], key=lambda one: one["name"])
            where = _moved(world, where, subnets[0])
        if bend.address == "next":
            where = _moved(world, where, where.subnet)
    return where


def plan(made: Plan, bends: Bends) -> Plan:
    """What it is really made of."""
    for bend in bends:
        if bend.size is not None:
            made = replace(made, size=bend.size)
        if bend.disks == "os":
            made = replace(made, disks=made.disks[:1])
    return made


def guest(world: World, vm_id: str, bends: Bends) -> None:
    """How its system really does, once it is there."""
    machine = world.machines[vm_id.lower()]
    for bend in bends:
        if bend.boot is not None:
            machine["boot"] = bend.boot
        if bend.services == "none":
            machine["services"] = []
        if bend.provisioning is not None:
            machine["provisioning"] = bend.provisioning


def _moved(world: World, where: Place, subnet: Json) -> Place:
    """Into a subnet, at its next free address that is not the wished one."""
    found = addresses.next_free(world, subnet, besides=[where.address])
    return where if found is None else replace(where, subnet=subnet, address=found, static=False)
