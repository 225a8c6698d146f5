"""An Automation runbook: started under a name of ours, waited for, its output kept at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.ids import parse_id, same_id
from muster.gateway.values import AutomationJob
from muster.journal.events import EventKind, Observed
from muster.plan.actions import Action, Runbook
from muster.plan.model import VmGroup
from muster.steps.context import Placed, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.items import source_vm_id
from muster.steps.named import name_for, named
from muster.steps.recorded import address_of, copy_of, last_observed, point_of
from muster.steps.spending import counted

RUNBOOK = "runbook"


async def run_runbook(
    run: Run, step: Step, group: VmGroup, action: Action, spent: Spent
) -> dict[str, Any]:
    """Start a runbook once and wait for its end.

    Raises:
        StepFailed: It ended otherwise than Completed.
        WaitEnded: It did not start, or not end, in time.
    """
    runbook = action.runbook
    if runbook is None:
        raise StepFailed(f"{step.id} has no runbook")
    account, job_name = account_id(run, runbook.account), name_for(run, step, "1")
    with counted(spent, "script", run.clock):
        known = last_observed(run, Observed.RUNBOOK, job=job_name)
        seen = known or await _ran(run, step, group, action, runbook, account, job_name)
    if str(seen["status"]).casefold() != "completed":
        raise StepFailed(
            f"Runbook {runbook.name} ended {seen['status']}: "
            f"{seen['exception'] or 'no reason given'}",
            code="STEP-031",
            hint=(
                "The report holds the runbook's output; look at the job in the Automation account."
            ),
        )
    return {"job": job_name, "status": seen["status"]}


def account_id(run: Placed, account: str) -> str:
    """ARM id of an Automation account: a name lies in the vault's resource group."""
    if account.startswith("/"):
        return account
    vault = run.vault
    return (
        f"/subscriptions/{vault.subscription}/resourceGroups/{vault.resource_group}"
        f"/providers/Microsoft.Automation/automationAccounts/{account}"
    )


async def _ran(
    run: Run,
    step: Step,
    group: VmGroup,
    action: Action,
    runbook: Runbook,
    account: str,
    job_name: str,
) -> Mapping[str, Any]:
    parameters = await _parameters(run, step, group, runbook)

    async def is_there() -> bool:
        return await run.gateway.automation_job(account, job_name) is not None

    async def send() -> None:
        await run.gateway.start_runbook(
            account, job_name, runbook.name, parameters, runbook.run_on
        )

    request = {"account": account, "runbook": runbook.name, "parameters": dict(parameters)}
    await named(run, step, RUNBOOK, job_name, request=request, is_there=is_there, send=send)
    within = min(runbook.start_within + runbook.timeout, Deadline.of(step, run.clock).left())
    job = await run.gateway.automation_job_ended(
        account, job_name, start_within=runbook.start_within, within=within
    )
    output = await run.gateway.automation_output(account, job_name)
    data = _observed(action, runbook, account, job, output)
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    return data


def _observed(
    action: Action, runbook: Runbook, account: str, job: AutomationJob, output: str
) -> dict[str, Any]:
    return {
        "what": Observed.RUNBOOK.value,
        "action": action.title,
        "account": account,
        "runbook": runbook.name,
        "job": job.name,
        "status": job.status,
        "output": output,
        "exception": job.exception,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "raw": dict(job.raw),
    }


async def _parameters(run: Run, step: Step, group: VmGroup, runbook: Runbook) -> dict[str, str]:
    parameters = dict(runbook.parameters)
    if runbook.context == "asr":
        entities = await _entities(run, group)
        context = asr_context(run, group, str(step.params["side"]), entities)
        parameters["RecoveryPlanContext"] = json.dumps(context)
    elif runbook.context == "muster":
        parameters["MusterContext"] = json.dumps(muster_context(run, step, group))
    return parameters


async def _entities(run: Run, group: VmGroup) -> dict[str, str]:
    """Site Recovery's GUID of each VM; where Azure shows none, a stable one of ours."""
    items = await run.gateway.protected_items(run.vault)
    found: dict[str, str] = {}
    for vm in group.vms:
        source = source_vm_id(run, vm.name)
        item = next((one for one in items if same_id(one.source_vm_id, source)), None)
        shown = item.entity_id if item else None
        found[vm.name] = shown or str(uuid5(NAMESPACE_URL, source.casefold()))
    return found


def asr_context(
    run: Run, group: VmGroup, side: str, entities: Mapping[str, str]
) -> dict[str, Any]:
    """The `RecoveryPlanContext` that Site Recovery passes, so that its runbooks run unchanged.

    In actions before a group, names and resource groups are empty, as there: no VM of it is up
    yet.
    https://learn.microsoft.com/azure/site-recovery/site-recovery-runbook-automation
    """
    number = run.plan.groups.index(group) + 1
    return {
        "RecoveryPlanName": run.plan.plan,
        "FailoverType": "Test",
        "FailoverDirection": "PrimaryToSecondary",
        "GroupId": str(number),
        "VmMap": {
            entities[vm.name]: _asr_vm(run, vm.name, is_up=side == "after") for vm in group.vms
        },
    }


def _asr_vm(run: Run, vm: str, *, is_up: bool) -> dict[str, str]:
    copy = copy_of(run, vm) if is_up else None
    arm = parse_id(str(copy["vm_id"])) if copy else None
    return {
        "SubscriptionId": run.target_subscription,
        "ResourceGroupName": (arm.resource_group or "") if arm else "",
        "CloudServiceName": "",
        "RoleName": arm.name if arm else "",
        "RecoveryPointId": str(point_of(run, vm).get("point_id") or "").rpartition("/")[2],
    }


def muster_context(run: Run, step: Step, group: VmGroup) -> dict[str, Any]:
    """What a runbook of ours gets: run, step, and the copies as far as they are up."""
    copies = [(vm.name, copy_of(run, vm.name)) for vm in group.vms]
    return {
        "run": run.id,
        "plan": run.plan.plan,
        "operation": run.graph.operation.value,
        "step": step.id,
        "group": group.name,
        "vms": [
            {
                "name": name,
                "vm_id": copy["vm_id"] if copy else None,
                "address": address_of(run, name),
            }
            for name, copy in copies
        ],
    }
