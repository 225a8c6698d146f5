"""A process that died between the last event and the signature: its evidence can be signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.errors import RunClosed
from muster.journal.journal import Journal
from muster.journal.stores import DirectoryStore
from muster.journal.verify import verify_run
from muster.runs.cleanup import run_cleanup
from muster.settings import settings_from
from tests.fakes.clock import VirtualClock

RUN = "small-drill-0123456789ab"


async def test_a_closed_run_that_nobody_signed_is_signed_by_cleanup(tmp_path: Path) -> None:
    environ = {"MUSTER_JOURNAL": str(tmp_path / "evidence")}
    settings = settings_from(environ, home=tmp_path)
    store = DirectoryStore(settings.journal)
    opened = {"target": "azure", "graph": [], "canonical": {}}
    journal = await Journal.open_run(
        store, VirtualClock(), run=RUN, plan="small", operation="drill", opened=opened
    )
    ended = {"outcome": "failed", "causes": [], "leftovers": [], "exit_code": 1}
    await journal.close(ended, None)
    assert not verify_run((store, RUN)).ok

    result = await run_cleanup(RUN, settings, why="it was never signed")

    assert result.outcome == "failed"
    assert (result.folder / "manifest.json").is_file()
    assert verify_run((store, RUN)).ok
    with pytest.raises(RunClosed):
        await run_cleanup(RUN, settings, why="again")
