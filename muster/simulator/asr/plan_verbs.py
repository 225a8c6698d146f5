"""What may be asked of a recovery plan: its failover family (FACTS 6 and 7)."""

from __future__ import annotations

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import jobs, operations, plan_machines, plan_points, plan_run, plans
from muster.simulator.asr.failover_tests import NETWORK_TYPES
from muster.simulator.asr.failovers import SOURCE_OPERATIONS
from muster.simulator.asr.item_jobs import DIRECTIONS, demand_word
from muster.simulator.asr.plan_steps import lay_out
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

EFFECTS = plan_run.EFFECTS


def start_failover_test(call: Call) -> Answer:
    """POST …/testFailover."""
    plan, given = plans.find(call.world, call.target), call.properties()
    if not demand_word(given, "networkType", NETWORK_TYPES):
        raise bad_input("'properties.networkType' is required.")
    run = _asked(given) | {
        "network": given.get("networkId"),
        "network_type": given.get("networkType"),
    }
    job = _begun(call, plan, "TestFailover", "TestFailover", run)
    job["suspends"] = call.world.settings.failover_test_job_ends == "suspended"
    return _go(call, plan, job, "TestFailover")


def start_cleanup(call: Call) -> Answer:
    """POST …/testFailoverCleanup."""
    plan = plans.find(call.world, call.target)
    run = {"comments": str(call.properties().get("comments") or "")}
    job = _begun(call, plan, "TestFailoverCleanup", "TestFailoverCleanup", run)
    return _go(call, plan, job, "TestFailoverCleanup")


def start_failover(call: Call) -> Answer:
    """POST …/unplannedFailover."""
    plan, given = plans.find(call.world, call.target), call.properties()
    run = _asked(given)
    wanted = demand_word(given, "sourceSiteOperations", SOURCE_OPERATIONS)
    if wanted is None:
        raise bad_input("'properties.sourceSiteOperations' is required.")
    job = _begun(call, plan, "UnplannedFailover", "UnplannedFailover", run)
    return _go(call, plan, job, "UnplannedFailover", shutdown=wanted == "Required")


def start_commit(call: Call) -> Answer:
    """POST …/failoverCommit, without a body."""
    plan = plans.find(call.world, call.target)
    return _go(call, plan, _begun(call, plan, "CommitFailover", "Commit", {}), "Commit")


def start_cancel(call: Call) -> Answer:
    """POST …/failoverCancel, without a body."""
    plan = plans.find(call.world, call.target)
    job = _begun(call, plan, "CancelFailover", "CancelFailover", {})
    return _go(call, plan, job, "CancelFailover")


def start_reprotect(call: Call) -> Answer:
    """POST …/reProtect, without a body: every machine back to where it came from."""
    plan = plans.find(call.world, call.target)
    job = _begun(call, plan, "ReverseReplication", "ReverseReplicate", {})
    return _go(call, plan, job, "ReverseReplicate")


def refuse_planned_failover(call: Call) -> Answer:
    """POST …/plannedFailover: A2A has none; it is not in any allowedOperations [CLI]."""
    plan = plans.find(call.world, call.target)
    job = _begun(call, plan, "PlannedFailover", "PlannedFailover", _asked(call.properties()))
    return _refuse(call, plan, job)


def _asked(given: Json) -> Json:
    """The A2A part of a failover's input, which for plans is a list [SDK]. Raises: AzureError."""
    asked = demand_word(given, "failoverDirection", DIRECTIONS)
    if asked is None:
        raise bad_input("'properties.failoverDirection' is required.")
    listed = given.get("providerSpecificDetails")
    mine = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("instanceType") == "A2A"
    ]
    if not mine:
        raise bad_input(
            "'providerSpecificDetails' has to be a list with an entry of instanceType 'A2A'.",
        )
    kind = str(mine[0].get("recoveryPointType") or "")
    proper = next((one for one in plan_points.TYPES if same(one, kind)), None)
    if proper is None:
        raise bad_input(f"'recoveryPointType' has to be one of {', '.join(plan_points.TYPES)}.")
    sync = str(mine[0].get("multiVmSyncPointOption") or plan_points.SYNC)
    if sync not in (plan_points.SYNC, plan_points.PER_VM):
        raise bad_input(f"'{sync}' is no multiVmSyncPointOption.")
    return {"asked": asked, "point_type": proper, "sync": sync}


def _begun(call: Call, plan: Json, scenario: str, operation: str, run: Json) -> Json:
    """A job of a plan, whatever becomes of it."""
    world = call.world
    direction = direction_of(world, plan)
    whole: Json = {
        "plan": plan["id"].lower(),
        "direction": direction,
        "request": call.client_request_id,
        "machines": plan_machines.of_plan(world, plan, operation, scenario)
        if scenario in plan_machines.ALREADY
        else [],
        "steps": [],
        "step": -1,
        "faults": [],
        "comments": "",
        "network": None,
        "network_type": None,
        "point_type": None,
        "sync": None,
        "asked": None,  # the direction that a failover's input names
    } | run
    return jobs.begin(
        world,
        plan["vault_id"],
        scenario,
        jobs.Subject("RecoveryPlan", plan["guid"], plan["name"]),
        resource=plan["id"],
        takes=None,
        client_request_id=call.client_request_id,
        details=_details(world, plan, scenario, whole),
        undo="plan_cancelled",
        again="plan_again",
        run=whole,
    )


