"""Preflight: all that a drill rests on is read and judged before the first act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from muster.checks.verdict import Verdict
from muster.compile.graph import Step
from muster.errors import GatewayError, PreflightFailed
from muster.gateway.ids import same_id
from muster.gateway.kinds import (
    BadAnswer,
    BadCertificate,
    CredentialRefused,
    NoCredential,
    Unreachable,
)
from muster.gateway.values import Permission, ProtectedItem, VirtualMachine
from muster.journal.events import EventKind, Observed
from muster.plan.actions import Operation, Touches
from muster.steps.context import Done, Run, Spent
from muster.steps.copies import networks_of_card
from muster.steps.isolation.places import (
    drill_network_id,
    source_network_id,
    target_network_id,
)
from muster.steps.items import observe_item, source_vm_id
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import PreflightCheck
from muster.steps.preflight_checks.facts import Facts, Runbooks
from muster.steps.preflight_checks.source import recovery_network_ids, source_network_ids
from muster.steps.recorded import PRODUCTION_NETWORKS, was_done
from muster.steps.runbooks import account_id
from muster.steps.spending import counted, told_on_failure

NO_WAY_IN = (CredentialRefused, NoCredential, Unreachable, BadCertificate, BadAnswer)
"""With these nothing else can be read either: they are the answer, not a list of checks."""
JOBS_SINCE = timedelta(days=1)
READS_AT_ONCE = 10

T = TypeVar("T")


async def preflight(step: Step, run: Run) -> Done:
    """Judge whether this drill can be done, before anything is sent.

    Raises:
        PreflightFailed: Names every check of severity fail that did not pass.
        GatewayError: There is no way into Azure at all.
    """
    if was_done(run, step.id):
        return Done({"checked": "before"})
    spent = Spent()
    with told_on_failure(spent):
        with counted(spent, "cloud", run.clock):
            began = run.clock.now()
            await _observe_caller(run, step)
            facts = await gather(run)
            for vm, item in facts.items.items():
                await observe_item(run, vm, item, step.id)
            await _observe_networks(run, step, facts)
        judged = [(check, check.verdict(facts)) for check in CHECKS]
        for check, verdict in judged:
            data = _data(check, verdict, began, run.clock.now())
            await run.journal.append(EventKind.CHECKED, data, step=step.id)
        require_all(judged)
        warned = [c.id for c, v in judged if v.word != "passed"]
        return Done({"checks": len(judged), "warnings": warned}, spent)


def require_all(judged: Sequence[tuple[PreflightCheck, Verdict]]) -> None:
    """Raise unless every check of severity fail passed; what is not evidenced did not pass.

    Raises:
        PreflightFailed: Names them, each with its remedy.
    """
    bad = [(c, v) for c, v in judged if c.severity == "fail" and v.word != "passed"]
    if bad:
        said = " | ".join(
            f"{check.id} {check.title}: {verdict.word}, {verdict.why}. {check.remedy}"
            for check, verdict in bad
        )
        raise PreflightFailed(f"{len(bad)} of {len(judged)} preflight checks did not pass: {said}")


def _data(
    check: PreflightCheck, verdict: Verdict, began: datetime, ended: datetime
) -> dict[str, Any]:
    return {
        "check": check.id,
        "title": check.title,
        "kind": "preflight",
        "group": None,
        "vm": None,
        "verdict": verdict.word,
        "required": check.severity == "fail",
        "why": verdict.why,
        "remedy": check.remedy,
        "began": began,
        "ended": ended,
        "evidence": dict(verdict.evidence),
    }


async def _observe_caller(run: Run, step: Step) -> None:
    caller = await run.gateway.caller()
    data = {
        "what": Observed.CALLER.value,
        "object_id": caller.object_id,
        "app_id": caller.app_id,
        "tenant": caller.tenant,
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def _observe_networks(run: Run, step: Step, facts: Facts) -> None:
    """Take down where production really stands, for the proof of isolation to keep away from."""
    if "source_networks" in facts.unread:
        return
    data = {
        "what": PRODUCTION_NETWORKS,
        "source": source_network_ids(facts),
        "target": recovery_network_ids(facts),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def gather(run: Run) -> Facts:
    """Read everything the checks judge; what cannot be read is kept with its reason.

    Raises:
        GatewayError: There is no way into Azure at all.
    """
    facts = Facts(
        plan=run.plan,
        run_id=run.id,
        now=run.clock.now(),
        vault_ref=run.vault,
        target_group_id=run.target_group_id,
        target_network_id=target_network_id(run),
        drill_network_id=drill_network_id(run),
        source_network_id=source_network_id(run),
        scripts=frozenset(run.scripts),
    )
    gateway = run.gateway
    facts.vault = await _read(facts, "vault", gateway.vault(run.vault), None)
    await asyncio.gather(
        _items(run, facts),
        _jobs(run, facts),
        _sources(run, facts),
        _networks(run, facts),
        _runbooks(run, facts),
        _permissions(run, facts),
    )
    return facts


async def _read(facts: Facts, name: str, reading: Awaitable[T], otherwise: T) -> T:
    try:
        return await reading
    except NO_WAY_IN:
        raise
    except GatewayError as err:
        facts.unread[name] = err.message
        return otherwise


async def _items(run: Run, facts: Facts) -> None:
    if facts.vault is None:
        facts.unread.setdefault("items", f"there is no vault {run.vault.name} to read")
        return
    nothing: tuple[ProtectedItem, ...] = ()
    listed = await _read(facts, "items", run.gateway.protected_items(run.vault), nothing)
    wanted = {vm.name: source_vm_id(run, vm.name) for vm in run.plan.all_vms}
    facts.items = {
        vm: item
        for vm, source in wanted.items()
        for item in listed
        if same_id(item.source_vm_id, source)
    }


async def _jobs(run: Run, facts: Facts) -> None:
    if facts.vault is None:
        facts.unread.setdefault("jobs", f"there is no vault {run.vault.name} to read")
        return
    since = facts.now - JOBS_SINCE
    listed = await _read(facts, "jobs", run.gateway.jobs(run.vault, since), ())
    facts.jobs = tuple(job for job in listed if not job.ended)


async def _sources(run: Run, facts: Facts) -> None:
    gate = asyncio.Semaphore(READS_AT_ONCE)

    async def one(vm: str) -> tuple[str, VirtualMachine | None]:
        async with gate:
            reading = run.gateway.vm(source_vm_id(run, vm))
            return vm, await _read(facts, "sources", reading, None)

    facts.sources = dict(await asyncio.gather(*(one(vm.name) for vm in run.plan.all_vms)))

    async def stands_in(vm: str, card_ids: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        async with gate:
            reading = _networks_of(run, facts, card_ids)
            return vm, await _read(facts, "source_networks", reading, ())

    if "sources" in facts.unread:
        facts.unread["source_networks"] = facts.unread["sources"]
        return
    found = [(vm, source.nic_ids) for vm, source in facts.sources.items() if source]
    facts.source_networks = dict(await asyncio.gather(*(stands_in(*one) for one in found)))


async def _networks_of(run: Run, facts: Facts, card_ids: Sequence[str]) -> tuple[str, ...]:
    """Ids of the networks that network cards stand in; a card that is not there is noted."""
    found: list[str] = []
    for card_id in card_ids:
        card = await run.gateway.resource(card_id)
        if card is None:
            facts.unread["source_networks"] = f"there is no network card {card_id}"
            continue
        found += networks_of_card(card)
    return tuple(dict.fromkeys(found))


async def _networks(run: Run, facts: Facts) -> None:
    gateway = run.gateway
    facts.source_network = await _read(
        facts, "source_network", gateway.resource(facts.source_network_id), None
    )
    facts.target_network = await _read(
        facts, "target_network", gateway.resource(facts.target_network_id), None
    )
    facts.drill_network = await _read(
        facts, "drill_network", gateway.resource(facts.drill_network_id), None
    )
    facts.in_target_group = await _read(
        facts, "in_target_group", gateway.resources_of_group(run.target_group_id), ()
    )


async def _runbooks(run: Run, facts: Facts) -> None:
    found = []
    for name in drill_runbooks(run):
        reading = run.gateway.runbook(*name)
        found.append(Runbooks(*name, await _read(facts, "runbooks", reading, None)))
    facts.runbooks = tuple(found)


def drill_runbooks(run: Run) -> list[tuple[str, str]]:
    """Account id and name of every runbook that this drill starts, each once."""
    named = [
        (account_id(run, action.runbook.account), action.runbook.name)
        for *_, action in run.plan.actions()
        if action.runbook
        and action.runs_in(Operation.DRILL)
        and action.effective_touches in (Touches.TEST, Touches.NOTHING)
    ]
    return list(dict.fromkeys(named))


async def _permissions(run: Run, facts: Facts) -> None:
    gateway = run.gateway
    nothing: tuple[Permission, ...] = ()
    facts.vault_permissions = await _read(
        facts, "vault_permissions", gateway.permissions(run.vault.id), nothing
    )
    facts.target_permissions = await _read(
        facts, "target_permissions", gateway.permissions(run.target_group_id), nothing
    )
    accounts = sorted({account for account, _ in drill_runbooks(run)})
    facts.account_permissions = {
        account: await _read(facts, "account_permissions", gateway.permissions(account), nothing)
        for account in accounts
    }
