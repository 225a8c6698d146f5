"""What stands outside of the vault: groups, the vault itself, networks, cache storage, sets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from muster.compile.graph import Step
from muster.errors import MusterError, StepFailed
from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import Resource
from muster.replication.comparing_subnets import refused_subnets
from muster.replication.found import Found
from muster.replication.reading_places import read_network
from muster.replication.serving import NETWORK, unserving
from muster.replication.wanted import ResourceWanted, Wanted
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.replicating.awaiting import first_missing, shown, tell_not_made
from muster.steps.replicating.creating import have, state_of
from muster.steps.replicating.deeds import tell
from muster.steps.replicating.standing_apart import refused_names
from muster.steps.replicating.together import all_of
from muster.steps.replicating.wanted_of import wanted_of
from muster.steps.spending import counted, told_on_failure

MAKE = "make-resource"


async def make_groups(step: Step, run: Run) -> Done:
    """Have the resource groups of target, vault and cache.

    Raises:
        StepFailed: One of them is there and is no use; STEP-044.
        GatewayError: Azure refused one.
    """
    return await _make(step, run, wanted_of(run).groups)


async def make_target_resources(step: Step, run: Run) -> Done:
    """Have the networks, storage, availability sets … that VMs recover into; side by side.

    One that fails fails the step, and keeps only those VMs from going on that need it.
    """
    return await _make(step, run, wanted_of(run).resources)


async def make_vault(step: Step, run: Run) -> Done:
    """Have the vault.

    Raises:
        StepFailed: A vault of that name is there in another region; STEP-044.
        GatewayError: Azure refused it.
    """
    spent = Spent()
    wanted = wanted_of(run)
    vault, deadline = wanted.vault, Deadline.of(step, run.clock)
    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        how, found = await _had_vault(run, step, wanted, deadline)
        if found is not None:
            _require_region(found, vault.region)
        await tell(run, step, "vault", vault.ref.name, vault.ref.id, how)
    return Done({"how": how}, spent)


async def _had_vault(
    run: Run, step: Step, wanted: Wanted, deadline: Deadline
) -> tuple[str, Resource | None]:
    vault = wanted.vault

    async def read() -> Resource | None:
        return await run.gateway.vault(vault.ref)

    async def send() -> None:
        await run.gateway.make_vault(vault.ref, vault.region, within=deadline.left())

    return await have(
        run, step, "make-vault", vault.ref.id, request={"region": vault.region}, read=read,
        send=send, deadline=deadline,
    )  # fmt: skip


def _require_region(found: Resource, region: str) -> None:
    if (found.location or "").casefold() not in ("", region.casefold()):
        raise StepFailed(
            f"The vault {found.name} is in {found.location}, not in {region}",
            code="STEP-044",
            hint="A vault cannot be moved between regions: name another one in the plan.",
        )


async def _make(step: Step, run: Run, resources: Sequence[ResourceWanted]) -> Done:
    spent = Spent()
    deadline = Deadline.of(step, run.clock)
    ready = {key_of(one.id): asyncio.Event() for one in resources}

    async def one_by_one(resource: ResourceWanted) -> str:
        befores = [one for one in resource.after if key_of(one) in ready]
        try:
            for before in befores:
                await ready[key_of(before)].wait()
            if missing := first_missing(run, befores):
                await tell_not_made(run, step, _kind(resource), resource.id, f"needs {missing}")
                return "skipped"
            return await _had(run, step, resource, deadline)
        finally:
            ready[key_of(resource.id)].set()

    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        ended = await all_of([one_by_one(resource) for resource in resources])
    ways = ("created", "left alone", "found under way")
    facts = {how.replace(" ", "_"): ended.count(how) for how in ways}
    return Done(facts, spent)


async def _had(run: Run, step: Step, resource: ResourceWanted, deadline: Deadline) -> str:
    """Make a resource if need be; that it could not be made is told to those who need it."""
    try:
        return await _have(run, step, resource, deadline)
    except MusterError as err:
        await tell_not_made(run, step, _kind(resource), resource.id, shown(err))
        raise


def _kind(resource: ResourceWanted) -> str:
    return parse_id(resource.id).type.rpartition("/")[2]


async def _have(run: Run, step: Step, resource: ResourceWanted, deadline: Deadline) -> str:
    """Make a resource if it is missing; one that is there is never changed."""

    async def read() -> Resource | None:
        return await run.gateway.resource(resource.id)

    async def send() -> None:
        await run.gateway.put_resource(
            resource.id, resource.body, within=deadline.left(), only_new=True
        )

    kind, name = _kind(resource), parse_id(resource.id).name
    request = {"id": resource.id, "body": dict(resource.body)}
    how, found = await have(
        run, step, MAKE, resource.id, request=request, read=read, send=send, deadline=deadline
    )
    if found is not None:
        _require_usable(found)
        _require_serving(resource, found)
        _require_room(run, found)
    await tell(run, step, kind, name, resource.id, how, resource.why)
    return how


def _require_usable(found: Resource) -> None:
    if state_of(found) in ("succeeded", ""):
        return
    raise StepFailed(
        f"{found.id} is there, and is {state_of(found)}",
        code="STEP-044",
        hint="Mend or remove it, then run `muster replicate` again: Muster never deletes it.",
    )


def _require_serving(resource: ResourceWanted, found: Resource) -> None:
    if against := unserving(found, resource.body):
        why, remedy = against
        raise StepFailed(
            f"{found.id} is there, and {why}; what is there is never changed",
            code="STEP-044",
            hint=remedy,
        )


def _require_room(run: Run, found: Resource) -> None:
    """Let a network pass that has what the VMs need that are to recover into it: somebody may have
    made it, or changed it, since the survey.

    Raises:
        StepFailed: STEP-044: it lacks a subnet, or has other ranges.
    """
    if parse_id(found.id).type.casefold() != NETWORK:
        return
    wanted, there = wanted_of(run), Found("", networks=(read_network(found.raw),))
    refused = refused_names(run)
    every = (refused_subnets(wanted, vm, there) for vm in wanted.vms if vm.name not in refused)
    lacks = [one for one in every if one is not None]
    if lacks:
        names = ", ".join(one.name for one in lacks[:5])
        raise StepFailed(
            f"{found.id} is there, and cannot take {names}: {lacks[0].why}",
            code="STEP-044",
            hint=lacks[0].remedy,
        )