def _go(call: Call, plan: Json, job: Json, operation: str, *, shutdown: bool = False) -> Answer:
    """Let a job go its way if its time has come, else refuse.

    A plan that goes back takes either direction: which one Azure wants is not known.
    """
    lay_out(call.world, job, plan["groups"], shutdown=shutdown)
    run = job["run"]
    wrong_way = run["asked"] == DIRECTIONS[1] != run["direction"]
    if not plans.accepts(call.world, plan, operation) or wrong_way:
        return _refuse(call, plan, job)
    plan["job"] = job["id"]
    if job["scenario"] == "TestFailover":
        plan |= {"test": job["id"], "lastTestFailoverTime": job["starts"]}
    if job["scenario"] == "UnplannedFailover":
        plan["lastUnplannedFailoverTime"] = job["starts"]
    plan_run.start(call.world, job)
    return operations.accepted(call, job)


def _refuse(call: Call, plan: Json, job: Json) -> Answer:
    return operations.refuse(
        call,
        job,
        f"The operation '{job['scenario']}' is not allowed on the recovery plan '{plan['name']}' "
        "in its present state.",
        causes="Another operation is pending or running on the plan or on its items.",
        action="Look at allowedOperations of the recovery plan and try again.",
    )


def direction_of(world: World, plan: Json) -> str:
    """Which way a plan's failover goes now: back, once its items replicate from the other side.

    UNCERTAIN for A2A plans; for a moved item itself it is PrimaryToRecovery again [CLI].
    """
    home = name_of(plan["primary_fabric"])
    moved = [not same(item["fabric"], home) for _, item in plans.members(world, plan)]
    return DIRECTIONS[1] if moved and all(moved) else DIRECTIONS[0]


def _details(world: World, plan: Json, scenario: str, run: Json) -> Json:
    """customDetails: those of a failover are recorded [PS-RP], the others by analogy."""
    told = affected_by_plan(world, plan)
    if scenario in ("TestFailover", "TestFailoverCleanup"):
        network = name_of(run["network"]) if run["network"] else None
        return {
            "instanceType": "TestFailoverJobDetails",
            "testFailoverStatus": None,
            "comments": run["comments"],
            "networkName": network,
            "networkFriendlyName": network,
            "networkType": run["network_type"],
            "protectedItemDetails": [],
            "affectedObjectDetails": told,
        }
    if scenario == "UnplannedFailover":
        return {
            "instanceType": "FailoverJobDetails",
            "protectedItemDetails": [],
            "affectedObjectDetails": told,
        }
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": told}


def affected_by_plan(world: World, plan: Json) -> Json:
    """AffectedObjectDetails of a plan's job: its two fabrics [PS-RP]."""
    told = {}
    for side in ("primary", "recovery"):
        fabric = world.table("asr").get(plan[f"{side}_fabric"].lower(), {}).get("properties", {})
        told[f"{side}VmmId"] = fabric.get("internalIdentifier")
        told[f"{side}VmmName"] = fabric.get("friendlyName")
    return told | {"primaryFabricProviderId": "Azure", "recoveryFabricProviderId": "Azure"}


_TREE = (
    "Tree, jobs and states of a failover are recorded for one machine. Where actions sit in the "
    "tree, what a skipped machine's task says, and the details of the machines' own jobs: "
    "inferred. What a failed machine or runbook does to the plan: settings."
)
_TEST = (
    "States are the specification's; no plan's test failover was recorded. Tasks by analogy with "
    "the failover. Whether its job changes its id too: inferred."
)
_ALL = "Scenario and states are the specification's; tasks and details: inferred."
_BACK = (
    "Scenario and states are the specification's; that a plan's items go back with all their "
    "disks, and the plan with them: inferred. `item_reprotect` holds for plans too."
)
ROUTES: Routes = {
    (f"{plans.TYPE}/testFailover", "post"): Route(start_failover_test, "specified", _TEST),
    (f"{plans.TYPE}/testFailoverCleanup", "post"): Route(start_cleanup, "specified", _ALL),
    (f"{plans.TYPE}/unplannedFailover", "post"): Route(start_failover, "recorded", _TREE),
    (f"{plans.TYPE}/failoverCommit", "post"): Route(start_commit, "specified", _ALL),
    (f"{plans.TYPE}/failoverCancel", "post"): Route(start_cancel, "specified", _ALL),
    (f"{plans.TYPE}/reProtect", "post"): Route(start_reprotect, "specified", _BACK),
    (f"{plans.TYPE}/plannedFailover", "post"): Route(
        refuse_planned_failover, "specified", "Refused: it is not among the operations of A2A."
    ),
}
