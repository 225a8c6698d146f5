"""Whether the source's resource group is there at all, where not one VM was found in it."""

from __future__ import annotations

from typing import Protocol

from muster.gateway.ids import key_of, lies_in
from muster.gateway.kinds import NotFound
from muster.gateway.values import Resource
from muster.plan.model import RecoveryPlan
from muster.plan.where import SaidWrong
from muster.replication.found import Found
from muster.replication.setting import Setting
from muster.replication.terms import source_id

KEY = ("source", "resource_group")


class Lists(Protocol):
    """What is asked of the gateway. Raises GatewayError."""

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]: ...


async def demand_source_group(lists: Lists, plan: RecoveryPlan, found: Found) -> None:
    """Say that the group is missing, instead of each VM by itself; asks only where it may be.

    A group that was deleted with its VMs is told by the items that are left of them.

    Raises:
        SaidWrong: The group that the plan names is not there (PLAN-121).
        GatewayError: It cannot be listed.
    """
    group = Setting(plan, found).source_group_id
    wanted = [source_id(plan, vm, found.subscription) for vm in plan.all_vms]
    seen = [vm.id for vm in found.vms] + [one.what for one in found.unread]
    seen += [item.source_vm_id for item in found.setup.items]
    within = {key_of(one) for one in wanted if lies_in(one, group)}
    if not within or any(lies_in(one, group) for one in seen):
        return
    try:
        await lists.resources_of_group(group)
    except NotFound as err:
        name = plan.source.resource_group
        message = f"`{'.'.join(KEY)}: {name}` is not there: {err.message}"
        raise SaidWrong(message, "PLAN-121", KEY, name) from err
