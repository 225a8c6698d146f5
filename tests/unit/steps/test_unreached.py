"""An outage at the moment of a send: what never left is meant anew, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from muster.errors import Aborted
from muster.gateway.kinds import BadCertificate, NoCredential, Unreachable
from muster.gateway.retry import PATIENCE
from muster.gateway.values import Accepted
from muster.journal.events import EventKind
from muster.steps.named import named
from muster.steps.once import once
from muster.steps.unreached import AGAIN_AFTER
from tests.unit.steps.drilling import Drill

AWAY = Unreachable("Cannot connect to host", maybe_accepted=False)


class Azure:
    """Raises these, one after another, and then takes what is sent."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sends = 0

    async def send(self) -> Accepted:
        self.sends += 1
        if self.errors:
            raise self.errors.pop(0)
        return Accepted("/v/replicationJobs/j", "correlation", "request")

    async def find(self, since: object) -> list[object]:
        raise AssertionError("nothing is open, so nothing has to be looked for")

    async def may_send(self) -> bool:
        return True

    async def is_there(self) -> bool:
        return False


async def by_job(drill: Drill, azure: Azure) -> str:
    sent = await once(
        drill.run, drill.step("test-failover:db1"), "test-failover", "db1", request={},
        find=azure.find, may_send=azure.may_send, send=azure.send,  # type: ignore[arg-type]
    )  # fmt: skip
    return sent.job_id


async def by_name(drill: Drill, azure: Azure) -> bool:
    return await named(
        drill.run, drill.step("isolate"), "make-network", "net", request={},
        is_there=azure.is_there, send=azure.send,
    )  # fmt: skip


BOTH = pytest.mark.parametrize("send", [by_job, by_name])


@BOTH
async def test_a_send_outlives_an_outage_with_an_intent_for_each_attempt(send):
    drill, azure = await Drill.begin(), Azure(AWAY, AWAY)
    await send(drill, azure)
    assert azure.sends == 3
    assert [data["attempt"] for data in drill.of(EventKind.INTENDED)] == [1, 2, 3]
    assert [data["what"] for data in drill.of(EventKind.NOTED)] == ["not sent"] * 2
    assert len(drill.of(EventKind.ACCEPTED)) == 1


@BOTH
async def test_an_outage_without_an_end_ends_in_minutes(send):
    drill, azure = await Drill.begin(), Azure(*[AWAY] * 1000)
    began = drill.clock.now()
    with pytest.raises(Unreachable):
        await send(drill, azure)
    assert PATIENCE - AGAIN_AFTER <= drill.clock.now() - began <= PATIENCE + timedelta(seconds=1)
    assert drill.of(EventKind.NOTED)[-1]["what"] == "not sent"


@BOTH
@pytest.mark.parametrize("error", [BadCertificate("no trust"), NoCredential("nobody")])
async def test_what_does_not_get_better_by_waiting_is_told_at_once(send, error):
    drill, azure = await Drill.begin(), Azure(error)
    with pytest.raises(type(error)):
        await send(drill, azure)
    assert azure.sends == 1
    assert drill.of(EventKind.NOTED)[-1]["what"] == "refused"


async def test_a_run_that_is_stopping_does_not_try_again():
    drill, azure = await Drill.begin(), Azure(AWAY, AWAY, AWAY)
    plain = drill.clock.sleep

    async def stopped_meanwhile(span: timedelta) -> None:
        drill.run.stop("SIGINT")
        await plain(span)

    drill.clock.sleep = stopped_meanwhile  # type: ignore[method-assign]
    with pytest.raises(Aborted):
        await by_job(drill, azure)
    assert azure.sends == 1
