"""The state of a run is worked out from its events, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from muster.journal.events import GENESIS, Event, EventKind, Observed, instant_of
from muster.journal.state import RunState
from tests.fakes.clock import START

VM_ID = (
    "/subscriptions/S/resourceGroups/RG-ASR/providers/Microsoft.Compute/virtualMachines/db1-test"
)
NET_ID = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/drill"


class Story:
    """Events in the order they are told, a second apart."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, kind: EventKind, step: str | None = None, **data: Any) -> Story:
        seq = len(self.events) + 1
        at = START + timedelta(seconds=seq)
        prev = self.events[-1].digest() if self.events else GENESIS
        self.events.append(Event(seq, kind, at, at, float(seq), "p", step, data, prev))
        return self

    def saw(self, what: Observed, **data: Any) -> Story:
        return self.tell(EventKind.OBSERVED, what=what.value, **data)

    @property
    def state(self) -> RunState:
        return RunState.of(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)


def test_what_was_opened_started_and_closed() -> None:
    story = Story().tell(
        EventKind.OPENED,
        run="r1",
        plan="small",
        operation="drill",
        target="simulator",
        canonical={"plan": "small"},
        plan_digest="d",
        parameters={"reason": "monthly"},
    )
    story.tell(EventKind.OWNER, epoch=1, host="h", pid=1, why="opened")
    state = story.state
    assert (state.run, state.plan, state.operation, state.target) == (
        "r1",
        "small",
        "drill",
        "simulator",
    )
    assert (state.canonical, state.plan_digest) == ({"plan": "small"}, "d")
    assert state.parameters == {"reason": "monthly"}
    assert (state.is_started, state.is_closed, state.outcome, state.epoch) == (
        False,
        False,
        None,
        1,
    )
    story.tell(EventKind.STARTED).tell(EventKind.INTERRUPTED, signal="SIGINT")
    assert (story.state.is_started, story.state.is_interrupted) == (True, True)
    story.tell(EventKind.OWNER, epoch=2, why="cleanup").tell(EventKind.CLOSED, outcome="failed")
    state = story.state
    assert (state.epoch, state.is_interrupted) == (2, False)
    assert (state.is_closed, state.outcome) == (True, "failed")


def test_a_step_that_began_is_not_a_run_that_started() -> None:
    state = Story().tell(EventKind.STARTED, "preflight", title="preflight").state
    assert not state.is_started
    assert state.steps["preflight"].status == "started"


def test_steps_end_with_their_facts_and_times() -> None:
    story = Story().tell(EventKind.STARTED, "boot:db1")
    story.tell(EventKind.FINISHED, "boot:db1", status="ok", error=None, facts={"address": "a"})
    story.tell(EventKind.FINISHED, "boot:web1", status="failed", error={"code": "X"}, why="w")
    state = story.state
    done, failed = state.steps["boot:db1"], state.steps["boot:web1"]
    assert (done.status, done.facts, failed.error) == ("ok", {"address": "a"}, {"code": "X"})
    assert done.started_at is not None
    assert done.ended_at == done.started_at + timedelta(seconds=1)
    assert (state.is_finished("boot:db1"), state.is_finished("boot:web1")) == (True, False)
    assert not state.is_finished("never")


def test_an_intent_is_pending_until_it_is_accepted() -> None:
    act = {"act": "test-failover", "subject": "db1"}
    story = Story().tell(
        EventKind.INTENDED,
        "test-failover:db1",
        **act,
        attempt=1,
        not_after="2026-01-01T03:01:00.000000Z",
        request={"network": "n"},
    )
    (pending,) = story.state.pending_intents
    assert (pending.act, pending.subject, pending.step) == (
        "test-failover",
        "db1",
        "test-failover:db1",
    )
    assert pending.not_after == instant_of("2026-01-01T03:01:00Z")
    story.tell(EventKind.FINISHED, "test-failover:db1", status="failed", error={})
    assert story.state.pending_intents == (pending,)  # the answer may have been lost
    story.tell(EventKind.ACCEPTED, **act, job_id="J1", adopted=True)
    state = story.state
    assert state.pending_intents == ()
    job = state.job("test-failover", "db1")
    assert job is not None
    assert (job.job_id, job.adopted, job.has_ended) == ("J1", True, False)
    intent = state.intent("test-failover", "db1")
    assert intent is not None
    assert intent.is_accepted


def test_a_new_attempt_replaces_the_one_before_and_a_note_can_withdraw_it() -> None:
    act = {"act": "cleanup", "subject": "db1"}
    story = Story().tell(EventKind.INTENDED, **act, attempt=1)
    story.tell(EventKind.INTENDED, **act, attempt=2)
    assert [intent.attempt for intent in story.state.pending_intents] == [2]
    story.tell(EventKind.NOTED, what="not sent", text="it ran out", **act)
    assert story.state.pending_intents == ()
    story.tell(EventKind.NOTED, what="warning", text="else", **act)
    assert story.state.pending_intents == ()


def test_a_job_has_ended_when_azure_says_so_in_any_spelling() -> None:
    for state, ended_at, has_ended in [
        ("InProgress", None, False),
        ("Succeeded", None, True),
        ("Suspended", None, True),
        ("cancelled", None, True),
        ("Strange", "2026-01-01T03:00:00Z", True),
    ]:
        story = Story().tell(EventKind.ACCEPTED, act="cleanup", subject="db1", job_id="/Jobs/1")
        story.saw(
            Observed.JOB, act="cleanup", vm="db1", job_id="/jobs/1", state=state, ended_at=ended_at
        )
        job = story.state.job("cleanup", "db1")
        assert job is not None
        assert (job.job_id, job.state, job.has_ended) == ("/Jobs/1", state, has_ended)
        assert job.accepted_at is not None


