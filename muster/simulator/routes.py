"""Which handler answers which kind of request: the table that grows with the surface."""

from __future__ import annotations

from muster.simulator import automation
from muster.simulator.arm import deletion as arm_deletion
from muster.simulator.arm import groups as arm_groups
from muster.simulator.arm import operations as arm_operations
from muster.simulator.arm import resources as arm_resources
from muster.simulator.arm.errors import not_implemented
from muster.simulator.arm.ids import Target
from muster.simulator.arm.types import KINDS
from muster.simulator.asr import configuration as asr_configuration
from muster.simulator.asr import items as asr_items
from muster.simulator.asr import jobs as asr_jobs
from muster.simulator.asr import operations as asr_operations
from muster.simulator.asr import points as asr_points
from muster.simulator.asr import test_copies as asr_test_copies
from muster.simulator.call import Answer, Call, Handler, listed
from muster.simulator.compute import run_commands, vms
from muster.simulator.world import Effect

_VAULT = "microsoft.recoveryservices/vaults"
_CONTAINER = f"{_VAULT}/replicationfabrics/replicationprotectioncontainers"
_ITEM = f"{_CONTAINER}/replicationprotecteditems"
_ACCOUNT = "microsoft.automation/automationaccounts"
_VM = "microsoft.compute/virtualmachines"
_SUBSCRIPTIONS = "microsoft.resources/subscriptions"

Table = dict[tuple[str, str], Handler]


def _get_item(call: Call) -> Answer:
    return Answer(200, asr_items.body(call.world, asr_items.find(call.world, call.target)))


def _list_items(call: Call) -> Answer:
    items = asr_items.in_vault(call.world, call.target)
    under = call.target.owner.lower() + "/"
    return listed(
        [
            asr_items.body(call.world, item)
            for item in items
            if item["id"].lower().startswith(under)
        ]
    )


def _list_points(call: Call) -> Answer:
    return asr_points.list_points(call, asr_items.find(call.world, call.target))


def _get_point(call: Call) -> Answer:
    return asr_points.get_point(call, asr_items.find(call.world, call.target))


def _refuse(call: Call) -> Answer:
    """Routes that exist, for the roles to forbid; a permitted caller hears the truth."""
    raise not_implemented(f"{call.method} {call.target.type}")


_ARM: Table = {
    (_SUBSCRIPTIONS, "list"): arm_groups.list_subscriptions,
    (_SUBSCRIPTIONS, "get"): arm_groups.get_subscription,
    (f"{_SUBSCRIPTIONS}/resourcegroups", "list"): arm_groups.list_groups,
    (f"{_SUBSCRIPTIONS}/resourcegroups", "get"): arm_groups.get_group,
    (f"{_SUBSCRIPTIONS}/resourcegroups", "head"): arm_groups.head_group,
    (f"{_SUBSCRIPTIONS}/resourcegroups", "put"): arm_groups.put_group,
    (f"{_SUBSCRIPTIONS}/resourcegroups", "delete"): arm_groups.delete_group,
    (f"{_SUBSCRIPTIONS}/resources", "list"): arm_groups.list_resources,
    (f"{_SUBSCRIPTIONS}/resourcegroups/resources", "list"): arm_groups.list_resources,
    (f"{_SUBSCRIPTIONS}/operationresults", "get"): arm_operations.get_result,
    ("microsoft.authorization/permissions", "list"): arm_groups.permissions,
}
_COMPUTE: Table = {
    (_VM, "get"): vms.get,
    (_VM, "list"): vms.list_vms,
    (f"{_VM}/instanceview", "list"): vms.get_instance_view,
    (f"{_VM}/start", "post"): vms.start,
    (f"{_VM}/deallocate", "post"): vms.deallocate,
    (f"{_VM}/poweroff", "post"): vms.power_off,
    (f"{_VM}/runcommands", "put"): run_commands.put,
    (f"{_VM}/runcommands", "get"): run_commands.get,
    (f"{_VM}/runcommands", "list"): run_commands.list_commands,
    (f"{_VM}/runcommands", "delete"): run_commands.delete,
}
_AUTOMATION: Table = {
    (f"{_ACCOUNT}/jobs", "put"): automation.put_job,
    (f"{_ACCOUNT}/jobs", "get"): automation.get_job,
    (f"{_ACCOUNT}/jobs", "list"): automation.list_jobs,
    (f"{_ACCOUNT}/jobs/output", "list"): automation.get_output,
    (f"{_ACCOUNT}/jobs/streams", "list"): automation.list_streams,
    (f"{_ACCOUNT}/jobs/streams", "get"): automation.get_stream,
}
_SITE_RECOVERY: Table = {
    (_ITEM, "get"): _get_item,
    (_ITEM, "list"): _list_items,
    (f"{_VAULT}/replicationprotecteditems", "list"): _list_items,
    (f"{_ITEM}/recoverypoints", "list"): _list_points,
    (f"{_ITEM}/recoverypoints", "get"): _get_point,
    (f"{_ITEM}/testfailover", "post"): asr_operations.start_failover_test,
    (f"{_ITEM}/testfailovercleanup", "post"): asr_operations.start_cleanup,
    (f"{_ITEM}/operationresults", "get"): asr_operations.get_result,
    (f"{_VAULT}/replicationoperationstatus", "get"): asr_operations.get_status,
    (f"{_VAULT}/replicationjobs", "get"): asr_jobs.get_job,
    (f"{_VAULT}/replicationjobs", "list"): asr_jobs.list_jobs,
    (f"{_VAULT}/replicationvaulthealth", "list"): asr_configuration.get_health,
    (f"{_VAULT}/replicationrecoveryplans", "list"): asr_configuration.list_none,
}
_SET_UP = (
    "replicationfabrics",
    "replicationfabrics/replicationprotectioncontainers",
    "replicationfabrics/replicationprotectioncontainers/replicationprotectioncontainermappings",
    "replicationfabrics/replicationnetworks/replicationnetworkmappings",
    "replicationpolicies",
)
_VAULT_WIDE = (
    "replicationprotectioncontainers",
    "replicationprotectioncontainermappings",
    "replicationnetworkmappings",
)
_ITEM_VERBS = (
    "unplannedfailover",
    "plannedfailover",
    "failovercommit",
    "failovercancel",
    "applyrecoverypoint",
    "reprotect",
    "remove",
    "repairreplication",
    "resolvehealtherrors",
)


