"""The simulator's own errors: said aloud, kept for whoever asks, and never the end of its time."""

from __future__ import annotations

import logging
import traceback

from muster.simulator import broken, dates
from muster.simulator.json_types import Json
from muster.simulator.world import World

logger = logging.getLogger("muster.simulator")

MOST_KEPT = 100


class Mishaps:
    """What went wrong inside since the world began, newest last.

    A world in which one happened may be half changed, and says so on the control port: whoever
    rests a result on it has to know, also after a restart.
    """

    def __init__(self, kept: Json | None = None) -> None:
        """`kept` is a part of the world's state, so that it is saved with what it tells of."""
        self._kept: Json = {} if kept is None else kept
        self._kept.setdefault("count", 0)
        self._kept.setdefault("last", [])

    @property
    def count(self) -> int:
        return int(self._kept["count"])

    def note(self, world: World, during: str, err: Exception) -> None:
        """Log one and keep it; `during` says what was being done, as the end of a sentence."""
        frame = traceback.extract_tb(err.__traceback__)[-1]
        # Not the error's text: it may quote what a client sent, and that may be a secret.
        what = f"{type(err).__name__} in {frame.name} (line {frame.lineno}) during {during}"
        self._kept["count"] += 1
        self._kept["last"].append({"at": dates.ticks(world.now), "what": what})
        del self._kept["last"][:-MOST_KEPT]
        world.changed = True
        logger.error(
            "A bug of the simulator, not of your client: %s. The world may be half changed from "
            "here on; please report it. To see all of it: MUSTER_SIMULATOR_CONTROL/health.",
            what,
        )
        logger.debug("in full", exc_info=err)

    def shown(self) -> list[Json]:
        """`at` in Azure time and `what` of the last hundred."""
        return list(self._kept["last"])

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
