"""The walk's promises about order, failure and stopping, on random graphs."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.compile.graph import Graph, Step, StepKind
from muster.errors import StepFailed
from muster.plan.actions import Operation
from muster.walk import STOPPING, Outcome, walk


def a_step(name: str, needs: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Step:
    return Step(name, StepKind.ACTION, name, needs=needs, after=after)


def a_graph(*steps: Step, finalisers: tuple[Step, ...] = ()) -> Graph:
    return Graph("small", Operation.DRILL, steps, finalisers)


@dataclass
class Performer:
    """Does nothing for some turns of the loop, fails where told, and remembers all of it."""

    fails: frozenset[str] = frozenset()
    turns: Mapping[str, int] = field(default_factory=dict)
    stop_at: str | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    log: list[tuple[str, str]] = field(default_factory=list)
    handed: dict[str, Mapping[str, Outcome]] = field(default_factory=dict)

    async def __call__(self, step: Step, before: Mapping[str, Outcome]) -> Outcome:
        self.log.append(("began", step.id))
        self.handed[step.id] = before
        for _ in range(self.turns.get(step.id, 0)):
            await asyncio.sleep(0)
        if step.id == self.stop_at:
            self.stopping.set()
        self.log.append(("ended", step.id))
        if step.id in self.fails:
            raise StepFailed(f"{step.id} did not work")
        return Outcome(step.id, "ok")

    @property
    def began(self) -> list[str]:
        return [name for what, name in self.log if what == "began"]


async def walked(graph: Graph, performer: Performer) -> dict[str, Outcome]:
    return await walk(graph, performer, performer.stopping)


@st.composite
def steps_of(draw: st.DrawFn, prefix: str, known: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Steps that wait for earlier ones, and stand in any order; `known` ones have ended."""
    names: list[str] = []
    steps = []
    for n in range(draw(st.integers(1, 8))):
        earlier = st.lists(st.sampled_from([*names, *known]), unique=True, max_size=3)
        waits = draw(earlier) if names or known else []
        cut = draw(st.integers(0, len(waits)))
        if prefix == "final":  # finalisers never need, they only follow
            cut = 0
        steps.append(a_step(f"{prefix}{n}", tuple(waits[:cut]), tuple(waits[cut:])))
        names.append(f"{prefix}{n}")
    return tuple(draw(st.permutations(steps)))


@st.composite
def walks(draw: st.DrawFn) -> tuple[Graph, dict[str, object]]:
    steps = draw(steps_of("step"))
    names = tuple(step.id for step in steps)
    finalisers = draw(steps_of("final", names)) if draw(st.booleans()) else ()
    graph = a_graph(*steps, finalisers=finalisers)
    every = [step.id for step in graph]
    how: dict[str, object] = {
        "fails": frozenset(draw(st.lists(st.sampled_from(every), max_size=4))),
        "turns": draw(st.dictionaries(st.sampled_from(every), st.integers(0, 5))),
        "stop_at": draw(st.one_of(st.none(), st.sampled_from(every))),
    }
    return graph, how


def walk_of(graph: Graph, how: dict[str, object]) -> tuple[Performer, dict[str, Outcome]]:
    performer = Performer(**how)  # type: ignore[arg-type] # as drawn above
    return performer, asyncio.run(walked(graph, performer))


@settings(max_examples=150, deadline=None)
@given(walks())
def test_nothing_begins_before_all_it_waits_for_has_ended(
    drawn: tuple[Graph, dict[str, object]],
) -> None:
    graph, how = drawn
    performer, outcomes = walk_of(graph, how)
    for name in performer.began:
        step = graph.step(name)
        waited_for = {*step.needs, *step.after}
        if step in graph.finalisers:
            waited_for |= {one.id for one in graph.steps}
        at = performer.log.index(("began", name))
        for before in waited_for:
            if before in performer.began:
                assert performer.log.index(("ended", before)) < at
        assert waited_for <= set(performer.handed[name])
    assert set(outcomes) == {step.id for step in graph}