def test_a_job_of_a_second_attempt_does_not_inherit_the_end_of_the_first() -> None:
    story = Story().tell(EventKind.ACCEPTED, act="a", subject="db1", job_id="1")
    story.saw(Observed.JOB, act="a", vm="db1", job_id="1", state="Failed")
    story.tell(EventKind.ACCEPTED, act="a", subject="db1", job_id="2")
    job = story.state.job("a", "db1")
    assert job is not None
    assert (job.job_id, job.has_ended, job.state) == ("2", False, None)


def test_recovery_points_by_vm() -> None:
    points = [{"vm": "db1", "point_id": "P1"}, {"vm": "web1", "point_id": None}]
    story = Story().saw(Observed.POINTS, reference="2026-01-01T03:00:00.000000Z", points=points)
    state = story.state
    assert (state.point_id("db1"), state.point_id("web1")) == ("P1", None)
    assert state.points_reference == START


def test_what_a_run_owns_is_every_id_it_ever_recorded_and_compares_without_case() -> None:
    story = Story().saw(
        Observed.NETWORK, network_id=NET_ID, made=True, owned=[NET_ID, NET_ID + "-nsg"]
    )
    story.saw(Observed.OWNED, vm="db1", ids=[VM_ID], vm_id=VM_ID, nic_ids=["/nic1"])
    story.saw(Observed.OWNED, vm="db1", ids=[VM_ID, "/disk1"], vm_id=VM_ID, disk_ids=["/disk1"])
    state = story.state
    assert state.owns(VM_ID.upper())
    assert state.owns("/NIC1")
    assert state.owns("/disk1")
    assert state.owns(NET_ID + "-NSG")
    assert not state.owns(VM_ID + "0")
    assert (state.owned["db1"].vm_id, state.owned["db1"].disk_ids) == (VM_ID, ("/disk1",))
    assert state.network is not None
    assert state.network.made


def test_what_was_read_back_as_gone() -> None:
    story = Story().saw(Observed.NETWORK, network_id=NET_ID, made=True, owned=[NET_ID])
    story.saw(Observed.OWNED, vm="db1", ids=[VM_ID], vm_id=VM_ID)
    story.saw(Observed.UP, vm="db1", address="10.1.0.4")
    assert story.state.address("db1") == "10.1.0.4"
    story.saw(Observed.GONE, vm="db1", ids=[VM_ID.upper()])
    state = story.state
    assert (state.cleaned, state.gone) == ({"db1"}, {VM_ID.casefold()})
    assert state.address("db1") is None
    assert state.owns(VM_ID)  # it stays this run's own
    assert state.network is not None
    assert not state.network.is_gone
    story.saw(Observed.GONE, network_id=NET_ID.upper(), ids=[])
    assert story.state.network is not None
    assert story.state.network.is_gone


def test_a_copy_that_comes_up_again_is_not_clean() -> None:
    story = Story().saw(Observed.OWNED, vm="db1", ids=[VM_ID], vm_id=VM_ID)
    story.saw(Observed.GONE, vm="db1", ids=[VM_ID])
    story.saw(Observed.OWNED, vm="db1", ids=[VM_ID], vm_id=VM_ID)
    assert (story.state.cleaned, story.state.gone) == (set(), set())


def test_questions_are_open_until_answered() -> None:
    story = Story()
    for question in ("q1", "q2"):
        story.tell(
            EventKind.ASKED,
            "action:web.before.1",
            question=question,
            ask="Is DNS approved?",
            deadline="2026-01-01T04:00:00.000000Z",
            otherwise="abort",
            answers=["yes", "abort"],
        )
    story.tell(EventKind.ANSWERED, question="q1", answer="yes", by="kim", via="inbox", at="x")
    story.tell(EventKind.ANSWERED, question="ghost", answer="yes")
    state = story.state
    (question,) = state.open_questions
    assert (question.question, question.otherwise) == ("q2", "abort")
    assert question.deadline == START + timedelta(hours=1)
    assert (state.questions["q1"].answer, state.questions["q1"].answered["by"]) == ("yes", "kim")


def test_the_newest_of_what_is_seen_again_counts() -> None:
    story = Story()
    for n in (1, 2):
        story.saw(Observed.CALLER, object_id=str(n))
        story.saw(Observed.ITEM, vm="db1", rpo_seconds=n)
        story.saw(Observed.PLACEMENT, vm="db1", differences=[n])
        story.saw(Observed.REACHABILITY, verdict=str(n))
        story.saw(Observed.INVENTORY, clean=n == 2)
        story.tell(EventKind.CHECKED, check="c1", verdict=str(n))
    state = story.state
    assert state.caller["object_id"] == "2"
    assert state.items["db1"]["rpo_seconds"] == 2
    assert state.placements["db1"]["differences"] == [2]
    assert (state.reachability["verdict"], state.inventory["clean"]) == ("2", True)
    assert state.checks["c1"]["verdict"] == "2"


def test_the_state_can_be_carried_forward_event_by_event() -> None:
    story = Story().tell(EventKind.OPENED, run="r1")
    story.saw(Observed.OWNED, vm="db1", ids=[VM_ID], vm_id=VM_ID)
    story.saw(Observed.PROBE, vm="db1", ran=True)
    state = RunState()
    for event in story:
        state.apply(event)
    assert state == story.state
    assert state.last is story.events[-1]
