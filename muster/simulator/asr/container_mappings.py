"""Container mappings: one direction of replication, by a policy (FACTS 3)."""

from __future__ import annotations

from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import refusals, setup, setup_jobs, setup_tasks
from muster.simulator.asr.configuration import items_in
from muster.simulator.asr.setup_jobs import Refusal
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json

_PROVIDER = "providerSpecificInput"


def create(call: Call) -> Answer:
    """PUT `{properties:{policyId, targetProtectionContainerId, providerSpecificInput}}`.

    A policy or a container that is not there is refused in the form of the setting.
    """
    world, given = call.world, call.properties()
    source = refusals.demand_container(call)
    policy_id = refusals.text(call, given, "policyId")
    target_id = refusals.text(call, given, "targetProtectionContainerId")
    updates = _updates(call, refusals.part(call, given, _PROVIDER, "A2A"), setup.AgentUpdates())
    policy = setup.find(world, policy_id, setup.POLICIES)
    target = setup.find(world, target_id, setup.CONTAINERS)
    arm_id = f"{source['id']}/replicationProtectionContainerMappings/{call.target.name}"
    takes = world.takes("mapping_create", by=(world.seed, arm_id))
    job = _begun(call, setup_tasks.CREATE_MAPPING, arm_id, policy_id, source, target, takes)
    if policy is None:
        return setup_jobs.refuse(call, job, _unknown("replication policy", policy_id))
    if target is None:
        return setup_jobs.refuse(call, job, _unknown("protection container", target_id))
    mapping = setup.mapping(world, call.target.name, source, target, policy, updates)
    known = setup.find(world, arm_id, setup.MAPPINGS)
    refusal = (
        setup_jobs.busy(world, arm_id)
        or _to_itself(source, target)
        or _without_account(call, updates)
        or _taken(known, mapping)
    )
    if refusal:
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, keep=[known or mapping])


def update(call: Call) -> Answer:
    """PATCH `{properties:{providerSpecificInput}}`: who keeps the agents up to date."""
    known = refusals.demand(call, setup.MAPPINGS)
    given = refusals.part(call, call.properties(), _PROVIDER, "A2A")
    updates = _updates(call, given, _kept(known))
    details = setup.mapping_details(call.world, known["id"], updates)
    mapping = known | {"properties": known["properties"] | {"providerSpecificDetails": details}}
    job = _begun_on(call, setup_tasks.UPDATE_MAPPING, known, answers=True)
    refusal = setup_jobs.busy(call.world, known["id"]) or _without_account(call, updates)
    if refusal:
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, keep=[mapping])


def remove(call: Call) -> Answer:
    """POST …/remove: refused while items are protected by it."""
    return _removed(call, refusals.demand(call, setup.MAPPINGS))


def purge(call: Call) -> Answer:
    """DELETE: as `remove`; what force does that `remove` does not is not known."""
    mapping = setup_jobs.there_or_on_its_way(call, setup.MAPPINGS)
    return Answer(204) if mapping is None else _removed(call, mapping)


def _removed(call: Call, mapping: Json) -> Answer:
    job = _begun_on(call, setup_tasks.REMOVE_MAPPING, mapping, answers=False)
    if refusal := setup_jobs.busy(call.world, mapping["id"]) or _in_use(call, mapping):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, drop=[mapping["id"]])


def _begun_on(call: Call, kind: setup_tasks.SetupKind, mapping: Json, *, answers: bool) -> Json:
    world, properties = call.world, mapping["properties"]
    ends = setup.above(mapping), properties["targetProtectionContainerId"]
    source, target = (setup.find(world, arm_id, setup.CONTAINERS) for arm_id in ends)
    takes = call.world.takes("setup_quick", call.target.path)
    policy_id = properties["policyId"]
    job = _begun(call, kind, mapping["id"], policy_id, source, target, takes)
    job["answers"] = answers
    return job


def _begun(
    call: Call,
    kind: setup_tasks.SetupKind,
    arm_id: str,
    policy_id: str,
    source: Json | None,
    target: Json | None,
    takes: float,
) -> Json:
    """A job about a policy, whose details name both containers and regions [PS-RP]."""
    return setup_jobs.begin(
        call,
        kind,
        (setup.policy_guid(call.world, policy_id), name_of(policy_id)),
        arm_id,
        takes,
        affected=_affected(call, source, target) if source and target else {},
    )


