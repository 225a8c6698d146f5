"""A simulator that kills itself at a chosen instant.

`python -m tests.unit.simulator.mortal POINT:N …`; the rest is for `python -m muster.simulator`.
The N-th passing of the point is met by a real SIGKILL. Only the instants are ours; what is
written, synced, renamed and answered is the product's.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Literal, get_args

from muster.simulator import __main__ as program
from muster.simulator.keeping import Keeper

Point = Literal[
    "draft written", "draft synced", "renamed", "folder synced", "answer computed", "answer kept"
]
POINTS: tuple[Point, ...] = get_args(Point)


class Fate:
    """Counts the passings of one point, and ends it all at the chosen one."""

    def __init__(self, point: str, after: int) -> None:
        self.point, self.left = point, after

    def passes(self, point: Point) -> None:
        if point == self.point:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


def doom(fate: Fate) -> None:
    """Let the writes of the state's file and the answers pass the points."""
    sync, kept = os.fsync, Keeper.kept

    def dying_sync(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        if place.name == "state.json.new":
            fate.passes("draft written")
            sync(descriptor)
            fate.passes("draft synced")
        elif place.is_dir() and not (place / "state.json.new").exists():
            fate.passes("renamed")
            sync(descriptor)
            fate.passes("folder synced")
        else:
            sync(descriptor)

    async def dying_kept(keeper: Keeper) -> None:
        fate.passes("answer computed")
        await kept(keeper)
        fate.passes("answer kept")

    os.fsync = dying_sync
    Keeper.kept = dying_kept  # type: ignore[method-assign]


if __name__ == "__main__":
    named, _, number = sys.argv[1].partition(":")
    doom(Fate(named, int(number)))
    sys.exit(program.main(sys.argv[2:]))
