"""Replication policies: made, changed and deleted; what A2A takes and what it does not."""

from __future__ import annotations

from typing import Any

from muster.simulator.arm.ids import same
from muster.simulator.asr import operations, refusals, setup, setup_jobs, setup_tasks
from muster.simulator.asr.configuration import items_under
from muster.simulator.asr.setup import PolicyTerms
from muster.simulator.asr.setup_jobs import Refusal
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json

CREATION_FAILED = "150261"  # [azurerm #7479], there for 24 h between app-consistent points
TOO_OFTEN = "15040"  # [azure-docs #21295]
SHORTEST, LONGEST = 60, 12 * 60  # minutes between app-consistent points; the longest is UNCERTAIN
CRASH_EVERY = 5  # minutes, fixed [DOC, as below]; that others are refused is inferred
LONGEST_HISTORY = 15 * 24 * 60  # minutes [DOC:azure-to-azure-common-questions]


def create(call: Call) -> Answer:
    """PUT …/replicationPolicies/{policy} `{properties:{providerSpecificInput}}`."""
    given = refusals.part(call, call.properties(), "providerSpecificInput", "A2A")
    if given.get("multiVmSyncStatus") is None:  # the only one that the SDK requires
        raise refusals.bad_input(call, "The required property 'multiVmSyncStatus' is missing.")
    terms = _terms(call, given, PolicyTerms())
    policy = setup.policy(vault_id_of(call), call.target.name, terms)
    job = _begun(call, setup_tasks.CREATE_POLICY, policy)
    if fault := _beyond(call, terms):
        return operations.fails_at_once(call, job, fault)
    known = setup.find(call.world, policy["id"], setup.POLICIES)
    if refusal := setup_jobs.busy(call.world, policy["id"]) or _taken(known, policy):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, keep=[known or policy])


def update(call: Call) -> Answer:
    """PATCH `{properties:{replicationProviderSettings}}`: what is left out stays as it was."""
    known = refusals.demand(call, setup.POLICIES)
    given = refusals.part(call, call.properties(), "replicationProviderSettings", "A2A")
    terms = _terms(call, given, _kept(known))
    policy = known | {
        "properties": known["properties"]
        | {"providerSpecificDetails": setup.policy_details(terms)}
    }
    job = _begun(call, setup_tasks.UPDATE_POLICY, policy)
    if fault := _beyond(call, terms):
        return operations.fails_at_once(call, job, fault)
    if refusal := setup_jobs.busy(call.world, policy["id"]):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, keep=[policy])


def delete(call: Call) -> Answer:
    """DELETE: refused while a mapping goes by it."""
    policy = setup.find(call.world, call.target.path, setup.POLICIES)
    if policy is None:
        return Answer(204)
    job = _begun(call, setup_tasks.REMOVE_POLICY, policy, answers=False)
    if refusal := setup_jobs.busy(call.world, policy["id"]) or _in_use(call, policy):
        return setup_jobs.refuse(call, job, refusal)
    return setup_jobs.accept(call, job, drop=[policy["id"]])


def _begun(call: Call, kind: setup_tasks.SetupKind, policy: Json, *, answers: bool = True) -> Json:
    return setup_jobs.begin(
        call,
        kind,
        (setup.policy_guid(call.world, policy["id"]), policy["name"]),
        policy["id"],
        call.world.takes("setup_quick", policy["id"]),
        answers=answers,
    )


def _terms(call: Call, given: Json, before: PolicyTerms) -> PolicyTerms:
    sync = refusals.choice(
        call,
        given,
        "multiVmSyncStatus",
        ("Enable", "Disable"),
        "Enable" if before.multi_vm_sync else "Disable",
    )
    return PolicyTerms(
        history=_minutes(call, given, "recoveryPointHistory", before.history),
        app_every=_minutes(call, given, "appConsistentFrequencyInMinutes", before.app_every),
        crash_every=_minutes(call, given, "crashConsistentFrequencyInMinutes", before.crash_every),
        multi_vm_sync=sync == "Enable",
    )


