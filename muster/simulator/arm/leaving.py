"""What is being deleted: each once, and nothing that has come in its place since."""

from __future__ import annotations

from muster.simulator.arm import operations
from muster.simulator.arm.errors import AzureError
from muster.simulator.call import Call
from muster.simulator.json_types import Json
from muster.simulator.world import World


def operation_of(world: World, arm_id: str) -> str | None:
    """The operation that deletes a resource, if one does."""
    found = world.table("leaving").get(arm_id.lower())
    return str(found["operation"]) if found else None


def begin(world: World, arm_id: str, takes: float, effect: str, **told: object) -> str:
    """Let a resource go some Azure seconds later, by an effect; answers the operation.

    What is leaving already goes as it was going to, by the operation of the DELETE before. The
    effect has to ask `is_through` first: `id` and `operation` are among its arguments.
    """
    if under_way := operation_of(world, arm_id):
        return under_way
    operation = operations.begin(world, takes)
    world.table("leaving")[arm_id.lower()] = {"operation": operation}
    world.later(takes, effect, id=arm_id, operation=operation, **told)
    return operation


def is_through(world: World, args: Json) -> bool:
    """Whether what a DELETE was for is still there to go: not if it went with its group, say."""
    mine = operation_of(world, args["id"]) == str(args["operation"])
    if mine:
        del world.table("leaving")[args["id"].lower()]
    return mine


def demand_staying(call: Call) -> None:
    """Nothing is written over a resource that is being deleted, nor into it.

    Network lets nothing be written over children on their way either: words as in public issue
    threads, the status is inferred. Others, and that they refuse at all: inferred.
    """
    path = call.target.path.lower()
    network = call.target.namespace == "Microsoft.Network"
    for key, found in call.world.table("leaving").items():
        if not (path + "/").startswith(key + "/") and not (network and key.startswith(path + "/")):
            continue
        if not network:
            raise AzureError(
                409,
                "Conflict",
                f"The resource '{call.target.path}' cannot be written: '{key}' is being deleted.",
            )
        raise AzureError(
            409,
            "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress. To retrieve status "
            f"of the operation use uri: {call.endpoint}/subscriptions/{call.target.subscription}"
            f"/providers/Microsoft.Network/locations/global/operations/{found['operation']}"
            f"?api-version={call.api_version}.",
            [],
        )
