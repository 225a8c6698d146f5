"""A small in-memory `Gateway`: deterministic, on a virtual clock, every act kept in `acts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from muster.clock import Clock
from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.kinds import Forbidden, GatewayWaitEnded, NotFound, Refused
from muster.gateway.port import (
    Accepted,
    AutomationJob,
    Caller,
    CommandResult,
    Job,
    JobError,
    Json,
    Permission,
    ProtectedItem,
    RecoveryPoint,
    Resource,
    Usage,
    VaultRef,
    VirtualMachine,
)
from tests.fakes.copies import make_copy, remove_copy
from tests.fakes.world import FakeWorld

POLL = timedelta(seconds=5)


@dataclass(frozen=True)
class Act:
    """One mutating call: the method's name, what it was about, and the rest of its arguments."""

    kind: str
    subject: str  # item, VM, resource id, or runbook name
    details: Mapping[str, object]


@dataclass
class _Running:
    vm: str
    kind: str
    job: Job
    due: datetime
    network: str = ""


class FakeGateway:
    """Implements `muster.gateway.port.Gateway` over a `FakeWorld` and a clock (`VirtualClock` in
    unit tests).

    Jobs take the world's spans; what they change is applied once their end has come, whoever looks
    first.
    """

    def __init__(self, world: FakeWorld, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.acts: list[Act] = []
        self.reads = 0
        self.all_jobs: dict[str, _Running] = {}
        self._commands: dict[tuple[str, str], tuple[datetime, CommandResult]] = {}
        self._automation: dict[str, tuple[datetime, str]] = {}
        self._taken_ids: dict[str, int] = {}

    async def __aenter__(self) -> FakeGateway:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def caller(self) -> Caller:
        return Caller("caller-object", "caller-app", "tenant")

    def usage(self) -> Usage:
        deletes = sum(act.kind.startswith("delete") for act in self.acts)
        return Usage(self.reads, len(self.acts) - deletes, deletes, 0)

    def kinds(self) -> list[str]:
        """The kinds of the acts so far, in order."""
        return [act.kind for act in self.acts]

    # --- Site Recovery ---------------------------------------------------------------------------
    async def vault(self, vault: VaultRef) -> Resource | None:
        self._read()
        if not self.world.vault_there or not same_id(vault.id, self.world.vault.id):
            return None
        kind = "Microsoft.RecoveryServices/vaults"
        return Resource(
            vault.id, vault.name, kind, "westus2", {}, {"provisioningState": "Succeeded"}
        )

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        self._read()
        if await self.vault(vault) is None:
            raise NotFound(f"Vault {vault.name} does not exist", status=404)
        return tuple(self.world.items.values())

    async def protected_item(self, item_id: str) -> ProtectedItem | None:
        self._read()
        return self._item(item_id)

    async def recovery_points(self, item_id: str) -> tuple[RecoveryPoint, ...]:
        self._read()
        found = self.world.points.get(key_of(item_id), [])
        return tuple(sorted(found, key=lambda point: point.time))

    async def start_test_failover(
        self, item_id: str, network_id: str, recovery_point_id: str | None
    ) -> Accepted:
        self._act("start_test_failover", item_id, network=network_id, point=recovery_point_id)
        item = self._must("TestFailover", item_id)
        return self._start(item, "TestFailover", self.world.failover_takes, network_id)

    async def start_cleanup(self, item_id: str, comments: str) -> Accepted:
        self._act("start_cleanup", item_id, comments=comments)
        item = self._must("TestFailoverCleanup", item_id)
        return self._start(item, "TestFailoverCleanup", self.world.cleanup_takes, "")

    async def job(self, job_id: str) -> Job | None:
        self._read()
        running = self.all_jobs.get(key_of(job_id))
        return running.job if running else None

    async def jobs(self, vault: VaultRef, since: datetime) -> tuple[Job, ...]:
        self._read()
        found = [running.job for running in self.all_jobs.values()]
        recent = (job for job in found if job.started_at and job.started_at >= since)
        return tuple(replace(job, tasks=(), network_id=None) for job in recent)

    async def job_ended(self, job_id: str, *, expected: timedelta, within: timedelta) -> Job:
        deadline = self.clock.now() + within
        while (job := await self.job(job_id)) is not None:
            if job.ended:
                return job
            await self._wait(deadline, f"job {job_id}", job.state)
        raise NotFound(f"Job {job_id} does not exist", status=404)

    # --- Compute ---------------------------------------------------------------------------------
    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None:
        self._read(vm_id)
        found = self.world.vms.get(key_of(vm_id))
        if found is None or not instance_view:
            return found and replace(found, power_state=None, agent_ready=None, agent_status=None)
        if not found.name.endswith("-test") or found.created_at is None:
            return found
        stuck = found.name.removesuffix("-test") in self.world.never_boots
        booted = self.clock.now() >= found.created_at + self.world.boot_takes and not stuck
        status = "Ready" if booted else "Not Ready"
        return replace(found, agent_ready=booted, agent_status=status)

    async def start_command(self, vm_id: str, name: str, script: str, timeout: timedelta) -> None:
        self._act("start_command", vm_id, name=name, script=script)
        vm = self.world.vms.get(key_of(vm_id))
        if vm is None:
            raise NotFound(f"VM {vm_id} does not exist", status=404)
        if (key_of(vm_id), name) in self._commands:
            return  # sent again: the same command
        source_name = vm.name.removesuffix("-test")
        began = self.clock.now()
        code, out, err = self.world.answer(source_name, name, script)
        due = began + self.world.command_takes
        state = "Succeeded" if code == 0 else "Failed"
        if source_name in self.world.silent_commands:
            due, code, out, err, state = began + timeout, -1, "", "", "TimedOut"
        result = CommandResult(state, code, out, err, began, due, {})
        self._commands[key_of(vm_id), name] = (due, result)

    async def command(self, vm_id: str, name: str) -> CommandResult | None:
        self._read(vm_id)
        found = self._commands.get((key_of(vm_id), name))
        if found is None:
            return None
        due, result = found
        if self.clock.now() >= due:
            return result
        return CommandResult("Running", None, "", "", result.started_at, None, {})

    async def command_ended(
        self, vm_id: str, name: str, *, expected: timedelta, within: timedelta
    ) -> CommandResult:
        deadline = self.clock.now() + within
        while (result := await self.command(vm_id, name)) is not None:
            if result.ended:
                return result
            await self._wait(deadline, f"command {name}", result.state)
        raise NotFound(f"Command {name} does not exist", status=404)

    async def delete_command(self, vm_id: str, name: str) -> None:
        self._act("delete_command", vm_id, name=name)
        self._commands.pop((key_of(vm_id), name), None)

    # --- Automation ------------------------------------------------------------------------------
    async def runbook(self, account_id: str, name: str) -> Resource | None:
        self._read(account_id)
        if name not in self.world.runbooks:
            return None
        kind = "Microsoft.Automation/automationAccounts/runbooks"
        state = {"state": "Published", "runbookType": "PowerShell"}
        return Resource(f"{account_id}/runbooks/{name}", name, kind, "westus2", {}, state)

    async def start_runbook(
        self,
        account_id: str,
        job_name: str,
        runbook: str,
        parameters: Mapping[str, str],
        run_on: str | None,
    ) -> None:
        self._act("start_runbook", runbook, job=job_name, parameters=dict(parameters))
        if runbook not in self.world.runbooks:
            raise Refused(f"Runbook {runbook} does not exist", status=400)
        self._automation.setdefault(job_name, (self.clock.now(), runbook))

    async def automation_job(self, account_id: str, job_name: str) -> AutomationJob | None:
        self._read()
        if job_name not in self._automation:
            return None
        began, runbook = self._automation[job_name]
        due = began + self.world.runbook_takes
        if self.clock.now() < due:
            return AutomationJob(job_name, "Running", began, None, None, {})
        status, output = self.world.runbooks[runbook]
        exception = None if status == "Completed" else output
        return AutomationJob(job_name, status, began, due, exception, {})

    async def automation_job_ended(
        self, account_id: str, job_name: str, *, start_within: timedelta, within: timedelta
    ) -> AutomationJob:
        deadline = self.clock.now() + within
        while (job := await self.automation_job(account_id, job_name)) is not None:
            if job.ended:
                return job
            await self._wait(deadline, f"runbook job {job_name}", job.status)
        raise NotFound(f"Job {job_name} does not exist", status=404)

    async def automation_output(self, account_id: str, job_name: str) -> str:
        self._read()
        return self.world.runbooks[self._automation[job_name][1]][1]

    # --- everything else in ARM ------------------------------------------------------------------
    async def resource(self, resource_id: str) -> Resource | None:
        self._read(resource_id)
        return self.world.resources.get(key_of(resource_id))

    async def put_resource(self, resource_id: str, body: Json, *, within: timedelta) -> Resource:
        self._act("put_resource", resource_id, body=body)
        arm = parse_id(resource_id)
        properties = {**body.get("properties", {}), "provisioningState": "Succeeded"}
        for kind in ("subnets", "securityRules", "routes"):
            if kind in properties:
                properties[kind] = [
                    {**part, "id": f"{resource_id}/{kind}/{part['name']}"}
                    for part in properties[kind]
                ]
        raw = {**body, "id": resource_id, "name": arm.name, "type": arm.type}
        tags = body.get("tags", {})
        made = Resource(
            resource_id, arm.name, arm.type, body.get("location"), tags, properties,
            {**raw, "properties": properties},
        )  # fmt: skip
        return self.world.add(made)

    async def delete_resource(self, resource_id: str, *, within: timedelta) -> None:
        self._act("delete_resource", resource_id)
        self.world.resources.pop(key_of(resource_id), None)
        self.world.vms.pop(key_of(resource_id), None)

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        self._read(group_id)
        inside = key_of(group_id) + "/providers/"
        return tuple(
            replace(found, properties={}, raw={})
            for key, found in self._everything().items()
            if key.startswith(inside) and len(parse_id(found.id).types) == 1
        )

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        self._read()
        return tuple(
            replace(found, properties={}, raw={})
            for found in self._everything().values()
            if found.type.casefold() == arm_type.casefold()
            and same_id(parse_id(found.id).subscription, subscription)
        )

    async def permissions(self, scope: str) -> tuple[Permission, ...]:
        self._read(scope)
        return self.world.permissions

    # --- inside ----------------------------------------------------------------------------------
    def _everything(self) -> dict[str, Resource]:
        kind = "Microsoft.Compute/virtualMachines"
        machines = {
            key: Resource(vm.id, vm.name, kind, vm.location, vm.tags)
            for key, vm in self.world.vms.items()
        }
        return {**self.world.resources, **machines}

    def _read(self, what: str = "") -> None:
        self.reads += 1
        self._settle()
        if key_of(what) in self.world.forbidden:
            raise Forbidden(f"Reading {what} is not allowed", action="*/read")

    def _act(self, kind: str, subject: str, **details: object) -> None:
        self._settle()
        self.acts.append(Act(kind, subject, details))
        if kind in self.world.forbidden_acts:
            raise Forbidden(f"{kind} of {subject} is not allowed", action=kind)

    def _item(self, item_id: str) -> ProtectedItem | None:
        return next((i for i in self.world.items.values() if same_id(i.id, item_id)), None)

    def _must(self, operation: str, item_id: str) -> ProtectedItem:
        item = self._item(item_id)
        if item is None:
            raise NotFound(f"Item {item_id} does not exist", status=404)
        if operation not in item.allowed_operations:
            raise Refused(f"{operation} is not allowed on {item.friendly_name}", status=400)
        return item

    def _start(
        self, item: ProtectedItem, scenario: str, takes: timedelta, network: str
    ) -> Accepted:
        number = self._taken_ids[scenario] = self._taken_ids.get(scenario, 0) + 1
        name = f"{scenario.casefold()}-{number}"
        job_id = f"{self.world.vault.id}/replicationJobs/{name}"
        now = self.clock.now()
        job = Job(
            job_id, name, scenario, "InProgress", now, None, item.friendly_name, item.entity_id,
            ("Cancel",), (), (), {"id": job_id}, network or None,
        )  # fmt: skip
        hangs = item.friendly_name in self.world.jobs_that_hang
        due = now + (timedelta(days=365) if hangs else takes)
        self.all_jobs[key_of(job_id)] = _Running(item.friendly_name, scenario, job, due, network)
        self._change(item, allowed_operations=(), current_job_id=job_id)
        return Accepted(job_id, f"correlation-{name}", job_id)

    def _change(self, item: ProtectedItem, **changes: object) -> ProtectedItem:
        changed = replace(item, **changes)  # type: ignore[arg-type]
        self.world.items[item.friendly_name] = changed
        return changed

    def _settle(self) -> None:
        """Apply what ended by now, oldest end first."""
        now = self.clock.now()
        due = [r for r in self.all_jobs.values() if not r.job.ended and r.due <= now]
        for running in sorted(due, key=lambda r: r.due):
            item = self.world.items[running.vm]
            if running.kind == "TestFailover":
                error = self.world.failing_failovers.get(running.vm)
                if error is None:
                    make_copy(self.world, item, running.network, running.due)
                self._ended(running, item, error, pending=error is None)
            else:
                error = self.world.failing_cleanups.get(running.vm)
                if error is None:
                    remove_copy(self.world, item)
                self._ended(running, item, error, pending=error is not None)

    def _ended(
        self, running: _Running, item: ProtectedItem, error: str | None, *, pending: bool
    ) -> None:
        state = "Failed" if error is not None else "Succeeded"
        action = "Look at the item in the portal."
        errors = () if error is None else (JobError("150000", error, "Unknown cause.", action),)
        running.job = replace(
            running.job, state=state, ended_at=running.due, errors=errors, allowed_actions=()
        )
        idle = ("UnplannedFailover", "DisableProtection", "TestFailover")
        waiting = "Cleanup test failover pending"
        done = running.kind == "TestFailoverCleanup" and not pending
        self._change(
            item,
            current_job_id=None,
            allowed_operations=("TestFailoverCleanup",) if pending else idle,
            test_failover_state="WaitingForCompletion" if pending else None,
            protection_state_description=waiting if pending else "Protected",
            last_successful_test_failover=(
                running.due if done else item.last_successful_test_failover
            ),
        )

    async def _wait(self, deadline: datetime, what: str, state: str) -> None:
        left = deadline - self.clock.now()
        if left <= timedelta():
            raise GatewayWaitEnded(f"Waiting for {what} ended; last seen: {state}")
        await self.clock.sleep(min(POLL, left))
