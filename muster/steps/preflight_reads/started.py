"""What the operation starts, and what the caller may do: runbooks, workers, permissions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from muster.gateway.values import Json, Permission
from muster.plan.actions import Action, Operation, Touches
from muster.steps.items import source_vm_id
from muster.steps.preflight_checks.facts import Runbooks
from muster.steps.preflight_reads.lists import groups_of
from muster.steps.preflight_reads.reader import Reader
from muster.steps.preflight_reads.scene import Scene
from muster.steps.runbooks import account_id

OF_RUNBOOKS = ("runbooks", "accounts", "workers")
OF_PERMISSIONS = (
    *("vault_permissions", "target_permissions", "source_permissions"),
    "account_permissions",
)
STARTED = (*OF_RUNBOOKS, *OF_PERMISSIONS)


def started_runbooks(scene: Scene) -> list[tuple[str, str, str | None]]:
    """Account id, name and hybrid worker group of every runbook that is started, each once."""
    named = [
        (account_id(scene, action.runbook.account), action.runbook.name, action.runbook.run_on)
        for action in _actions(scene)
        if action.runbook
    ]
    return list(dict.fromkeys(named))


def _actions(scene: Scene) -> Iterator[Action]:
    """A drill leaves out what touches production, or does not say what it touches."""
    in_a_drill = (Touches.TEST, Touches.NOTHING)
    for *_, action in scene.plan.actions():
        if not action.runs_in(scene.operation):
            continue
        if scene.operation is not Operation.DRILL or action.effective_touches in in_a_drill:
            yield action


async def read_started(reader: Reader) -> None:
    await asyncio.gather(
        reader.whole(OF_RUNBOOKS, _runbooks(reader)),
        reader.whole(OF_PERMISSIONS, _permissions(reader)),
    )


async def _runbooks(reader: Reader) -> None:
    facts, gateway = reader.facts, reader.gateway
    named = started_runbooks(reader.scene)
    accounts = [account for account, *_ in named]
    nobody: tuple[Json, ...] = ()
    groups = [(account, group) for account, _, group in named if group]

    async def workers(place: tuple[str, str]) -> tuple[Json, ...]:
        account, group = place
        path = f"{account}/hybridRunbookWorkerGroups/{group}/hybridRunbookWorkers"
        return await gateway.collection(path)

    found, facts.accounts, staffed = await asyncio.gather(
        asyncio.gather(
            *(
                reader.read("runbooks", lambda at=(account, name): gateway.runbook(*at), None)  # type: ignore[misc]
                for account, name, _ in named
            )
        ),
        reader.each("accounts", accounts, gateway.resource, None),
        reader.each("workers", groups, workers, nobody),
    )
    facts.runbooks = tuple(
        Runbooks(account, name, runbook, run_on)
        for (account, name, run_on), runbook in zip(named, found, strict=True)
    )
    facts.workers = {f"{account}/{group}": rows for (account, group), rows in staffed.items()}


async def _permissions(reader: Reader) -> None:
    facts, gateway, scene = reader.facts, reader.gateway, reader.scene
    nothing: tuple[Permission, ...] = ()

    async def at(name: str, scope: str) -> tuple[Permission, ...]:
        return await reader.read(name, lambda: gateway.permissions(scope), nothing)

    accounts = sorted({account for account, *_ in started_runbooks(scene)})
    sources = groups_of(source_vm_id(scene, vm.name) for vm in scene.plan.all_vms)
    (
        facts.vault_permissions,
        facts.target_permissions,
        facts.source_permissions,
        facts.account_permissions,
    ) = await asyncio.gather(
        at("vault_permissions", scene.vault.id),
        at("target_permissions", scene.target_group_id),
        reader.each("source_permissions", sources, gateway.permissions, nothing),
        reader.each("account_permissions", accounts, gateway.permissions, nothing),
    )
