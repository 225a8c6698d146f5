"""Which VMs `replication.select` means: by resource group, by tags, by both. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from muster.gateway.ids import lies_in
from muster.plan.model import RecoveryPlan
from muster.replication.naming import group_id_of


def selecting_scopes(plan: RecoveryPlan, subscription: str) -> tuple[str, ...]:
    """Ids of groups, or of the subscription, whose VMs are looked at; none where none is meant.

    Args:
        plan: The plan.
        subscription: Of the source.
    """
    select = plan.replication.select
    if select.resource_groups:
        return tuple(group_id_of(name, subscription) for name in select.resource_groups)
    return (f"/subscriptions/{subscription}",) if select.tags else ()


def selects(
    plan: RecoveryPlan, subscription: str, vm_id: str, region: str, tags: Mapping[str, str]
) -> bool:
    """Whether a VM is meant: groups and tags both have to fit, in the source region.

    Args:
        plan: The plan.
        subscription: Of the source.
        vm_id: ARM id of the VM.
        region: Where it is.
        tags: What it bears.
    """
    if region.casefold() != plan.source.region:
        return False
    if not any(lies_in(vm_id, scope) for scope in selecting_scopes(plan, subscription)):
        return False
    return bears_tags(plan, tags)


def bears_tags(plan: RecoveryPlan, tags: Mapping[str, str]) -> bool:
    """Whether tags hold all that are selected by; names heed no case, as Azure's do not."""
    borne = {key.casefold(): value for key, value in tags.items()}
    wanted = plan.replication.select.tags
    return all(borne.get(key.casefold()) == value for key, value in wanted.items())
