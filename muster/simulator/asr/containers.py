"""Protection containers: made and removed; the rest of their verbs is for on-premises fabrics."""

from __future__ import annotations

from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import same
from muster.simulator.asr import refusals, setup, setup_jobs, setup_tasks
from muster.simulator.asr.configuration import items_in
from muster.simulator.asr.setup_jobs import Refusal
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json


def create(call: Call) -> Answer:
    """PUT …/replicationProtectionContainers/{container}; the provider's input may be left out."""
    fabric = refusals.demand_fabric(call)
    _demand_a2a(call)
    world = call.world
    container = setup.container(world, fabric, call.target.name)
    takes = world.takes("container_create", by=(world.seed, container["id"]))
    job = _begun(call, setup_tasks.CREATE_CONTAINER, fabric, container, takes)
    if refusal := setup_jobs.busy(world, container["id"]):
        return setup_jobs.refuse(call, job, refusal)
    known = setup.find(world, container["id"], setup.CONTAINERS)
    return setup_jobs.accept(call, job, keep=[known or container])


def remove(call: Call) -> Answer:
    """POST …/remove, empty: refused while it holds items or is paired."""
    fabric, container = refusals.demand_fabric(call), refusals.demand_container(call)
    job = _begun(
        call,
        setup_tasks.REMOVE_CONTAINER,
        fabric,
        container,
        call.world.takes("setup_quick", call.target.path),
        answers=False,
    )
    refusal = setup_jobs.busy(call.world, container["id"]) or _in_use(call, container)
    if refusal:
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, drop=[container["id"]])


def list_protectable(call: Call) -> Answer:
    """GET …/replicationProtectableItems: A2A has none, VMs are protected by their ids."""
    refusals.demand_container(call)
    return listed([])


def get_protectable(call: Call) -> Answer:
    """GET one: there is none."""
    refusals.demand_container(call)
    raise site_recovery_not_found(call.target.name)


def _begun(
    call: Call,
    kind: setup_tasks.SetupKind,
    fabric: Json,
    container: Json,
    takes: float,
    *,
    answers: bool = True,
) -> Json:
    return setup_jobs.begin(
        call,
        kind,
        (container["_guid"], container["name"]),
        container["id"],
        takes,
        affected=setup_jobs.fabrics_affected(fabric),
        answers=answers,
    )


def _demand_a2a(call: Call) -> None:
    """`providerSpecificInput` is a list; PowerShell sends `properties: {}` [PS-NC]."""
    given = call.properties().get("providerSpecificInput")
    if given is None:
        return
    if not isinstance(given, list):
        raise refusals.bad_input(call, "'providerSpecificInput' has to be a list.")
    for part in given:
        refusals.part(call, {"providerSpecificInput": part}, "providerSpecificInput", "A2A")


def _in_use(call: Call, container: Json) -> Refusal | None:
    message = f"The protection container '{container['name']}' cannot be removed."
    if found := items_in(call.world, container["id"]):
        cause = f"'{found[0]['vm_name']}' is still protected in it."
        return Refusal(message, cause, "Disable the protection of its items and try again.")
    for mapping in setup_jobs.there_or_coming(call.world, vault_id_of(call), setup.MAPPINGS):
        ends = setup.above(mapping), mapping["properties"]["targetProtectionContainerId"]
        if any(same(end, container["id"]) for end in ends):
            cause = f"The mapping '{mapping['name']}' pairs it with another container."
            return Refusal(message, cause, "Remove its mappings both ways and try again.")
    return None


_REMOVE = (
    "Answer and duration are recorded; the job's name, and that items and mappings forbid it: "
    "inferred, the form of the refusal a setting."
)
_CONTAINER = f"{setup.BASE}/{setup.CONTAINERS}"
_PROTECTABLE = f"{_CONTAINER}/replicationProtectableItems"
ROUTES: Routes = {
    (_CONTAINER, "put"): Route(create, "recorded"),
    (f"{_CONTAINER}/remove", "post"): Route(remove, "recorded", _REMOVE),
    (f"{_CONTAINER}/discoverProtectableItem", "post"): refusals.ON_PREMISES,
    (_PROTECTABLE, "list"): Route(list_protectable, "specified", "Empty for A2A: inferred."),
    (_PROTECTABLE, "get"): Route(get_protectable, "specified", "Empty for A2A: inferred."),
}
