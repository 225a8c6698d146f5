"""A send happens at most once, whatever crashes, gets lost or stands in the vault beside it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from muster.errors import SegmentTaken, StepFailed
from muster.gateway.kinds import Conflict, Unreachable
from muster.gateway.values import Accepted
from muster.journal.events import EventKind
from muster.steps.once import LIST_LAG, REQUEST_TIMEOUT, SEND_WITHIN, Act, Found, once
from tests.unit.steps.drilling import Drill

ACT, VM = "test-failover", "db1"


class Azure:
    """What `once` sees of Azure: sends are counted, jobs are found as laid out."""

    def __init__(self) -> None:
        self.sends = 0
        self.found: list[Found] = []
        self.searches: list[datetime] = []
        self.allows = True
        self.error: Exception | None = None
        self.makes_job = True

    async def send(self) -> Accepted:
        self.sends += 1
        if self.makes_job:
            self.found.append(Found(f"/v/replicationJobs/j{self.sends}", None, {}))
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return Accepted(f"/v/replicationJobs/j{self.sends}", "correlation", "request")

    async def find(self, since: datetime) -> list[Found]:
        self.searches.append(since)
        return list(self.found)

    async def may_send(self) -> bool:
        return self.allows


async def sent(drill: Drill, azure: Azure):
    step = drill.step("test-failover:db1")
    return await once(
        drill.run, step, ACT, VM, request={"item_id": "i"}, find=azure.find,
        may_send=azure.may_send, send=azure.send,
    )  # fmt: skip


async def meant(drill: Drill) -> None:
    """An earlier process journalled its intent, and then died."""
    await Act(drill.run, drill.step("test-failover:db1"), ACT, VM).intend({"item_id": "i"})


def a_job(name: str) -> Found:
    return Found(f"/v/replicationJobs/{name}", None, {"state": "InProgress"})


async def test_a_send_is_intended_then_accepted():
    drill, azure = await Drill.begin(), Azure()
    found = await sent(drill, azure)
    assert (found.job_id, found.adopted) == ("/v/replicationJobs/j1", False)
    (intended,), (accepted,) = drill.of(EventKind.INTENDED), drill.of(EventKind.ACCEPTED)
    assert intended["attempt"] == 1
    assert accepted["job_id"] == found.job_id


async def test_what_was_accepted_is_never_sent_again():
    drill, azure = await Drill.begin(), Azure()
    await sent(drill, azure)
    again = await sent(await drill.crashed(), azure)
    assert azure.sends == 1
    assert again.job_id == "/v/replicationJobs/j1"


async def test_an_intent_whose_job_is_there_is_adopted_once_it_can_no_longer_arrive_unseen():
    drill, azure = await Drill.begin(), Azure()
    began = drill.clock.now()
    await meant(drill)
    azure.found = [a_job("lost")]
    found = await sent(await drill.crashed(), azure)
    assert found.adopted
    assert found.job_id.endswith("lost")
    assert azure.sends == 0
    assert drill.clock.now() >= began + SEND_WITHIN + REQUEST_TIMEOUT + LIST_LAG


async def test_an_intent_without_a_job_is_sent_again_as_the_next_attempt():
    drill, azure = await Drill.begin(), Azure()
    await meant(drill)
    again = await drill.crashed()
    assert not (await sent(again, azure)).adopted
    assert azure.sends == 1
    assert [data["attempt"] for data in again.of(EventKind.INTENDED)] == [1, 2]


async def test_an_intent_without_a_job_is_not_sent_again_where_azure_does_not_permit_it():
    drill, azure = await Drill.begin(), Azure()
    await meant(drill)
    azure.allows = False
    with pytest.raises(StepFailed) as caught:
        await sent(drill, azure)
    assert caught.value.shown_code == "STEP-011"
    assert azure.sends == 0


async def test_two_jobs_stop_everything_and_name_both():
    drill, azure = await Drill.begin(), Azure()
    await meant(drill)
    azure.found = [a_job("one"), a_job("two")]
    with pytest.raises(StepFailed) as caught:
        await sent(drill, azure)
    assert caught.value.shown_code == "STEP-010"
    assert "one" in caught.value.message
    assert "two" in caught.value.message
    assert azure.sends == 0
    assert drill.of(EventKind.ACCEPTED) == []


async def test_a_lost_answer_is_looked_for_and_adopted():
    drill, azure = await Drill.begin(), Azure()
    azure.error = Unreachable("connection reset", maybe_accepted=True)
    found = await sent(drill, azure)
    assert found.adopted
    assert azure.sends == 1


async def test_a_lost_request_is_sent_again_only_after_looking():
    drill, azure = await Drill.begin(), Azure()
    azure.error, azure.makes_job = Unreachable("timeout", maybe_accepted=True), False
    found = await sent(drill, azure)
    assert not found.adopted
    assert azure.sends == 2
    assert len(azure.searches) == 1


async def test_a_refusal_is_raised_and_settles_the_intent():
    drill, azure = await Drill.begin(), Azure()
    azure.error, azure.makes_job = Conflict("busy", status=409), False
    with pytest.raises(Conflict):
        await sent(drill, azure)
    assert drill.of(EventKind.NOTED)[-1]["what"] == "refused"
    await sent(drill, azure)
    assert azure.searches == []  # nothing was open, so nothing had to be looked for
    assert azure.sends == 2


async def test_no_answer_three_times_ends_the_step():
    drill, azure = await Drill.begin(), Azure()
    azure.makes_job = False

    async def silent() -> Accepted:
        azure.sends += 1
        raise Unreachable("reset", maybe_accepted=True)

    azure.send = silent  # type: ignore[method-assign]
    with pytest.raises(StepFailed) as caught:
        await sent(drill, azure)
    assert caught.value.shown_code == "STEP-012"
    assert azure.sends == 3


async def test_an_intent_that_ran_out_before_the_send_is_journalled_anew():
    drill, azure = await Drill.begin(), Azure()
    journal = drill.run.journal
    owned, slow = journal.ensure_owned, [True]

    async def slow_disk() -> None:
        if slow.pop() if slow else False:
            drill.clock.advance(SEND_WITHIN + timedelta(seconds=1))
        await owned()

    journal.ensure_owned = slow_disk  # type: ignore[method-assign]
    await sent(drill, azure)
    attempts = drill.of(EventKind.INTENDED)
    assert [data["attempt"] for data in attempts] == [1, 2]
    assert drill.of(EventKind.NOTED)[0]["what"] == "not sent"
    assert azure.sends == 1


async def test_a_process_that_lost_the_run_sends_nothing():
    drill, azure = await Drill.begin(), Azure()
    await drill.crashed()
    with pytest.raises(SegmentTaken):
        await sent(drill, azure)
    assert azure.sends == 0


async def test_a_cancelled_sender_still_journals_what_azure_took():
    drill, azure = await Drill.begin(), Azure()
    at_azure = asyncio.Event()
    plain = azure.send

    async def slow() -> Accepted:
        at_azure.set()
        await drill.clock.sleep(timedelta(seconds=5))
        return await plain()

    azure.send = slow  # type: ignore[method-assign]
    sending = asyncio.create_task(sent(drill, azure))
    await at_azure.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(drill.of(EventKind.ACCEPTED)) == 1
