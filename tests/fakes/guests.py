"""The fake's VMs, run-commands and runbooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from muster.clock import Clock
from muster.gateway.ids import key_of
from muster.gateway.kinds import NotFound, Refused
from muster.gateway.values import AutomationJob, CommandResult, Resource, VirtualMachine
from tests.fakes.desk import FakeDesk
from tests.fakes.world import FakeWorld


class FakeGuests(FakeDesk):
    """Commands answer by the world's `answer`, runbooks by its table."""

    def __init__(self, world: FakeWorld, clock: Clock) -> None:
        super().__init__(world, clock)
        self._commands: dict[tuple[str, str], tuple[datetime, CommandResult]] = {}
        self._automation: dict[str, tuple[datetime, str]] = {}

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

    async def vms(self, scope: str) -> tuple[VirtualMachine, ...]:
        self._read(scope)
        inside = key_of(scope) + "/"
        found = (vm for key, vm in self.world.vms.items() if key.startswith(inside))
        return tuple(
            replace(vm, power_state=None, agent_ready=None, agent_status=None) for vm in found
        )

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
