"""Compute: VMs with their instance view, and managed run-commands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from muster.clock import Clock
from muster.gateway.connections import Connections
from muster.gateway.ids import parse_id
from muster.gateway.kinds import NotFound
from muster.gateway.parse_compute import parse_command, parse_vm
from muster.gateway.translate import in_our_words
from muster.gateway.values import CommandResult, VirtualMachine
from muster.gateway.waiting import poll_until

GONE_WITHIN = timedelta(minutes=10)  # for a run-command that is being deleted
GONE_EXPECTED = timedelta(seconds=15)


class Compute:
    """What the gateway asks of Compute."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    async def vm(self, vm_id: str, *, instance_view: bool) -> VirtualMachine | None:
        arm = parse_id(vm_id)
        client = self._connections.compute(arm.subscription or "").virtual_machines
        expand = "instanceView" if instance_view else None
        with in_our_words(f"Reading VM {arm.name}"):
            try:
                found = await client.get(arm.resource_group or "", arm.name, expand=expand)
            except ResourceNotFoundError:
                return None
        return parse_vm(found.as_dict(), instance_view=instance_view)

    async def vms(self, scope: str) -> tuple[VirtualMachine, ...]:
        arm = parse_id(scope)
        client = self._connections.compute(arm.subscription or "").virtual_machines
        group = arm.resource_group
        with in_our_words(f"Listing the VMs of {arm.name}"):
            pages = client.list_all() if group is None else client.list(group)
            found = [vm.as_dict() async for vm in pages]
        return tuple(parse_vm(raw, instance_view=False) for raw in found)

    async def start_command(self, vm_id: str, name: str, script: str, timeout: timedelta) -> None:
        """PUT it and return. The VM is read first, for a run-command must name its VM's region."""
        vm = await self.vm(vm_id, instance_view=False)
        if vm is None:
            raise NotFound(f"VM {vm_id} does not exist", status=404)
        body: dict[str, Any] = {
            "location": vm.location,
            "properties": {
                "source": {"script": script},
                # The platform's own operation then ends when the script begins; how it went is in
                # the view.
                "asyncExecution": True,
                "timeoutInSeconds": max(1, int(timeout.total_seconds())),
                "treatFailureAsDeploymentFailure": False,
            },
        }
        group, machine, client = self._place(vm_id)
        with in_our_words(f"Starting run-command {name} on VM {machine}"):
            await client.begin_create_or_update(group, machine, name, body, polling=False)

    async def command(self, vm_id: str, name: str) -> CommandResult | None:
        group, machine, client = self._place(vm_id)
        with in_our_words(f"Reading run-command {name} of VM {machine}"):
            try:
                found = await client.get_by_virtual_machine(
                    group, machine, name, expand="instanceView"
                )
            except ResourceNotFoundError:
                return None
        return parse_command(found.as_dict())

    async def command_ended(
        self, vm_id: str, name: str, *, expected: timedelta, within: timedelta
    ) -> CommandResult:
        found = await poll_until(
            self._clock,
            lambda: self.command(vm_id, name),
            lambda result: result is None or result.ended,
            what=f"Run-command {name} on VM {parse_id(vm_id).name}",
            shown=lambda result: result.state if result else "nothing",
            expected=expected,
            within=within,
        )
        if found is None:
            raise NotFound(f"Run-command {name} of VM {vm_id} does not exist", status=404)
        return found

    async def delete_command(self, vm_id: str, name: str) -> None:
        """Returns when it is gone, also when it never was there."""
        group, machine, client = self._place(vm_id)
        with in_our_words(f"Deleting run-command {name} of VM {machine}"):
            try:
                await client.begin_delete(group, machine, name, polling=False)
            except ResourceNotFoundError:
                return
        await poll_until(
            self._clock,
            lambda: self.command(vm_id, name),
            lambda result: result is None,
            what=f"Deleting run-command {name} of VM {machine}",
            shown=lambda result: "still there" if result else "gone",
            expected=GONE_EXPECTED,
            within=GONE_WITHIN,
        )

    def _place(self, vm_id: str) -> tuple[str, str, Any]:
        arm = parse_id(vm_id)
        client = self._connections.compute(arm.subscription or "").virtual_machine_run_commands
        return arm.resource_group or "", arm.name, client
