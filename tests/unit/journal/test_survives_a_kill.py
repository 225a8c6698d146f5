"""`kill -9` at any instant: what was acknowledged is there, what was not does no harm."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from muster.clock import ScaledClock
from muster.journal.events import EventKind
from muster.journal.journal import Journal, read_run
from muster.journal.manifest import write_manifest
from muster.journal.stores import DirectoryStore
from muster.journal.verify import verify_run
from tests.unit.journal.runs import OPENED, a_signer, note


async def write_for_ever(root: Path) -> None:
    """Append without end, in bursts; say each number that is durable."""
    store, clock = DirectoryStore(root), ScaledClock()
    journal = await Journal.open_run(
        store, clock, run="r1", plan="small", operation="drill", opened=OPENED
    )
    while True:
        for event in await asyncio.gather(*(note(journal, "x" * 2000) for _ in range(5))):
            sys.stdout.write(f"{event.seq}\n")
            sys.stdout.flush()


@pytest.mark.parametrize("acknowledged", [1, 37, 90])
async def test_what_was_acknowledged_before_a_kill_is_in_a_journal_that_goes_on(
    tmp_path: Path, acknowledged: int
) -> None:
    root = tmp_path / "evidence"
    # Not captured with communicate(): the kill has to come in the midst of writing.
    with subprocess.Popen(
        [sys.executable, __file__, str(root)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().splitlines()]
    assert process.returncode == -signal.SIGKILL
    store = DirectoryStore(root)
    events = read_run(store, "r1")
    assert events[-1].seq >= said[-1] >= acknowledged
    assert verify_run((store, "r1")).ok

    heir = await Journal.take_over(store, ScaledClock(), "r1", why="killed")
    await heir.append(EventKind.NOTED, {"what": "warning", "text": "went on"})
    signer = a_signer()
    await heir.close({"outcome": "failed"}, signer)
    write_manifest(store, "r1", signer)
    result = verify_run((store, "r1"))
    assert (result.ok, result.closed, result.events) == (True, True, events[-1].seq + 3)


if __name__ == "__main__":
    asyncio.run(write_for_ever(Path(sys.argv[1])))
