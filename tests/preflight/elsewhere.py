"""The example with its places written or lying otherwise: as ids, in other groups, elsewhere."""

from __future__ import annotations

import copy

from tests.in_process.scenario import Scenario
from tests.preflight.bending import GROUPS, TARGET, VAULT, Raw
from tests.preflight.looking import healthy

OTHER = "7c0e0000-1111-4222-8333-000000000002"
"""Another subscription of the tenant."""
FAR = f"/subscriptions/{OTHER}/resourceGroups/rg-far"


def contoso() -> Scenario:
    plan, world, scripts = copy.deepcopy(healthy())
    return Scenario(plan=plan, world=world, scripts=scripts)


def places_as_ids(plan: Raw) -> None:
    """Everything that a plan may name by its whole id."""
    plan["source"]["resource_group"] = f"{GROUPS}/rg-erp"
    plan["target"]["resource_group"] = TARGET
    plan["vault"].update(name=VAULT, resource_group=f"{GROUPS}/rg-dr")


def vm_stands_in(vm: str, group: str, *, subscription: str | None = None) -> tuple:
    """Bends of plan and world that put a VM, with its disks and cards, into another group."""

    def in_plan(plan: Raw) -> None:
        for one in plan["groups"]:
            one["vms"] = [_named(entry) for entry in one["vms"]]
        entries = (entry for one in plan["groups"] for entry in one["vms"])
        entry = next(entry for entry in entries if entry["name"] == vm)
        entry["resource_group"] = FAR if subscription else group

    def in_world(world: Raw) -> None:
        known = {one["name"] for one in world["groups"]}
        if group not in known:
            more = {"subscription": subscription} if subscription else {}
            world["groups"].append({"name": group, "location": "eastus", **more})
        if subscription:
            scope = f"/subscriptions/{subscription}"
            for identity in world["identities"]:
                identity["roles"].append({"role": "Reader", "scope": scope})
        next(one for one in world["vms"] if one["name"] == vm)["group"] = group

    return in_plan, in_world


def _named(entry: str | Raw) -> Raw:
    return {"name": entry} if isinstance(entry, str) else entry