def _affected(call: Call, source: Json, target: Json) -> Json:
    regions = [setup.find(call.world, setup.above(end), setup.FABRICS) for end in (source, target)]
    return {
        "primaryCloudId": source["_guid"],
        "primaryCloudName": source["name"],
        "recoveryCloudId": target["_guid"],
        "recoveryCloudName": target["name"],
        **(setup_jobs.fabrics_affected(regions[0], regions[1]) if regions[0] else {}),
    }


def _updates(call: Call, given: Json, before: setup.AgentUpdates) -> setup.AgentUpdates:
    account = given.get("automationAccountArmId", before.account)
    if account is not None and not isinstance(account, str):
        raise refusals.bad_input(call, "'automationAccountArmId' has to be an id.")
    return setup.AgentUpdates(
        refusals.choice(
            call, given, "agentAutoUpdateStatus", ("Disabled", "Enabled"), before.status
        ),
        refusals.choice(
            call,
            given,
            "automationAccountAuthenticationType",
            ("RunAsAccount", "SystemAssignedIdentity"),
            before.authentication,
        ),
        account,
    )


def _kept(mapping: Json) -> setup.AgentUpdates:
    details = mapping["properties"]["providerSpecificDetails"]
    return setup.AgentUpdates(
        details["agentAutoUpdateStatus"],
        details["automationAccountAuthenticationType"],
        details["automationAccountArmId"],
    )


# -- why not ----------------------------------------------------------------------------------


def _unknown(what: str, arm_id: str) -> Refusal:
    return Refusal(
        f"The {what} '{name_of(arm_id)}' was not found in the vault.",
        "It was removed, or the id is wrong.",
        f"Use the id of a {what} of this vault.",
    )


def _to_itself(source: Json, target: Json) -> Refusal | None:
    if not same(source["id"], target["id"]):
        return None
    return Refusal(
        f"The protection container '{source['name']}' cannot be paired with itself.",
        "Source and target are the same protection container.",
        "Use another protection container as the target.",
    )


def _without_account(call: Call, updates: setup.AgentUpdates) -> Refusal | None:
    if updates.account is None or call.world.resource(updates.account):
        return None
    return _unknown("automation account", updates.account)


def _taken(known: Json | None, mapping: Json) -> Refusal | None:
    if known is None or known["properties"] == mapping["properties"]:
        return None
    return Refusal(
        f"The protection container mapping '{known['name']}' exists already, with other content.",
        "A mapping of this name is there.",
        "Choose another name, or update the mapping.",
    )


def _in_use(call: Call, mapping: Json) -> Refusal | None:
    properties = mapping["properties"]
    for item in items_in(call.world, setup.above(mapping)):
        target = (
            f"{item['vault_id']}/replicationFabrics/{item['recovery_fabric']}"
            f"/replicationProtectionContainers/{item['recovery_container']}"
        )
        if same(target, properties["targetProtectionContainerId"]) and same(
            item["policy"], properties["policyFriendlyName"]
        ):
            return Refusal(
                f"The replication policy '{item['policy']}' cannot be dissociated.",
                f"'{item['vm_name']}' is still protected by it.",
                "Disable the protection of its items and try again.",
            )
    return None


_CREATE = (
    "How the job's time is shared out, names of schedules, and what unknown ids and a taken name "
    "are answered: inferred, the form of a refusal a setting."
)
_REMOVE = "Job and tasks are recorded for on-premises servers; that items forbid it: inferred."
_MAPPING = f"{setup.BASE}/{setup.MAPPINGS}"
ROUTES: Routes = {
    (_MAPPING, "put"): Route(create, "recorded", _CREATE),
    (_MAPPING, "patch"): Route(update, "specified", "The job's name: inferred."),
    (f"{_MAPPING}/remove", "post"): Route(remove, "specified", _REMOVE),
    (_MAPPING, "delete"): Route(purge, "recorded", _REMOVE),
}