@settings(max_examples=150, deadline=None)
@given(walks())
def test_every_step_is_performed_at_most_once_and_every_finaliser_exactly_once(
    drawn: tuple[Graph, dict[str, object]],
) -> None:
    graph, how = drawn
    performer, outcomes = walk_of(graph, how)
    times = Counter(performer.began)
    assert all(times[step.id] == 1 for step in graph.finalisers)
    for step in graph.steps:
        assert times[step.id] == (0 if outcomes[step.id].status == "skipped" else 1)


@settings(max_examples=150, deadline=None)
@given(walks())
def test_a_step_is_skipped_when_and_only_when_a_need_is_not_ok_or_stopping(
    drawn: tuple[Graph, dict[str, object]],
) -> None:
    graph, how = drawn
    performer, outcomes = walk_of(graph, how)
    for step in graph.steps:
        outcome = outcomes[step.id]
        needs_ok = all(outcomes[need].is_ok for need in step.needs)
        if outcome.status == "skipped":
            assert not needs_ok or performer.stopping.is_set()
        else:
            assert needs_ok
            assert outcome.is_ok == (step.id not in performer.fails)


@settings(max_examples=100, deadline=None)
@given(
    walks(), st.dictionaries(st.sampled_from([f"step{n}" for n in range(8)]), st.integers(0, 5))
)
def test_the_reason_for_a_skip_does_not_depend_on_who_was_faster(
    drawn: tuple[Graph, dict[str, object]], other_turns: dict[str, int]
) -> None:
    graph, how = drawn
    how = how | {"stop_at": None}
    _, one = walk_of(graph, how)
    _, other = walk_of(graph, how | {"turns": other_turns})
    assert {name: (o.status, o.why) for name, o in one.items()} == {
        name: (o.status, o.why) for name, o in other.items()
    }


async def test_independent_steps_run_side_by_side() -> None:
    graph = a_graph(a_step("a"), a_step("b"), a_step("c", needs=("a", "b")))
    performer = Performer(turns={"a": 3, "b": 3})
    await walked(graph, performer)
    assert performer.log[:2] == [("began", "a"), ("began", "b")]
    assert performer.log[-2:] == [("began", "c"), ("ended", "c")]


async def test_neighbours_of_a_failed_step_go_on() -> None:
    graph = a_graph(
        a_step("isolate"),
        a_step("sql1", needs=("isolate",)),
        a_step("sql2", needs=("isolate",)),
        a_step("boot1", needs=("sql1",)),
        a_step("boot2", needs=("sql2",)),
        a_step("checks", needs=("boot2",), after=("boot1",)),
    )
    performer = Performer(fails=frozenset({"sql1"}))
    outcomes = await walked(graph, performer)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "isolate": "ok",
        "sql1": "failed",
        "sql2": "ok",
        "boot1": "skipped",
        "boot2": "ok",
        "checks": "ok",
    }
    assert list(outcomes) == [step.id for step in graph]


async def test_a_skip_names_the_failure_that_began_it() -> None:
    graph = a_graph(
        a_step("a"), a_step("b", needs=("a",)), a_step("c", needs=("b",)), a_step("d", ("c", "x")),
        a_step("x"),
    )  # fmt: skip
    outcomes = await walked(graph, Performer(fails=frozenset({"a", "x"})))
    assert [outcomes[name].why for name in "bcd"] == ["a failed", "a failed", "a failed"]
    assert outcomes["a"].why == "a did not work"


async def test_a_step_that_skipped_itself_is_named_with_its_own_reason() -> None:
    async def perform(step: Step, before: Mapping[str, Outcome]) -> Outcome:
        return Outcome(step.id, "skipped", why="nothing to do")

    graph = a_graph(a_step("a"), a_step("b", needs=("a",)), a_step("c", needs=("b",)))
    outcomes = await walk(graph, perform, asyncio.Event())
    assert outcomes["c"].why == "a was skipped: nothing to do"


