"""What is decided about a plan's replication, from what Azure answers."""

from __future__ import annotations

from muster.gateway.port import Gateway
from muster.gateway.values import Json
from muster.plan.model import RecoveryPlan
from muster.replication.decided import decide_on
from muster.replication.decision import Decision
from muster.replication.surveying import read_found


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

    made = decide_on(plan, await read_found(gateway, plan, subscription, skus=skus))
    return Decision(made.wanted, made.changes, made.left, made.told, made.outbound, made.listed)
