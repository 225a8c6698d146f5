"""What every request passes before its handler: version, registration, locks, policies."""

from __future__ import annotations

from muster.simulator.arm import locks, policy, providers, versions
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
            policy.demand_write_allowed(call)
        return handler(call)

    return handle


def refusing(verb: str, target: Target) -> Handler:
    """The handler of what has none: 405 for a type that is known, else 404."""

    def handle(call: Call) -> Answer:
        is_action = verb == "post" and not target.is_resource
        if target.kind in TYPES and not is_action:
            raise versions.no_such_verb(call.method)
        raise versions.unknown_type(target, call.api_version)

    return handle
