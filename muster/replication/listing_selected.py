"""Which VMs of a subscription a plan's `replication.select` means, by the lists of ARM."""

from __future__ import annotations

from typing import Protocol

from muster.gateway.kinds import NotFound
from muster.gateway.values import Resource
from muster.plan.model import RecoveryPlan
from muster.plan.where import SaidWrong
from muster.replication.naming import group_id_of
from muster.replication.selecting import bears_tags

VM = "Microsoft.Compute/virtualMachines"


class Lists(Protocol):
    """What is asked of the gateway. Each raises GatewayError."""

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]: ...
    async def resources_of_type(
        self, subscription: str, arm_type: str
    ) -> tuple[Resource, ...]: ...


async def vms_of_select(lists: Lists, plan: RecoveryPlan, subscription: str) -> list[Resource]:
    """The VMs that fit the plan's groups and tags, in whatever region they are.

    Args:
        lists: The gateway.
        plan: The plan.
        subscription: Of the plan's source.

    Raises:
        SaidWrong: A group that the plan selects from is not there (PLAN-083).
        GatewayError: A list cannot be read.
    """
    select = plan.replication.select
    listed: list[Resource] = []
    for name in select.resource_groups:
        listed += await _in_group(lists, name, subscription)
    if select.tags and not select.resource_groups:
        listed += await lists.resources_of_type(subscription, VM)
    return [
        one for one in listed
        if one.type.casefold() == VM.casefold() and bears_tags(plan, one.tags)
    ]  # fmt: skip


async def _in_group(lists: Lists, name: str, subscription: str) -> tuple[Resource, ...]:
    """What lies in a group that the plan selects from."""
    try:
        return await lists.resources_of_group(group_id_of(name, subscription))
    except NotFound as err:
        key = ("replication", "select", "resource_groups")
        message = f"`{'.'.join(key)}: {name}` is not there: {err.message}"
        raise SaidWrong(message, "PLAN-083", key, name) from err
