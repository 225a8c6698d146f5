"""What counts as an answer, and what the inbox may hold without hurting the run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from muster.journal.events import EventKind
from muster.journal.inbox import LARGEST, drop
from muster.steps.inbox import MOST_NOTES
from tests.builders import a_plan, group_data
from tests.unit.steps.drilling import Drill, minutes

QUESTION = "action:database.before.1"


async def asking() -> Drill:
    manual = {"ask": "Sure?", "within": "30m", "otherwise": "abort"}
    before = [{"manual": manual, "touches": "nothing"}]
    return await Drill.begin(a_plan(groups=[group_data("database", ["db1"], before=before)]))


def say(drill: Drill, answer: str = "continue", *, at: timedelta = timedelta()) -> str:
    message = {"kind": "answer", "question": QUESTION, "answer": answer, "by": "m", "via": "x"}
    return drop(drill.store, drill.run.id, {**message, "at": drill.clock.now() + at})


def say_later(drill: Drill, after: timedelta, *, at: timedelta = timedelta()) -> None:
    """Drop the answer when that much time has passed; `at` is what it says, from then."""
    sleep, due, said = drill.clock.sleep, drill.clock.now() + after, []

    async def sleeping(span: timedelta) -> None:
        await sleep(span)
        if drill.clock.now() >= due and not said:
            said.append(say(drill, at=at))

    drill.clock.sleep = sleeping  # type: ignore[method-assign]


def refused(drill: Drill) -> list[str]:
    notes = drill.of(EventKind.NOTED)
    return [str(data["text"]) for data in notes if data.get("followed") is False]


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (timedelta(days=-300), "before the question was asked"),
        (timedelta(seconds=-1), "before the question was asked"),
        (timedelta(days=1), "after the question's deadline"),
        (minutes(10), "dated in the future"),
    ],
    ids=["long before", "just before", "after", "pre-dated"],
)
async def test_an_answer_from_outside_the_questions_span_does_not_count(at, why):
    drill = await asking()
    say(drill, at=at)
    await drill.up_to()
    outcome = await drill.do(QUESTION)
    assert outcome.error["code"] == "RUN-005"
    assert drill.of(EventKind.ANSWERED)[0]["via"] == "deadline"
    (note,) = refused(drill)
    assert why in note


async def test_an_answer_in_the_last_seconds_still_counts():
    drill = await asking()
    await drill.up_to()
    say_later(drill, minutes(30) - timedelta(seconds=2))
    assert (await drill.do(QUESTION)).is_ok
    assert drill.of(EventKind.ANSWERED)[0]["by"] == "m"


async def test_an_answer_read_after_the_deadline_does_not_count_whatever_its_date():
    drill = await asking()
    await drill.up_to()
    began = drill.clock.now()
    await drill.run.journal.append(
        EventKind.ASKED,
        {"question": QUESTION, "ask": "Sure?", "deadline": began + minutes(30),
         "otherwise": "abort", "answers": ["continue", "abort"]},
        step=QUESTION,
    )  # fmt: skip
    drill.clock.advance(timedelta(days=7))
    say(drill, at=-timedelta(days=7) + minutes(5))
    again = await drill.crashed()
    assert (await again.do(QUESTION)).error["code"] == "RUN-005"
    assert "after the question's deadline" in refused(again)[0]


def junk(drill: Drill, count: int, content: bytes = b"{}") -> None:
    for number in range(count):
        drill.store.create(f"runs/{drill.run.id}/inbox/junk-{number:05d}.json", content)


async def test_what_is_no_message_is_noted_once_and_hides_no_answer():
    drill = await asking()
    await drill.up_to()
    junk(drill, 1, b"x" * (LARGEST + 1))
    say_later(drill, minutes(1))
    assert (await drill.do(QUESTION)).is_ok
    (note,) = refused(drill)
    assert "junk-00000.json" in note
    assert "more than 65536" in note


async def test_a_flood_of_junk_is_not_named_one_by_one_and_is_read_once():
    drill = await asking()
    await drill.up_to()
    junk(drill, 500)
    reads: list[str] = []
    read = drill.store.read_small

    def counted(name: str, most: int) -> bytes:
        reads.append(name)
        return read(name, most)

    drill.store.read_small = counted  # type: ignore[method-assign]
    say_later(drill, minutes(1))
    assert (await drill.do(QUESTION)).is_ok
    assert len(refused(drill)) == MOST_NOTES + 1
    assert "not named" in refused(drill)[-1]
    assert len(reads) == len(set(reads)) == 501


@pytest.mark.parametrize(
    "extra", [{"question": ["x"]}, {"answer": {"a": 1}}, {"question": "x" * 50_000}]
)
async def test_what_a_release_need_not_say_is_not_kept(extra: dict[str, Any]):
    drill = await asking()
    message = {"kind": "release", "by": "m", "via": "x", "at": drill.clock.now(), **extra}
    drop(drill.store, drill.run.id, message)
    await drill.run.inbox.look()
    (found,) = drill.run.inbox.messages(())
    assert (found.question, found.answer) == (None, None)
