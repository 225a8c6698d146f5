"""VMs that `replication.select` adds, and that nobody protects or brings up."""

from __future__ import annotations

from collections.abc import Callable

from tests.preflight.bending import Raw
from tests.preflight.cases_of_replication import ids
from tests.preflight.looking import Case


def _vm(name: str, *, protected: bool) -> Callable[[Raw], object]:
    """One more VM in the source's group."""

    def bend(world: Raw) -> None:
        web = next(vm for vm in world["vms"] if vm["name"] == "web3")
        world["vms"].append(web | {"name": name, "address": "10.1.2.77", "tags": {"tier": "pay"}})
        if protected:
            world["vaults"][0]["items"].append({"vm": name, "name": f"item-of-{name}"})

    return bend


def _selecting(**select: object) -> Callable[[Raw], object]:
    return lambda plan: plan.setdefault("replication", {}).update(select=select)


CASES = [
    Case(
        "PRE-107",
        "a VM of a selected group is not protected",
        ids(108),
        plan=_selecting(resource_groups=["rg-erp"]),
        world=_vm("pay1", protected=False),
    ),
    Case(
        "PRE-107",
        "a VM that bears the tag is not protected",
        ids(108),
        plan=_selecting(tags={"Tier": "pay"}),
        world=_vm("pay1", protected=False),
    ),
    Case(
        "PRE-108",
        "a VM that bears the tag is in no group",
        plan=_selecting(tags={"tier": "pay"}),
        world=_vm("pay1", protected=True),
    ),
]


HEALTHY = Case("", "a group is selected, and all of it is in the plan",
               plan=_selecting(resource_groups=["rg-erp"]))  # fmt: skip
