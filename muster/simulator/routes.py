"""Which handler answers which kind of request: the rows of all rooms, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from muster.simulator import not_modelled
from muster.simulator.arm import (
    activity,
    deletion,
    gates,
    groups,
    ids,
    listing,
    locations,
    locks,
    policy_exemptions,
    policy_requests,
    providers,
    quota,
    resources,
    subscriptions,
)
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm.ids import Target
from muster.simulator.arm.shapes import private_links, storage
from muster.simulator.arm.types import KINDS
from muster.simulator.asr import (
    configuration,
    input_forms,
    job_lists,
    names,
    plan_rooms,
    protected_items,
    vaults,
)
from muster.simulator.asr import operations as asr_operations
from muster.simulator.asr.setup_rooms import SETUP_ROOMS
from muster.simulator.asr.vault_ids import with_capital_ids
from muster.simulator.automation import accounts, jobs, streams
from muster.simulator.call import Answer, Call, Handler, Route
from muster.simulator.compute import making, power, run_command_action, run_commands, sizes, vms
from muster.simulator.faults import deeds
from muster.simulator.identity import role_assignments, role_definitions
from muster.simulator.world import Effect

ROOMS: tuple[Any, ...] = (
    subscriptions,
    locations,
    providers,
    groups,
    listing,
    resources,
    deletion,
    arm_operations,
    activity,
    locks,
    policy_exemptions,
    policy_requests,
    quota,
    private_links,
    storage,
    sizes,
    vms,
    making,
    power,
    run_commands,
    run_command_action,
    accounts,
    jobs,
    streams,
    configuration,
    *SETUP_ROOMS,
    *protected_items.ROOMS,
    job_lists,
    *plan_rooms.ROOMS,
    asr_operations,
    role_assignments,
    role_definitions,
    deeds,
    not_modelled,
)
"""Each names its `ROUTES`, its `EFFECTS`, or both."""

_VAULT = "microsoft.recoveryservices/vaults/"
_RESULTS = "/operationresults"
_RESULT_OPERATION = "get Microsoft.RecoveryServices/vaults/…/operationresults"


def _rows() -> Iterator[tuple[tuple[str, str], Route]]:
    for room in ROOMS:
        for (kind, verb), route in getattr(room, "ROUTES", {}).items():
            ids.learn(kind)
            yield (kind.lower(), verb), route


def _table() -> Mapping[tuple[str, str], Route]:
    table: dict[tuple[str, str], Route] = {}
    for key, route in (*_rows(), *providers.action_rows()):
        if key in table:
            raise LookupError(f"two rows answer {key}")
        table[key] = route
    return table


TABLE = _table()
"""(type in small letters, verb) -> row."""
_OF_RESOURCES = frozenset({"put", "patch", "delete", "head"})  # never of a whole collection
_GENERIC: dict[str, Handler] = {
    "get": resources.get,
    "list": resources.list_all,
    "head": resources.head,
    "put": resources.put,
    "patch": resources.patch,
    "delete": deletion.delete,
}
EFFECTS: dict[str, Effect] = {
    kind: effect for room in ROOMS for kind, effect in getattr(room, "EFFECTS", {}).items()
}


def _operations() -> Iterator[str]:
    """Every name that `operation_of` gives, in Azure's casing."""
    yield "unknown"
    yield _RESULT_OPERATION
    for kind, verb in {*TABLE, *((kind, verb) for kind in KINDS for verb in _GENERIC)}:
        yield f"{verb} {'/'.join(map(ids.proper, kind.split('/')))}"


OPERATIONS = tuple(sorted(_operations()))


def verb_of(method: str, target: Target) -> str:
    """The word the table knows a request by: a GET of a collection is a list."""
    verb = method.lower()
    return "list" if verb == "get" and not target.is_resource else verb


def scope_of(target: Target) -> str:
    """Where a request needs its action: a resource, or what a list or an action belongs to."""
    if target.is_resource:
        return target.path
    if len(target.types) > 1 or target.namespace == "Microsoft.Resources":
        return target.owner
    return f"{target.scope}/providers/{target.namespace}"


def operation_of(verb: str, target: Target) -> str:
    """What a request is counted as: one of a bounded number of names, whatever is sent."""
    if target.kind.startswith(_VAULT) and target.kind.endswith(_RESULTS):
        return _RESULT_OPERATION
    if (target.kind, verb) in TABLE or (target.kind in KINDS and verb in _GENERIC):
        return f"{verb} {target.type}"
    return "unknown"


def handler_for(verb: str, target: Target) -> Handler:
    """The handler of a request, behind ARM's gates; what nobody knows is refused in its words."""
    if not target.kind.startswith(_VAULT) or target.kind in vaults.OWN:
        return gates.guarded(verb, _named(verb, target))
    if verb == "get" and target.kind.endswith(_RESULTS):
        return gates.guarded(verb, _in_vault(asr_operations.RESULT.handler))
    return gates.guarded(verb, _in_vault(_named(verb, target)))


def _named(verb: str, target: Target) -> Handler:
    if verb in _OF_RESOURCES and not target.is_resource:
        return gates.refusing(verb, target)
    found = TABLE.get((target.kind, verb))
    if found is not None:
        return found.handler
    if target.kind in KINDS and verb in _GENERIC:
        return _GENERIC[verb]
    return gates.refusing(verb, target)


def _in_vault(handler: Handler) -> Handler:
    """Inside a vault: it has to exist, and its ids are told in its own casing."""

    def handle(call: Call) -> Answer:
        configuration.demand_vault(call)
        if call.method == "PUT":
            names.demand_setup_name(call)
        input_forms.check(call)
        return with_capital_ids(handler(call))

    return handle
