"""Where the places of a plan are, which may be names or whole ids. Pure.

A name lies in the subscription that the plan says for its side, else in the source's; a whole id
says for itself where it lies, also in another subscription of the tenant.
"""

from __future__ import annotations

from muster.gateway.ids import parse_id
from muster.gateway.values import VaultRef
from muster.plan.model import RecoveryPlan
from muster.replication.naming import group_id_of


def source_group_of(plan: RecoveryPlan, subscription: str) -> str:
    """ARM id of the resource group that VMs stand in which name none of their own.

    Args:
        plan: The plan.
        subscription: Of the source, where the group is a name.
    """
    return group_id_of(plan.source.resource_group, subscription)


def target_group_of(plan: RecoveryPlan, subscription: str) -> str:
    """ARM id of the resource group that VMs recover into.

    Args:
        plan: The plan.
        subscription: Of the source, where the plan says none for the target.
    """
    return group_id_of(plan.target_resource_group, plan.target.subscription or subscription)


def target_subscription_of(plan: RecoveryPlan, subscription: str) -> str:
    """The subscription that copies are made in, and whose quota they count against."""
    return parse_id(target_group_of(plan, subscription)).subscription or subscription


def vault_of(plan: RecoveryPlan, subscription: str) -> VaultRef:
    """The vault: by its own id, else by the resource group that it lies in.

    Args:
        plan: The plan.
        subscription: Of the source, where the plan says none for the vault.
    """
    said = plan.vault
    group = group_id_of(said.resource_group, said.subscription or subscription)
    place = parse_id(said.name if said.name.startswith("/") else group)
    name = place.name if said.name.startswith("/") else said.name
    return VaultRef(place.subscription or subscription, place.resource_group or "", name)
