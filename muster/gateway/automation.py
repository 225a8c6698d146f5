"""Automation: runbooks, their jobs and what those print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from muster.clock import Clock
from muster.gateway.connections import Connections
from muster.gateway.ids import parse_id
from muster.gateway.kinds import NotFound
from muster.gateway.parse import parse_resource
from muster.gateway.parse_compute import parse_automation_job
from muster.gateway.translate import in_our_words
from muster.gateway.values import AutomationJob, Resource
from muster.gateway.waiting import poll_until

NOT_STARTED = frozenset({"new", "activating", "queued", "starting"})
EXPECTED = timedelta(seconds=60)  # a sandbox takes most of a minute to begin (no figure recorded)


class Automation:
    """What the gateway asks of Automation."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    async def runbook(self, account_id: str, name: str) -> Resource | None:
        group, account, client = self._place(account_id)
        with in_our_words(f"Reading runbook {name} of account {account}"):
            try:
                found = await client.runbook.get(group, account, name)
            except ResourceNotFoundError:
                return None
        return parse_resource(found.as_dict())

    async def start_runbook(
        self,
        account_id: str,
        job_name: str,
        runbook: str,
        parameters: Mapping[str, str],
        run_on: str | None,
    ) -> None:
        """Create the job under our name; one that is there already is the same job."""
        group, account, client = self._place(account_id)
        body = {
            "properties": {
                "runbook": {"name": runbook},
                "parameters": dict(parameters),
                "runOn": run_on or "",
            }
        }
        with in_our_words(f"Starting runbook {runbook} in account {account}"):
            try:
                await client.job.create(group, account, job_name, body)
            except ResourceExistsError:
                if await self.automation_job(account_id, job_name) is None:
                    raise

    async def automation_job(self, account_id: str, job_name: str) -> AutomationJob | None:
        group, account, client = self._place(account_id)
        with in_our_words(f"Reading job {job_name} of account {account}"):
            try:
                found = await client.job.get(group, account, job_name)
            except ResourceNotFoundError:
                return None
        return parse_automation_job(found.as_dict())

    async def automation_job_ended(
        self, account_id: str, job_name: str, *, start_within: timedelta, within: timedelta
    ) -> AutomationJob:
        """Wait for its start, then, for up to `within` more, for its end.

        Raises:
            GatewayWaitEnded: It did not start, or not end, in time.
            NotFound: There is no such job.
        """
        started = await self._until(
            account_id, job_name, "to start", lambda job: not _waits_for_start(job), start_within
        )
        if started.ended:
            return started
        return await self._until(
            account_id, job_name, "to end", lambda job: job is None or job.ended, within
        )

    async def automation_output(self, account_id: str, job_name: str) -> str:
        group, account, client = self._place(account_id)
        with in_our_words(f"Reading the output of job {job_name} of account {account}"):
            return str(await client.job.get_output(group, account, job_name))

    async def _until(
        self, account_id: str, job_name: str, what: str, done: Any, within: timedelta
    ) -> AutomationJob:
        job: AutomationJob | None = await poll_until(
            self._clock,
            lambda: self.automation_job(account_id, job_name),
            done,
            what=f"Waiting for runbook job {job_name} {what}",
            shown=lambda job: job.status if job else "nothing",
            expected=EXPECTED,
            within=within,
        )
        if job is None:
            raise NotFound(f"Runbook job {job_name} does not exist", status=404)
        return job

    def _place(self, account_id: str) -> tuple[str, str, Any]:
        arm = parse_id(account_id)
        client = self._connections.automation(arm.subscription or "")
        return arm.resource_group or "", arm.name, client


def _waits_for_start(job: AutomationJob | None) -> bool:
    return job is not None and job.status.casefold() in NOT_STARTED
