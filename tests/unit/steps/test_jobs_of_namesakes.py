"""Jobs that bear a VM's name: one may be ours, of several the thing itself decides."""

from __future__ import annotations

from datetime import timedelta

from muster.compile.graph import Step, StepKind
from muster.gateway.values import Accepted
from muster.steps.deadline import Deadline
from muster.steps.replicating.deed import Deed, Look
from muster.steps.replicating.disable import _removing
from muster.steps.replicating.jobs_of_others import sent_unanswered
from tests.unit.steps.drilling import Drill
from tests.unit.steps.test_adopting_jobs import put_job


def removal(*, is_gone: bool) -> Deed:
    async def look() -> Look:
        return Look(there=not is_gone, fits=is_gone, shown="as it is")

    async def send() -> Accepted:
        raise AssertionError("nothing is sent here")

    return Deed(
        act="disable", kind="protected item", name="db1-ab12cd", id="/the/item",
        scenario="DisableDr", about="db1", look=look, send=send, request={},
        expected=timedelta(minutes=2),
    )  # fmt: skip


async def found(drill: Drill, deed: Deed) -> list[str]:
    since = drill.clock.now() - timedelta(minutes=1)
    deadline = Deadline.after(drill.clock, timedelta(minutes=9))
    return [one.job_id for one in await sent_unanswered(drill.run, deed, since, deadline)]


def put_ended(drill: Drill, name: str) -> str:
    return put_job(drill, name, scenario="DisableDr", state="Succeeded").id


async def test_the_only_job_of_that_name_may_be_ours():
    drill = await Drill.begin()
    only = put_ended(drill, "only")
    assert await found(drill, removal(is_gone=False)) == [only]


async def test_of_two_jobs_of_that_name_none_is_taken_while_the_item_stands():
    drill = await Drill.begin()
    put_ended(drill, "one")
    put_ended(drill, "two")
    assert await found(drill, removal(is_gone=False)) == []
    assert await found(drill, removal(is_gone=True)) == ["/the/item"]


async def test_a_removal_looks_for_its_job_by_the_vms_name():
    drill = await Drill.begin()
    pinned = {"item_id": "/the/item", "vm_id": "/subscriptions/s/virtualMachines/db1"}
    step = Step("disable:db1-ab12cd", StepKind.DISABLE, "db1-ab12cd")
    assert _removing(drill.run, step, pinned).about == "db1"
