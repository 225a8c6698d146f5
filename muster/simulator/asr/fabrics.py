"""Fabrics: a region is registered with a vault, checked, removed and purged (FACTS 3)."""

from __future__ import annotations

from muster.simulator.asr import refusals, setup, setup_jobs, setup_tasks
from muster.simulator.asr.configuration import items_in, items_into
from muster.simulator.asr.setup_jobs import Refusal
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.regions import KNOWN, as_location


def create(call: Call) -> Answer:
    """PUT `{properties:{customDetails:{instanceType:"Azure", location}}}`."""
    asked = refusals.part(call, call.properties(), "customDetails", "Azure")
    location = as_location(refusals.text(call, asked, "location"))
    if location not in KNOWN:
        raise refusals.bad_input(call, f"'{location}' is not an Azure region.")
    world, name = call.world, call.target.name
    fabric = setup.fabric(world, vault_id_of(call), name, location)
    takes = world.takes("fabric_create", by=(world.seed, fabric["id"]))
    job = _begun(call, setup_tasks.CREATE_FABRIC, fabric, takes)
    # Here, and only here, the fabric's own name stands for the region's [PS-NC].
    job["details"]["affectedObjectDetails"]["primaryVmmName"] = name
    known = setup.find(world, fabric["id"], setup.FABRICS)
    if refusal := setup_jobs.busy(world, fabric["id"]) or _taken(known, location):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, keep=[known or fabric])


def remove(call: Call) -> Answer:
    """POST …/remove: refused while the fabric has containers."""
    fabric = refusals.demand_fabric(call)
    job = _begun(
        call,
        setup_tasks.REMOVE_FABRIC,
        fabric,
        call.world.takes("fabric_remove", fabric["id"]),
        answers=False,
    )
    if refusal := setup_jobs.busy(call.world, fabric["id"]) or _holds_containers(call, fabric):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, drop=[fabric["id"]])


def purge(call: Call) -> Answer:
    """DELETE: by force, with all set-up that lies in it; not while items are protected there."""
    fabric = setup_jobs.there_or_on_its_way(call, setup.FABRICS)
    if fabric is None:
        return Answer(204)
    job = _begun(
        call,
        setup_tasks.REMOVE_FABRIC,
        fabric,
        call.world.takes("fabric_purge", fabric["id"]),
        answers=False,
    )
    if refusal := setup_jobs.busy(call.world, fabric["id"]) or _holds_items(call, fabric):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, drop=[fabric["id"], *_pointing_at(call, fabric)])


def check(call: Call) -> Answer:
    """POST …/checkConsistency: a job that finds nothing wrong."""
    fabric = refusals.demand_fabric(call)
    job = _begun(
        call, setup_tasks.CHECK_FABRIC, fabric, call.world.takes("fabric_check", fabric["id"])
    )
    return setup_jobs.accept(call, job)


def _begun(
    call: Call,
    kind: setup_tasks.SetupKind,
    fabric: Json,
    takes: float,
    *,
    answers: bool = True,
) -> Json:
    return setup_jobs.begin(
        call,
        kind,
        (fabric["properties"]["internalIdentifier"], fabric["name"]),
        fabric["id"],
        takes,
        affected=setup_jobs.fabrics_affected(fabric),
        answers=answers,
    )


def _pointing_at(call: Call, fabric: Json) -> list[str]:
    """Mappings that lie in other fabrics and lead into this one."""
    world, vault_id, inside = call.world, vault_id_of(call), fabric["id"].lower() + "/"
    containers = setup.under(world, vault_id, setup.MAPPINGS)
    networks = setup.under(world, vault_id, setup.NETWORK_MAPPINGS)
    leads = [(each, each["properties"]["targetProtectionContainerId"]) for each in containers]
    leads += [(each, each["properties"]["recoveryFabricArmId"]) for each in networks]
    return [each["id"] for each, end in leads if (end.lower() + "/").startswith(inside)]


def _taken(known: Json | None, location: str) -> Refusal | None:
    if known is None or setup.location_of(known) == location:
        return None
    return Refusal(
        f"The fabric '{known['name']}' exists already, for another region.",
        f"The fabric was created for '{known['properties']['friendlyName']}'.",
        "Choose another name.",
    )


def _holds_containers(call: Call, fabric: Json) -> Refusal | None:
    found = next(setup.under(call.world, fabric["id"], setup.CONTAINERS), None)
    if found is None:
        return None
    return Refusal(
        f"The fabric '{fabric['name']}' cannot be removed.",
        f"The protection container '{found['name']}' is still there.",
        "Remove its protection containers and try again.",
    )


def _holds_items(call: Call, fabric: Json) -> Refusal | None:
    found = items_in(call.world, fabric["id"]) or items_into(call.world, fabric["id"])
    if not found:
        return None
    return Refusal(
        f"The fabric '{fabric['name']}' cannot be removed.",
        f"'{found[0]['vm_name']}' is still protected there, or replicates into it.",
        "Disable the protection of its items and try again.",
    )


_CREATE = (
    "Job, tasks, details and duration are recorded. What a name that is taken for another region "
    "is answered: inferred, in the form of the setting."
)
_REMOVE = (
    "Job and tasks are recorded for an on-premises server. That containers forbid it: inferred."
)
_PURGE = (
    "Answer and duration are recorded. That it takes containers and mappings along, and that "
    "protected items forbid it: inferred."
)
_FABRIC = f"{setup.BASE}/{setup.FABRICS}"
ROUTES: Routes = {
    (_FABRIC, "put"): Route(create, "recorded", _CREATE),
    (f"{_FABRIC}/remove", "post"): Route(remove, "specified", _REMOVE),
    (_FABRIC, "delete"): Route(purge, "recorded", _PURGE),
    (f"{_FABRIC}/checkConsistency", "post"): Route(
        check, "specified", "Job, task and duration: inferred."
    ),
    **{
        (f"{_FABRIC}/{verb}", "post"): refusals.ON_PREMISES
        for verb in ("renewCertificate", "reassociateGateway", "migratetoaad", "removeInfra")
    },
}