def _minutes(call: Call, given: Json, key: str, default: int) -> int:
    value: Any = given.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refusals.bad_input(call, f"'{key}' has to be a number of minutes.")
    return value


def _kept(policy: Json) -> PolicyTerms:
    details = policy["properties"]["providerSpecificDetails"]
    return PolicyTerms(
        history=details["recoveryPointHistory"],
        app_every=details["appConsistentFrequencyInMinutes"],
        crash_every=details["crashConsistentFrequencyInMinutes"],
        multi_vm_sync=details["multiVmSyncStatus"] == "Enabled",
    )


def _beyond(call: Call, terms: PolicyTerms) -> Json | None:
    """Why terms are beyond what it keeps; that comes as a failed job [azurerm #7479]."""
    if 0 < terms.app_every < SHORTEST:
        return _fault(
            TOO_OFTEN,
            f"The app consistent snapshot frequency can't be less than {SHORTEST} minutes.",
            f"Ensure that it is greater than or equal to {SHORTEST} minutes and retry the "
            "operation.",
        )
    if call.world.settings.policy_limits == "none":
        return None
    if terms.crash_every != CRASH_EVERY:
        return _fault(
            CREATION_FAILED,
            f"The crash consistent snapshot frequency can't be other than {CRASH_EVERY} minutes.",
            f"Leave it at {CRASH_EVERY} minutes and retry the operation.",
        )
    if terms.app_every > LONGEST:
        return _fault(
            CREATION_FAILED,
            f"The app consistent snapshot frequency can't be more than {LONGEST} minutes.",
            f"Ensure that it is at most {LONGEST} minutes and retry the operation.",
        )
    if terms.history > LONGEST_HISTORY:
        return _fault(
            CREATION_FAILED,
            f"Recovery points can't be kept for more than {LONGEST_HISTORY} minutes.",
            f"Keep them for at most {LONGEST_HISTORY} minutes and retry the operation.",
        )
    return None


def _fault(code: str, causes: str, action: str) -> Json:
    message = "Replication policy creation failed."
    return {"code": code, "message": message, "causes": causes, "action": action}


def _taken(known: Json | None, policy: Json) -> Refusal | None:
    if known is None or known["properties"] == policy["properties"]:
        return None
    return Refusal(
        f"The replication policy '{known['name']}' exists already, with other settings.",
        "A replication policy of this name is there.",
        "Choose another name, or update the policy.",
    )


def _in_use(call: Call, policy: Json) -> Refusal | None:
    for mapping in setup_jobs.there_or_coming(call.world, vault_id_of(call), setup.MAPPINGS):
        if same(mapping["properties"]["policyId"], policy["id"]):
            return Refusal(
                f"The replication policy '{policy['name']}' cannot be removed.",
                f"It is associated through the mapping '{mapping['name']}'.",
                "Dissociate the policy from all protection containers and try again.",
            )
    if found := items_under(call.world, policy["id"]):
        return Refusal(
            f"The replication policy '{policy['name']}' cannot be removed.",
            f"'{found[0]['vm_name']}' is still protected by it.",
            "Disable the protection of its items and try again.",
        )
    return None


_CREATE = (
    "Answer and job are recorded. Limits: the codes are those of two public reports, where they "
    "lie is a setting; what a name that is taken is answered: inferred, in the form of the "
    "setting `refusal`."
)
_UPDATE = "Answer, job and tasks are recorded for other providers; that items follow: inferred."
_DELETE = "That a mapping forbids it: inferred, the form of the refusal a setting."
_POLICY = f"{setup.BASE}/{setup.POLICIES}"
ROUTES: Routes = {
    (_POLICY, "put"): Route(create, "recorded", _CREATE),
    (_POLICY, "patch"): Route(update, "recorded", _UPDATE),
    (_POLICY, "delete"): Route(delete, "recorded", _DELETE),
}
