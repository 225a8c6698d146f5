"""The fake's Site Recovery: items, points, and jobs that change the world at their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from muster.clock import Clock
from muster.gateway.ids import key_of, same_id
from muster.gateway.kinds import NotFound, Refused
from muster.gateway.values import (
    Accepted,
    Job,
    JobError,
    ProtectedItem,
    RecoveryPoint,
    Resource,
    VaultRef,
)
from tests.fakes.copies import make_copy, remove_copy
from tests.fakes.desk import FakeDesk
from tests.fakes.world import FakeWorld


@dataclass
class _Running:
    vm: str
    kind: str
    job: Job
    due: datetime
    network: str = ""
    point: str = ""
    effect: Callable[[], None] | None = None  # of a job that is about no test failover
    error: str | None = None


class FakeSiteRecovery(FakeDesk):
    """Jobs take the world's spans; what they change is applied by whoever looks first after."""

    def __init__(self, world: FakeWorld, clock: Clock) -> None:
        super().__init__(world, clock)
        self.all_jobs: dict[str, _Running] = {}
        self._taken_ids: dict[str, int] = {}

    async def vault(self, vault: VaultRef) -> Resource | None:
        self._read()
        if not self.world.vault_there or not same_id(vault.id, self.world.vault.id):
            return None
        kind = "Microsoft.RecoveryServices/vaults"
        where, state = self.world.vault_location, {"provisioningState": "Succeeded"}
        return Resource(vault.id, vault.name, kind, where, {}, state)

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        self._read()
        if await self.vault(vault) is None:
            raise NotFound(f"Vault {vault.name} does not exist", status=404)
        return tuple(self.world.items.values())

    async def items_lately(self, vault: VaultRef, max_age: timedelta) -> tuple[ProtectedItem, ...]:
        return await self.protected_items(vault)

    async def protected_item(self, item_id: str) -> ProtectedItem | None:
        self._read()
        return self._item(item_id)

    async def recovery_points(self, item_id: str) -> tuple[RecoveryPoint, ...]:
        self._read()
        await self.clock.sleep(self.world.points_take)
        found = self.world.points.get(key_of(item_id), [])
        return tuple(sorted(found, key=lambda point: point.time))

    async def start_test_failover(
        self, item_id: str, network_id: str, recovery_point_id: str | None
    ) -> Accepted:
        self._act("start_test_failover", item_id, network=network_id, point=recovery_point_id)
        item = self._must("TestFailover", item_id)
        accepted = self._start(item, "TestFailover", self.world.failover_takes, network_id)
        self.all_jobs[key_of(accepted.job_id)].point = recovery_point_id or ""
        return accepted

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
            if running.effect is not None:
                self._effected(running, running.effect)
                continue
            item = self.world.items[running.vm]
            if running.kind == "TestFailover":
                error = self.world.failing_failovers.get(running.vm)
                if running.point in self.world.unusable_points:
                    error = "The recovery point was not found."
                if error is None:
                    make_copy(self.world, item, running.network, running.due)
                self._ended(running, item, error, pending=error is None)
            else:
                error = self.world.failing_cleanups.get(running.vm)
                if error is None:
                    remove_copy(self.world, item)
                stays = error is not None or running.vm in self.world.still_pending
                self._ended(running, item, error, pending=stays)

    def _effected(self, running: _Running, effect: Callable[[], None]) -> None:
        error = running.error
        errors = (
            () if error is None else (JobError("150000", error, "Unknown cause.", "Mend it."),)
        )
        state = "Succeeded" if error is None else "Failed"
        running.job = replace(running.job, state=state, ended_at=running.due, errors=errors)
        effect()

    def _ended(
        self, running: _Running, item: ProtectedItem, error: str | None, *, pending: bool
    ) -> None:
        state = "Failed" if error is not None else "Succeeded"
        action = "Look at the item in the portal."
        unusable = running.point in self.world.unusable_points
        code = "BookmarkNotFound" if unusable else "150000"
        errors = () if error is None else (JobError(code, error, "Unknown cause.", action),)
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
