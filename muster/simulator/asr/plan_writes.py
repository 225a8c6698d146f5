"""Recovery plans: read, made, changed and deleted (FACTS 6)."""

from __future__ import annotations

import copy
from typing import Any

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import same
from muster.simulator.asr import jobs, operations, plan_bodies, plans
from muster.simulator.asr.plan_groups import NotAllowed, check_groups, read_groups
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.durations import Share
from muster.simulator.json_types import Json
from muster.simulator.world import Effect, World

MODEL = "ResourceManager"
# The deletion's names are those of [SPEC]; the other's scenario and title Microsoft's page shows
# (Get-AzureSiteRecoveryJob), its name is by analogy.
SAVE_TASKS = (
    Share("SaveRecoveryPlanTask", "SaveRecoveryPlanTask", "Save a recovery plan task", 1),
)
DELETE_TASKS = (
    Share("DeleteRecoveryPlanTask", "DeleteRecoveryPlanTask", "Delete a recovery plan task", 1),
)


def get_plan(call: Call) -> Answer:
    """GET …/replicationRecoveryPlans/{plan}."""
    plan = plans.find(call.world, call.target)
    return Answer(200, plan_bodies.body(call.world, plan, whole=True))


def list_plans(call: Call) -> Answer:
    """GET …/replicationRecoveryPlans: every plan without its groups [CLI]."""
    found = plans.in_vault(call.world, call.target)
    return listed([plan_bodies.body(call.world, plan, whole=False) for plan in found])


def put_plan(call: Call) -> Answer:
    """PUT …/replicationRecoveryPlans/{plan}: made when its job ends.

    Over a plan that is there already: replaced as a whole (UNCERTAIN).
    """
    world, given = call.world, call.properties()
    vault = _vault_id(call)
    known = world.table("plans").get(plans.key_of(call.target))
    plan = copy.deepcopy(known) if known else _new(call, vault)
    plan |= _head(given)
    groups = read_groups(given.get("groups"), vault)
    job = _job(call, plan, "SaveRecoveryPlan", SAVE_TASKS)
    return _save(call, plan, groups, job, busy=bool(known) and plans.is_busy(world, plan))


def patch_plan(call: Call) -> Answer:
    """PATCH …/replicationRecoveryPlans/{plan}: the whole list of groups is replaced.

    It has to hold the Shutdown and the Failover group [SPEC]; how Azure refuses one that does not
    is not known.
    """
    world = call.world
    plan = copy.deepcopy(plans.find(world, call.target))
    given = call.properties().get("groups")
    job = _job(call, plan, "SaveRecoveryPlan", SAVE_TASKS)
    groups = plan["groups"] if given is None else read_groups(given, plan["vault_id"])
    if given is not None and not {"shutdown", "failover"} <= {_kind(group) for group in given}:
        return _refuse(call, job, "An update has to hold the groups 'Shutdown' and 'Failover'.")
    return _save(call, plan, groups, job, busy=plans.is_busy(world, plan))


def delete_plan(call: Call) -> Answer:
    """DELETE …/replicationRecoveryPlans/{plan}: 202, gone within a second [CLI]; 204 if none."""
    if plans.key_of(call.target) not in call.world.table("plans"):
        return Answer(204)
    plan = plans.find(call.world, call.target)
    job = _job(call, plan, "DeleteRecoveryPlan", DELETE_TASKS)
    job["answers"] = False
    if plans.is_busy(call.world, plan):
        return _refuse(call, job, f"A job of the recovery plan '{plan['name']}' is running.")
    call.world.later(
        job["ends"] - call.world.now, "plan_deleted", job=job["id"], plan=plan["id"].lower()
    )
    return operations.accepted(call, job)


def saved(world: World, args: Json) -> None:
    """A plan is made, or has its new groups; what was done to it meanwhile stays."""
    plan = args["plan"]
    known = world.table("plans").get(plan["id"].lower())
    kept = {key: known[key] for key in _HISTORY} if known else {}
    world.table("plans")[plan["id"].lower()] = plan | kept
    world.changed = True


def deleted(world: World, args: Json) -> None:
    """A plan is gone; its items, and what it brought up, are not its own."""
    world.table("plans").pop(args["plan"], None)
    world.changed = True


_HISTORY = ("job", "test", "lastTestFailoverTime", "lastUnplannedFailoverTime")


