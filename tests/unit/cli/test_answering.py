"""An answer is dated by the clock that its run goes by, whatever terminal it comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muster.cli.answering import answer_question
from muster.clock import ScaledClock
from muster.errors import InputError
from muster.journal.inbox import Inbox
from muster.journal.journal import Journal
from muster.journal.stores import DirectoryStore
from muster.settings import settings_from

RUN = "small-drill-1"


async def a_rehearsal(tmp_path: Path) -> DirectoryStore:
    store = DirectoryStore(tmp_path)
    clock = ScaledClock(datetime.now(UTC).timestamp() - 600, 60.0)
    opened = {"target": "simulator", "clock": {"epoch": clock.epoch, "speed": clock.speed}}
    await Journal.open_run(store, clock, run=RUN, plan="small", operation="drill", opened=opened)
    return store


async def test_an_answer_to_a_rehearsal_bears_the_rehearsals_time(tmp_path: Path) -> None:
    store = await a_rehearsal(tmp_path)
    # The terminal beside it knows of no MUSTER_CLOCK.
    settings = settings_from({"MUSTER_JOURNAL": str(tmp_path)}, home=tmp_path)
    answer_question(
        settings,
        RUN,
        question="action:a.after.1",
        answer="continue",
        by="sre@x.example",
        via="cli",
    )
    inbox = Inbox(store, RUN)
    await inbox.look()
    (message,) = inbox.messages(set())
    # Ten minutes on the wall were ten hours of the rehearsal.
    assert message.at - datetime.now(UTC) > timedelta(hours=9)


@pytest.mark.parametrize("by", ["", "  ", "YOU"])
async def test_somebody_has_to_be_named(tmp_path: Path, by: str) -> None:
    await a_rehearsal(tmp_path)
    settings = settings_from({"MUSTER_JOURNAL": str(tmp_path)}, home=tmp_path)
    with pytest.raises(InputError, match="Nobody is named"):
        answer_question(settings, RUN, question="q", answer="abort", by=by, via="cli")
