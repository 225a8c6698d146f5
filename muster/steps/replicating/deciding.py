"""Reads Azure and decides: what `muster replicate` starts from, and its survey pins."""

from __future__ import annotations

from muster.errors import InputError
from muster.gateway.port import Gateway
from muster.plan.codes import hint_for
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision


async def decide(gateway: Gateway, plan: RecoveryPlan, subscription: str) -> Decision:
    """What is to be there, what that changes, which VMs are left out and why.

    Raises:
        InputError: PLAN-053: the deciding half is not part of this build yet.
    """
    where = f"vault {plan.vault.name} of {subscription}, read through {type(gateway).__name__}"
    message = f"What {plan.plan} wants in {where} cannot be worked out yet"
    raise InputError(message, code="PLAN-053", hint=hint_for("PLAN-053"))
