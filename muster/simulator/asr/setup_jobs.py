"""Jobs that set a vault up: begun, refused, and what they change at their end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import jobs, operations, setup
from muster.simulator.asr.setup_tasks import CREATE_FABRIC, SetupKind
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json
from muster.simulator.regions import display
from muster.simulator.world import Effect, World

REGISTERED_LAST = 0.3  # seconds the one task of CreateSite is told to have taken [PS-NC]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a write cannot be done; in which form it is said is a setting (FACTS 11)."""

    message: str
    causes: str
    action: str


def begin(
    call: Call,
    kind: SetupKind,
    subject: tuple[str, str],
    resource: str,
    takes: float,
    *,
    affected: Json | None = None,
    answers: bool = True,
) -> Json:
    """Note a set-up job that was accepted now; it changes nothing before `accept`.

    Args:
        call: The write.
        kind: What kind of job.
        subject: Internal GUID and name of what it is about.
        resource: Id of the resource that its `Location` lies under.
        takes: Azure seconds.
        affected: Its affectedObjectDetails.
        answers: Whether `operationresults` shows the resource (else 204).
    """
    world = call.world
    job = jobs.begin(
        world,
        vault_id_of(call),
        kind.scenario,
        jobs.Subject(kind.about, *subject),
        resource=resource,
        takes=takes,
        client_request_id=call.client_request_id,
        tasks=kind.tasks,
        answers=answers,
        details={"instanceType": "AsrJobDetails", "affectedObjectDetails": affected or {}},
        change={"keep": [], "drop": []},
    )
    for task in job["tasks"]:
        task["taskId"] = task["taskId"] or world.guid("task", task["name"])
    if kind.skipped:
        job["tasks"].append(_empty_group(world, *kind.skipped))
    return job


def accept(
    call: Call, job: Json, *, keep: Sequence[Json] = (), drop: Sequence[str] = ()
) -> Answer:
    """Let a job go its way: at its end it stores what it keeps and forgets what it drops."""
    job["change"] = {"keep": list(keep), "drop": list(drop)}
    call.world.later(job["ends"] - call.world.now, "setup_ends", job=job["id"])
    return operations.accepted(call, job)


def refuse(call: Call, job: Json, refusal: Refusal) -> Answer:
    """Refuse in the form that the world's setting says."""
    return operations.refuse(
        call, job, refusal.message, causes=refusal.causes, action=refusal.action
    )


def setup_ends(world: World, args: Json) -> None:
    """A set-up job is over: what it was begun for is there, or gone."""
    job = world.table("jobs").get(args["job"])
    if job is None or job["fails"] or job["cancelled"] is not None:
        return  # gone with its vault, failed, or cancelled
    for arm_id in job["change"]["drop"]:
        setup.drop(world, arm_id)
    for entry in job["change"]["keep"]:
        setup.keep(world, entry)
        if entry["type"] == f"{setup.BASE}/{setup.POLICIES}":
            _apply(world, entry)
    for task in job["tasks"]:
        if task["start"] is None:
            task["state"] = jobs.SKIPPED
    if job["scenario"] == CREATE_FABRIC.scenario:
        job["tasks"][0]["start"] = job["ends"] - REGISTERED_LAST


# -- what is on its way -----------------------------------------------------------------------


def there_or_coming(world: World, vault_id: str, kind: str) -> Iterator[Json]:
    """All set-up of a kind in a vault, and what unfinished jobs are going to store."""
    yield from setup.under(world, vault_id, kind)
    for job in _unfinished(world):
        if same(job["vault_id"], vault_id):
            for entry in job["change"]["keep"]:
                if entry["type"] == f"{setup.BASE}/{kind}":
                    yield entry


def there_or_on_its_way(call: Call, kind: str) -> Json | None:
    """The piece of set-up that a path names, also while the job that makes it runs."""
    entries = there_or_coming(call.world, vault_id_of(call), kind)
    path = call.target.path.lower()
    return next((entry for entry in entries if entry["id"].lower() == path), None)


def busy(world: World, arm_id: str) -> Refusal | None:
    """Refuses a write while a job changes a resource or what lies in it, or leads there."""
    mine = arm_id.lower()
    for job, theirs in _worked_on(world):
        if (theirs.lower() + "/").startswith(mine + "/"):
            return Refusal(
                f"The operation '{job['scenario']}' is in progress on '{name_of(arm_id)}'.",
                "Another operation is running.",
                "Wait until it has completed and try again.",
            )
    return None


def _worked_on(world: World) -> Iterator[tuple[Json, str]]:
    """(job, id): set-up that is being changed, and the policy that a reprotect will follow."""
    for job in _unfinished(world):
        if any(job["change"].values()):
            yield job, job["resource"]
    for job in world.table("jobs").values():
        if "way" in job and jobs.state(world, job)[0] not in jobs.ENDED:
            yield job, job["way"]["policy"]


def _unfinished(world: World) -> Iterator[Json]:
    for job in world.table("jobs").values():
        if "change" in job and jobs.state(world, job)[0] not in jobs.ENDED:
            yield job


# -- parts ------------------------------------------------------------------------------------


def fabrics_affected(primary: Json, recovery: Json | None = None) -> Json:
    """AffectedObjectDetails of a job about one fabric, or about two: names of regions [PS-RP]."""
    told = {
        "primaryVmmId": primary["properties"]["internalIdentifier"],
        "primaryVmmName": display(setup.location_of(primary)),
        "primaryFabricProviderId": "Azure",
    }
    if recovery is not None:
        told |= {
            "recoveryVmmId": recovery["properties"]["internalIdentifier"],
            "recoveryVmmName": display(setup.location_of(recovery)),
            "recoveryFabricProviderId": "Azure",
        }
    return told


def _empty_group(world: World, name: str, friendly: str) -> Json:
    """A group task without members: NotStarted, in the end skipped [PS-RP]."""
    task = jobs.plain_task(world.guid("task", name), name, friendly)
    group = {"instanceType": "GroupTaskDetails", "childTasks": []}
    return task | {"type": "GroupTaskDetails", "custom": None, "group": group}


def _apply(world: World, entry: Json) -> None:
    """Items follow their policy when it changes."""
    terms = entry["properties"]["providerSpecificDetails"]
    for item in world.items.values():
        if same(f"{item['vault_id']}/replicationPolicies/{item['policy']}", entry["id"]):
            item["app_every"] = terms["appConsistentFrequencyInMinutes"] * 60.0
            item["keep"] = terms["recoveryPointHistory"] * 60.0


EFFECTS: dict[str, Effect] = {"setup_ends": setup_ends}
