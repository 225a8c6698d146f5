"""The port upon the real SDKs: each method is done by the part that knows its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import jwt

from muster.gateway.automation import Automation
from muster.gateway.budget import Budget
from muster.gateway.compute import Compute
from muster.gateway.connections import Connections
from muster.gateway.replication import Replication
from muster.gateway.resources import Resources
from muster.gateway.road import Road
from muster.gateway.site_recovery import SiteRecovery
from muster.gateway.translate import in_our_words
from muster.gateway.values import (
    Accepted,
    AutomationJob,
    Caller,
    CommandResult,
    Job,
    Json,
    Permission,
    ProtectedItem,
    RecoveryPoint,
    Resource,
    Usage,
    VaultRef,
    VirtualMachine,
)
from muster.settings import Settings


class AzureGateway(Replication):
    """`muster.gateway.port.Gateway` against Azure, or whatever the settings name in its place."""

    def __init__(self, settings: Settings, road: Road | None = None) -> None:
        self._budget = Budget(settings.clock)
        self._connections = Connections(settings, self._budget, road)
        self._site_recovery = SiteRecovery(self._connections, settings.clock)
        self._compute = Compute(self._connections, settings.clock)
        self._automation = Automation(self._connections, settings.clock)
        self._resources = Resources(self._connections, settings.clock)
        super().__init__(self._connections, settings.clock)

    async def __aenter__(self) -> AzureGateway:
        await self._connections.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._site_recovery.close()
        await self._connections.__aexit__(*exc)

    async def caller(self) -> Caller:
        """Read from our own token; nobody else's claim is believed, so no signature is checked."""
        with in_our_words("Signing in"):
            token = await self._connections.credential.get_token(self._connections.scope)
        try:
            claims = jwt.decode(token.token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            claims = {}  # Azure calls its tokens opaque; then nothing is known about the caller
        app = claims.get("appid") or claims.get("azp")
        return Caller(claims.get("oid"), app, claims.get("tid"))

    def usage(self) -> Usage:
        return replace(self._budget.usage(), parted=self._connections.dates.parted)

    def clock_ahead(self) -> timedelta | None:
        return self._connections.dates.ahead

    async def vault(self, vault: VaultRef) -> Resource | None:
        return await self._site_recovery.vault(vault)

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        return await self._site_recovery.protected_items(vault)

    async def items_lately(self, vault: VaultRef, max_age: timedelta) -> tuple[ProtectedItem, ...]:
        return await self._site_recovery.items_lately(vault, max_age)

    async def protected_item(self, item_id: str) -> ProtectedItem | None:
        return await self._site_recovery.protected_item(item_id)

    async def recovery_points(self, item_id: str) -> tuple[RecoveryPoint, ...]:
        return await self._site_recovery.recovery_points(item_id)

    async def start_test_failover(
        self, item_id: str, network_id: str, recovery_point_id: str | None
    ) -> Accepted:
        return await self._site_recovery.start_test_failover(
            item_id, network_id, recovery_point_id
        )

    async def start_cleanup(self, item_id: str, comments: str) -> Accepted:
        return await self._site_recovery.start_cleanup(item_id, comments)

    async def job(self, job_id: str) -> Job | None:
        return await self._site_recovery.job(job_id)

    async def jobs(self, vault: VaultRef, since: datetime) -> tuple[Job, ...]:
        return await self._site_recovery.jobs(vault, since)

    async def job_ended(self, job_id: str, *, expected: timedelta, within: timedelta) -> Job:
        return await self._site_recovery.job_ended(job_id, expected=expected, within=within)

    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None:
        return await self._compute.vm(vm_id, instance_view=instance_view)

    async def vms(self, scope: str) -> tuple[VirtualMachine, ...]:
        return await self._compute.vms(scope)

    async def start_command(self, vm_id: str, name: str, script: str, timeout: timedelta) -> None:
        await self._compute.start_command(vm_id, name, script, timeout)

    async def command(self, vm_id: str, name: str) -> CommandResult | None:
        return await self._compute.command(vm_id, name)

    async def command_ended(
        self, vm_id: str, name: str, *, expected: timedelta, within: timedelta
    ) -> CommandResult:
        return await self._compute.command_ended(vm_id, name, expected=expected, within=within)

    async def delete_command(self, vm_id: str, name: str) -> None:
        await self._compute.delete_command(vm_id, name)

    async def runbook(self, account_id: str, name: str) -> Resource | None:
        return await self._automation.runbook(account_id, name)

    async def start_runbook(
        self,
        account_id: str,
        job_name: str,
        runbook: str,
        parameters: Mapping[str, str],
        run_on: str | None,
    ) -> None:
        await self._automation.start_runbook(account_id, job_name, runbook, parameters, run_on)

    async def automation_job(self, account_id: str, job_name: str) -> AutomationJob | None:
        return await self._automation.automation_job(account_id, job_name)

    async def automation_job_ended(
        self, account_id: str, job_name: str, *, start_within: timedelta, within: timedelta
    ) -> AutomationJob:
        return await self._automation.automation_job_ended(
            account_id, job_name, start_within=start_within, within=within
        )

    async def automation_output(self, account_id: str, job_name: str) -> str:
        return await self._automation.automation_output(account_id, job_name)

    async def resource(self, resource_id: str) -> Resource | None:
        return await self._resources.resource(resource_id)

    async def put_resource(
        self, resource_id: str, body: Json, *, within: timedelta, only_new: bool = False
    ) -> Resource:
        return await self._resources.put_resource(
            resource_id, body, within=within, only_new=only_new
        )

    async def delete_resource(self, resource_id: str, *, within: timedelta) -> None:
        await self._resources.delete_resource(resource_id, within=within)

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        return await self._resources.resources_of_group(group_id)

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        return await self._resources.resources_of_type(subscription, arm_type)

    async def collection(self, path: str) -> tuple[Json, ...]:
        return await self._resources.collection(path)

    async def subscriptions(self) -> tuple[str, ...]:
        return await self._resources.subscriptions()

    async def permissions(self, scope: str) -> tuple[Permission, ...]:
        return await self._resources.permissions(scope)
