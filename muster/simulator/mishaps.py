"""The simulator's own errors: said aloud, kept for whoever asks, and never the end of its time."""

from __future__ import annotations

import logging
import traceback
from collections import deque

from muster.simulator import broken, dates
from muster.simulator.json_types import Json
from muster.simulator.world import World

logger = logging.getLogger("muster.simulator")

MOST_KEPT = 100


class Mishaps:
    """What went wrong inside since the start, newest last.

    A world in which one happened may be half changed, and says so on the control port: whoever
    rests a result on it has to know.
    """

    def __init__(self) -> None:
        self.count = 0
        self._kept: deque[Json] = deque(maxlen=MOST_KEPT)

    def note(self, world: World, during: str, err: Exception) -> None:
        """Log one and keep it; `during` says what was being done, as the end of a sentence."""
        frame = traceback.extract_tb(err.__traceback__)[-1]
        # Not the error's text: it may quote what a client sent, and that may be a secret.
        what = f"{type(err).__name__} in {frame.name} (line {frame.lineno}) during {during}"
        self.count += 1
        self._kept.append({"at": dates.ticks(world.now), "what": what})
        logger.error(
            "A bug of the simulator, not of your client: %s. The world may be half changed from "
            "here on; please report it. To see all of it: MUSTER_SIMULATOR_CONTROL/health.",
            what,
        )
        logger.debug("in full", exc_info=err)

    def shown(self) -> list[Json]:
        """`at` in Azure time and `what` of the last hundred."""
        return list(self._kept)

    def advance(self, world: World) -> None:
        """Bring the world to the present, past effects that fail; what they were part of ends."""
        while True:
            try:
                world.advance()
            except Exception as err:  # noqa: BLE001 - a bug in one effect stops no other
                self.note(world, f"the event '{world.last_effect}'", err)
                self._close(world)
            else:
                return

    def _close(self, world: World) -> None:
        try:
            broken.close(world, world.last_args)
        except Exception as err:  # noqa: BLE001 - nor does one in its clearing up
            self.note(world, f"clearing up after the event '{world.last_effect}'", err)