async def test_stopping_starts_nothing_new_lets_the_rest_end_and_cleans_up() -> None:
    graph = a_graph(
        a_step("a"),
        a_step("slow"),
        a_step("b", needs=("a",)),
        a_step("c", needs=("b",)),
        finalisers=(a_step("cleanup"), a_step("close", after=("cleanup",))),
    )
    performer = Performer(stop_at="a", turns={"a": 2, "slow": 10})
    outcomes = await walked(graph, performer)
    assert [outcomes[name].status for name in ("a", "slow", "b", "c")] == [
        "ok",
        "ok",
        "skipped",
        "skipped",
    ]
    assert (outcomes["b"].why, outcomes["c"].why) == (STOPPING, STOPPING)
    assert performer.began == ["a", "slow", "cleanup", "close"]
    assert outcomes["close"].is_ok


async def test_finalisers_see_every_outcome_and_steps_only_what_they_waited_for() -> None:
    graph = a_graph(
        a_step("a"),
        a_step("b"),
        a_step("c", needs=("a",)),
        finalisers=(a_step("cleanup"), a_step("close", after=("cleanup",))),
    )
    performer = Performer(fails=frozenset({"cleanup", "b"}))
    await walked(graph, performer)
    assert set(performer.handed["c"]) == {"a"}
    assert set(performer.handed["cleanup"]) == {"a", "b", "c"}
    assert performer.handed["close"]["cleanup"].status == "failed"


async def test_an_error_of_ours_keeps_its_code_hint_and_exit_code() -> None:
    outcomes = await walked(a_graph(a_step("a")), Performer(fails=frozenset({"a"})))
    assert outcomes["a"].error == {
        "code": "STEP-000",
        "message": "a did not work",
        "hint": StepFailed.hint,
        "exit_code": 1,
    }


async def test_an_unexpected_exception_gives_its_name_and_only_the_log_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def perform(step: Step, before: Mapping[str, Outcome]) -> Outcome:
        raise ZeroDivisionError("the password is hunter2")

    with caplog.at_level(logging.ERROR):
        outcomes = await walk(a_graph(a_step("a")), perform, asyncio.Event())
    assert outcomes["a"].status == "failed"
    assert outcomes["a"].error is not None
    assert outcomes["a"].error["code"] == "RUN-001"
    assert "ZeroDivisionError" in str(outcomes["a"].error)
    assert "hunter2" not in str(outcomes["a"])
    assert "hunter2" in caplog.text


async def test_cancellation_goes_out_and_is_no_outcome() -> None:
    async def perform(step: Step, before: Mapping[str, Outcome]) -> Outcome:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await walk(a_graph(a_step("a")), perform, asyncio.Event())


def test_a_keyboard_interrupt_goes_out() -> None:
    async def perform(step: Step, before: Mapping[str, Outcome]) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(walk(a_graph(a_step("a")), perform, asyncio.Event()))


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (a_graph(a_step("a", ("b",)), a_step("b", ("a",))), "cycle"),
        (a_graph(a_step("a", ("ghost",))), "ghost"),
        (a_graph(a_step("a"), a_step("a")), "twice"),
        (a_graph(a_step("a", after=("z",)), finalisers=(a_step("z"),)), "cannot come before"),
    ],
)
async def test_a_graph_that_would_never_end_is_refused_before_anything_begins(
    graph: Graph, said: str
) -> None:
    performer = Performer()
    with pytest.raises(ValueError, match=said):
        await walked(graph, performer)
    assert performer.log == []


async def test_a_thousand_steps_are_walked() -> None:
    steps = [a_step("first"), *(a_step(f"s{n}", needs=("first",)) for n in range(1000))]
    outcomes = await walked(a_graph(*steps), Performer())
    assert Counter(outcome.status for outcome in outcomes.values()) == {"ok": 1001}
