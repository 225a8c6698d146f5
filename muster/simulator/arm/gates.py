"""What every request passes before its handler: version, registration, locks, policies."""

from __future__ import annotations

from muster.simulator.arm import leaving, locks, policy, providers, versions
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import TYPES, Target
from muster.simulator.call import Answer, Call, Handler

_WRITES = frozenset({"put", "patch", "delete", "post"})


def guarded(verb: str, handler: Handler) -> Handler:
    """A handler behind the gates. Raises: AzureError, as ARM refuses before a provider hears."""

    def handle(call: Call) -> Answer:
        versions.demand_served(call)
        if verb in _WRITES:
            locks.demand_unlocked(call.world, call.target.path, verb)
            providers.demand_registered(call)
        if verb in ("put", "patch"):
            demand_staying(call)
            leaving.demand_staying(call)
            policy.demand_write_allowed(call)
        return handler(call)

    return handle


def demand_staying(call: Call) -> None:
    """Nothing is written into a group that is being deleted (code and words: MEMORY)."""
    group = call.world.group(call.target) if call.target.group else None
    if group and group["properties"]["provisioningState"] == "Deleting":
        raise AzureError(
            409,
            "ResourceGroupBeingDeleted",
            f"The resource group '{group['name']}' is in deprovisioning state and cannot perform "
            "this operation.",
        )


def refusing(verb: str, target: Target) -> Handler:
    """The handler of what has none: 405 for a type that is known, else 404."""

    def handle(call: Call) -> Answer:
        is_action = verb == "post" and not target.is_resource
        if target.kind in TYPES and not is_action:
            raise versions.no_such_verb(call.method)
        raise versions.unknown_type(target, call.api_version)

    return handle
