"""One thing that is to stand as wanted: left alone, made, found under way, told half made."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from muster.errors import Aborted, StepFailed
from muster.gateway.kinds import Conflict, Unreachable
from muster.gateway.values import Accepted
from muster.journal.events import EventKind, Observed
from muster.steps.context import Spent
from muster.steps.deadline import Deadline
from muster.steps.replicating.deeds import Deed, Look, bring_about
from tests.unit.steps.drilling import Drill

STEP = "test-failover:db1"


class Thing:
    """A fabric of the fake vault, and how it looks."""

    def __init__(self, drill: Drill) -> None:
        self.drill = drill
        self.fabric = f"{drill.run.vault.id}/replicationFabrics/f"
        self.sends = 0
        self.spoilt = False  # it is there, and never as wanted
        self.refuses = False

    async def look(self) -> Look:
        found = await self.drill.gateway.setup_part(self.fabric)
        if self.spoilt:
            return Look(there=True, fits=False, shown="bent")
        return Look(there=found is not None, fits=found is not None, shown="straight")

    async def send(self) -> Accepted:
        self.sends += 1
        if self.refuses:
            await self.make()
            await self.drill.clock.sleep(timedelta(minutes=2))
            raise Conflict("It is there already", status=409)
        return await self.make()

    async def make(self) -> Accepted:
        return await self.drill.gateway.make_fabric(self.drill.run.vault, "f", "eastus")

    async def come_about(self) -> str:
        run, step = self.drill.run, self.drill.step(STEP)
        deed = Deed(
            act="make-fabric", kind="fabric", name="f", id=self.fabric, scenario="CreateSite",
            about="f", look=self.look, send=self.send, request={}, expected=timedelta(minutes=1),
        )  # fmt: skip
        return await bring_about(run, step, deed, Deadline.of(step, run.clock), Spent())

    def told(self) -> list[str]:
        return [
            event.data["how"]
            for event in self.drill.run.journal.events
            if event.data.get("what") == Observed.MADE.value
        ]


@pytest.fixture
async def thing() -> Thing:
    return Thing(await Drill.begin())


async def test_what_is_missing_is_made_once(thing: Thing) -> None:
    assert await thing.come_about() == "created"
    assert await thing.come_about() == "created"  # of this run, and not sent again
    assert thing.sends == 1


async def test_what_stands_already_is_left_alone(thing: Thing) -> None:
    await thing.drill.gateway.job_ended(
        (await thing.make()).job_id, expected=timedelta(), within=timedelta(hours=1)
    )
    assert await thing.come_about() == "left alone"
    assert thing.sends == 0


async def test_what_another_run_is_making_is_followed_and_not_sent(thing: Thing) -> None:
    await thing.make()
    assert await thing.come_about() == "found under way"
    assert thing.sends == 0


async def test_a_refusal_for_what_stands_meanwhile_is_no_failure(thing: Thing) -> None:
    thing.refuses = True
    assert await thing.come_about() == "found under way"


async def test_a_job_that_fails_is_told_with_its_cause_and_what_it_left_half_made(
    thing: Thing,
) -> None:
    real = thing.drill.gateway._begun

    def failing(*args, **kwargs):
        thing.spoilt = True
        return real(*args, error="No permission.", **kwargs)

    thing.drill.gateway._begun = failing
    with pytest.raises(StepFailed, match=r"No permission\.") as caught:
        await thing.come_about()
    assert caught.value.shown_code == "STEP-042"
    assert thing.told() == ["half made"]


async def test_a_job_that_fails_beside_anothers_names_that_one_too(thing: Thing) -> None:
    fail_every_job(thing)
    send, theirs = thing.send, []

    async def beside_another() -> Accepted:
        theirs.append(await thing.make())  # somebody is at it in the very same moment
        return await send()

    thing.send = beside_another  # type: ignore[method-assign]
    with pytest.raises(StepFailed) as caught:
        await thing.come_about()
    assert (caught.value.shown_code, thing.sends) == ("STEP-042", 2)
    message = caught.value.message
    assert "Making the fabric f: job " in message
    assert ", which this run sent, is Failed" in message
    for job in theirs:
        name = job.job_id.rpartition("/")[2]
        assert f"Another job of f at the same time, {name}, is Failed (" in message
    assert "somebody else's" not in message


async def test_a_failed_job_that_was_only_taken_for_ours_is_not_called_ours(thing: Thing) -> None:
    fail_every_job(thing)
    send = thing.send

    async def unheard() -> Accepted:
        await send()
        raise Unreachable("no answer", maybe_accepted=True)

    thing.send = unheard  # type: ignore[method-assign]
    with pytest.raises(StepFailed) as caught:
        await thing.come_about()
    assert (caught.value.shown_code, thing.sends) == ("STEP-042", 1)
    assert "which was taken for this run's as the answer to its own" in caught.value.message
    assert "which this run sent" not in caught.value.message
    assert "run the same command again" in caught.value.shown_hint


def fail_every_job(thing: Thing) -> None:
    real = thing.drill.gateway._begun
    thing.drill.gateway._begun = (  # type: ignore[method-assign]
        lambda scenario, target, takes, _, error=None: real(
            scenario, target, takes, lambda: None, "No permission."
        )
    )


async def test_a_job_that_succeeds_proves_nothing(thing: Thing) -> None:
    thing.spoilt = True
    with pytest.raises(StepFailed, match="not as wanted: bent") as caught:
        await thing.come_about()
    assert caught.value.shown_code == "STEP-043"
    assert thing.told() == ["half made"]


async def test_a_run_that_is_to_stop_leaves_the_job_to_azure(thing: Thing) -> None:
    coming = asyncio.ensure_future(thing.come_about())
    while not thing.sends:
        await asyncio.sleep(0)
    await thing.drill.clock.sleep(timedelta(seconds=5))
    thing.drill.run.stop("somebody pressed Ctrl-C")
    began = thing.drill.clock.now()
    with pytest.raises(Aborted, match="not waited for any longer"):
        await coming
    assert thing.drill.clock.now() - began < timedelta(seconds=30)
    accepted = [e for e in thing.drill.run.journal.events if e.kind is EventKind.ACCEPTED]
    assert len(accepted) == 1


async def test_what_azure_refused_is_not_half_made(thing: Thing) -> None:
    async def refused() -> Accepted:
        raise Conflict("Not now", status=409)

    thing.spoilt = True
    thing.send = refused
    with pytest.raises(Conflict):
        await thing.come_about()
    assert thing.told() == []