def _table() -> Table:
    table = _ARM | _COMPUTE | _AUTOMATION | _SITE_RECOVERY
    for kind in _SET_UP:
        table[f"{_VAULT}/{kind}", "get"] = asr_configuration.get
        table[f"{_VAULT}/{kind}", "list"] = asr_configuration.list_entries
    for kind in _VAULT_WIDE:
        table[f"{_VAULT}/{kind}", "list"] = asr_configuration.list_entries
    for verb in _ITEM_VERBS:
        table[f"{_ITEM}/{verb}", "post"] = _refuse
    for verb in ("put", "patch", "delete"):
        table[_ITEM, verb] = _refuse
    table[f"{_CONTAINER}/switchprotection", "post"] = _refuse
    for verb in ("cancel", "resume", "restart"):
        table[f"{_VAULT}/replicationjobs/{verb}", "post"] = _refuse
    for namespace in (
        "microsoft.compute",
        "microsoft.network",
        "microsoft.storage",
        "microsoft.keyvault",
    ):
        table[f"{namespace}/locations/operations", "get"] = arm_operations.get_status
        table[f"{namespace}/locations/operationresults", "get"] = arm_operations.get_result
    return table


TABLE = _table()
_GENERIC: dict[str, Handler] = {
    "get": arm_resources.get,
    "list": arm_resources.list_all,
    "head": arm_resources.head,
    "put": arm_resources.put,
    "delete": arm_deletion.delete,
}

EFFECTS: dict[str, Effect] = {
    "resource_settled": arm_resources.settle,
    "resource_gone": arm_deletion.gone,
    "group_gone": arm_groups.group_gone,
    "power_changed": vms.power_changed,
    "booted": vms.booted,
    "run_refused": run_commands.refused,
    "copy_appears": asr_test_copies.copy_appears,
    "failover_test_ends": asr_test_copies.failover_test_ends,
    "copy_vanishes": asr_test_copies.copy_vanishes,
    "cleanup_ends": asr_test_copies.cleanup_ends,
    "cleanup_settled": asr_test_copies.cleanup_settled,
}


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
    return target.scope


def handler_for(verb: str, target: Target) -> Handler:
    """The handler of a request; what nobody knows is refused in ARM's words by the generic one."""
    found = TABLE.get((target.kind, verb))
    if found is None and (verb in _GENERIC or target.kind not in KINDS):
        found = _GENERIC.get(verb, _refuse)
    return (
        _in_vault(found or _refuse) if target.kind.startswith(_VAULT + "/") else found or _refuse
    )


def _in_vault(handler: Handler) -> Handler:
    def handle(call: Call) -> Answer:
        asr_configuration.demand_vault(call)
        return handler(call)

    return handle