def _new(call: Call, vault: str) -> Json:
    name = call.target.names[1]
    return {
        "id": f"{vault}/replicationRecoveryPlans/{name}",
        "name": name,
        "vault_id": vault,
        "guid": call.world.guid("plan", vault, name),
        **dict.fromkeys(_HISTORY),
    }


def _vault_id(call: Call) -> str:
    """The vault's id in its own casing."""
    path = "/".join(call.target.path.split("/")[:9])
    vault = call.world.resource(path)
    return str(vault["id"]) if vault else path


def _head(given: Json) -> Json:
    """What a PUT says besides the groups. Raises: AzureError."""
    for name in ("primaryFabricId", "recoveryFabricId", "groups"):
        if not given.get(name):
            raise bad_input(f"'properties.{name}' is required.")
    inputs = given.get("providerSpecificInput") or []
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise bad_input("'providerSpecificInput' has to be a list.")
    return {
        "primary_fabric": str(given["primaryFabricId"]),
        "recovery_fabric": str(given["recoveryFabricId"]),
        "model": _model(given),
        "provider_details": [_details(one) for one in inputs],
    }


def _model(given: Json) -> str:
    """`failoverDeploymentModel`: machines of Azure Resource Manager alone (A2A knows no other)."""
    model = str(given.get("failoverDeploymentModel") or MODEL)
    if not same(model, MODEL):
        raise bad_input(f"'failoverDeploymentModel' has to be '{MODEL}'.")
    return MODEL


def _details(told: Json) -> Json:
    """The providerSpecificDetails of what came in: none for none [CLI], else [SDK]."""
    keys = ("primaryZone", "recoveryZone", "primaryExtendedLocation", "recoveryExtendedLocation")
    return {"instanceType": "A2A"} | {key: told.get(key) for key in keys}


def _job(call: Call, plan: Json, scenario: str, tasks: tuple[Share, ...]) -> Json:
    return jobs.begin(
        call.world,
        plan["vault_id"],
        scenario,
        jobs.Subject("RecoveryPlan", plan["guid"], plan["name"]),
        resource=plan["id"],
        takes=call.world.takes("plan_saved", plan["id"]),
        client_request_id=call.client_request_id,
        tasks=tasks,
        details={"instanceType": "AsrJobDetails", "affectedObjectDetails": {}},
    )


def _save(call: Call, plan: Json, groups: list[Json], job: Json, *, busy: bool) -> Answer:
    """Keep a plan when its job ends, unless it is against the rules."""
    world = call.world
    if busy:
        return _refuse(call, job, f"A job of the recovery plan '{plan['name']}' is running.")
    try:
        _check_fabrics(world, plan)
        check_groups(world, plan, groups)
    except NotAllowed as reason:
        return _refuse(call, job, str(reason))
    plan["groups"] = groups
    world.later(job["ends"] - world.now, "plan_saved", job=job["id"], plan=plan)
    return operations.accepted(call, job)


def _check_fabrics(world: World, plan: Json) -> None:
    for side in ("primary_fabric", "recovery_fabric"):
        fabric = world.table("asr").get(plan[side].lower())
        if fabric is None or not fabric["type"].endswith("/replicationFabrics"):
            raise NotAllowed(f"The fabric '{plan[side]}' does not exist.")
        plan[side] = fabric["id"]


def _refuse(call: Call, job: Json, message: str) -> Answer:
    return operations.refuse(
        call,
        job,
        message,
        causes="The recovery plan is against a rule, or it is in use.",
        action="Look at the limits of recovery plans and try again.",
    )


def _kind(group: Any) -> str:
    return str(group.get("groupType") or "").lower()


EFFECTS: dict[str, Effect] = {"plan_saved": saved, "plan_deleted": deleted}
_LIMITS = "Limits and rules are documented; how a plan against them is refused: a setting."
ROUTES: Routes = {
    (plans.TYPE, "get"): Route(get_plan, "recorded"),
    (plans.TYPE, "list"): Route(list_plans, "recorded"),
    (plans.TYPE, "put"): Route(put_plan, "recorded", _LIMITS),
    (plans.TYPE, "patch"): Route(patch_plan, "specified", _LIMITS),
    (plans.TYPE, "delete"): Route(delete_plan, "recorded"),
}
