"""Which networks a run's plan means: full ids, and nothing but virtual networks."""

from __future__ import annotations

from muster.errors import IsolationRefused
from muster.gateway.ids import BadArmId, parse_id
from muster.replication.naming import named_id
from muster.steps.context import Placed

NETWORK = "microsoft.network/virtualnetworks"


def network_id_of(name: str, *, group_id: str) -> str:
    """ARM id of a network that a plan names in full, or shortly within a resource group.

    Raises:
        IsolationRefused: It names something else than a virtual network.
    """
    network_id = named_id(name, group_id, "Microsoft.Network/virtualNetworks")
    if not is_network_id(network_id):
        raise IsolationRefused(
            f"{network_id} is not the id of a virtual network",
            code="ISO-007",
            hint=(
                "Name the network itself, shortly or as "
                "/subscriptions/…/providers/Microsoft.Network/virtualNetworks/NAME."
            ),
        )
    return network_id


def is_network_id(text: str) -> bool:
    """Whether an id names a virtual network of a resource group: no part of one, nothing else."""
    try:
        arm = parse_id(text)
    except BadArmId:
        return False
    return (
        arm.type.casefold() == NETWORK
        and arm.parent is None
        and arm.resource_group is not None
        and str(arm).casefold() == text.casefold()
    )


def source_network_id(run: Placed) -> str:
    return network_id_of(run.plan.source.network, group_id=run.source_group_id)


def target_network_id(run: Placed) -> str:
    return network_id_of(run.plan.target_network, group_id=run.target_group_id)


def drill_network_id(run: Placed) -> str:
    """ARM id of the network that the plan wants made or used.

    Raises:
        IsolationRefused: It names something else than a virtual network, or one to be made by an
            id: Muster makes networks in the target's resource group only.
    """
    wanted = run.plan.drill.network
    if wanted.create and wanted.create.startswith("/"):
        raise IsolationRefused(
            f"`create: {wanted.create}` is an id",
            code="ISO-007",
            hint="Name the network to be made shortly; it is made in the target's group.",
        )
    return network_id_of(str(wanted.create or wanted.use), group_id=run.target_group_id)
