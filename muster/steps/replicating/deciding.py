"""What is decided about a plan's replication, from what Azure answers."""

from __future__ import annotations

from muster.gateway.port import Gateway
from muster.gateway.values import Json
from muster.plan.loader import LoadedPlan
from muster.plan.model import RecoveryPlan
from muster.plan.where import SaidWrong, at_its_line
from muster.replication.decided import decide_on
from muster.replication.decision import Decide, Decision
from muster.replication.surveying import read_found
from muster.steps.replicating.placing import with_places
from muster.steps.replicating.rights import read_rights


async def decide_for(
    loaded: LoadedPlan, decide: Decide, gateway: Gateway, subscription: str
) -> Decision:
    """As `decide`; what the plan itself says wrong is told with its file and line.

    Raises:
        PlanError: A key names what Azure does not have.
        GatewayError: The vault, or a list of VMs that the plan selects from, cannot be read.
    """
    try:
        return with_places(loaded, await decide(gateway, loaded.plan, subscription))
    except SaidWrong as err:
        raise at_its_line(err, loaded.path) from err


async def decide(gateway: Gateway, plan: RecoveryPlan, subscription: str) -> Decision:
    """What is to be there, what that changes, which VMs are left out and why.

    Args:
        gateway: Read only.
        plan: The plan.
        subscription: Where the plan names none.

    Raises:
        GatewayError: The vault, or a list of VMs that the plan selects from, cannot be read.
    """

    async def skus(of: str, region: str) -> tuple[Json, ...]:
        path = f"/subscriptions/{of}/providers/Microsoft.Compute/skus"
        return await gateway.collection(f"{path}?$filter=location eq '{region}'")

    found = await read_found(gateway, plan, subscription, skus=skus)
    made = decide_on(plan, found)
    rights, lacking = await read_rights(gateway, made.changes, found)
    told = (*lacking, *made.told)
    return Decision(
        made.wanted,
        made.changes,
        made.left,
        told,
        made.outbound,
        made.listed,
        found.setup.items,
        made.items,
        found,
        rights,
    )
