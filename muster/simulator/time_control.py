"""Azure time moved by hand, over the control port: told, paused, stepped, jumped, resumed."""

from __future__ import annotations

import asyncio
import heapq
import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from muster.simulator import dates
from muster.simulator.azure_time import Immovable
from muster.simulator.control import Command, Refused
from muster.simulator.json_types import Json
from muster.simulator.world import World
from muster.simulator.worlds.facts import seconds_of

SLICE = 50  # events that happen before others have their turn: some milliseconds
GIVES_WAY = 25  # turns of the loop for a script that is due to end, a service due to open
CLIENTS = (
    "A client reads MUSTER_CLOCK when it starts. One that runs already keeps the clock it has, "
    "and lives in another time than this Azure from now on; Muster sees it by the Date of the "
    "answers, and its report says so. "
    "Source simulator.env again, and start it anew."
)
STANDS = "Time stands. MUSTER_CLOCK reads 'paused', with which Muster does not start."


@dataclass(slots=True)
class TimeControl:
    """The commands about time. One moves it after the other; each is answered once it is kept."""

    world: World
    move: Callable[[], None]  # brings the world to the present, and lets guests follow
    kept: Callable[[], Awaitable[None]]
    publish: Callable[[], None]  # writes simulator.env anew
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _until: float | None = None

    def commands(self) -> Sequence[Command]:
        return (
            Command("GET", "/time", self.shown),
            Command("POST", "/time/pause", act=self.pause),
            Command("POST", "/time/resume", act=self.resume),
            Command("POST", "/time/step", act=self.step),
            Command("POST", "/time/jump", act=self.jump),
        )

    def shown(self) -> Json:
        """GET /time: the instant, whether time runs, what clients are told, what comes next."""
        clock, due = self.world.clock, self.world.next_due()
        stands = clock.stands_at is not None
        return {
            "azure_time": dates.ticks(clock.seconds()),
            "state": "paused" if stands else "running",
            "speed": clock.speed,
            "clock": clock.for_clients,
            "moving_to": None if self._until is None else dates.ticks(self._until),
            "events_pending": len(self.world.state["events"]),
            "next_event": None if due is None else dates.ticks(due),
            "clients": f"{STANDS} {CLIENTS}" if stands else CLIENTS,
        }

    async def pause(self, given: Mapping[str, str]) -> Json:
        """POST /time/pause: let it stand; again is no mistake."""
        _demand_only(given)
        async with self._turn:
            if self.world.clock.stands_at is None:
                _allowed(self.world.clock.pause)
            return await self._done()

    async def resume(self, given: Mapping[str, str]) -> Json:
        """POST /time/resume: let it run on from where it stands; again is no mistake."""
        _demand_only(given)
        async with self._turn:
            _allowed(self.world.clock.resume)
            return await self._done()

    async def step(self, given: Mapping[str, str]) -> Json:
        """POST /time/step?seconds=N: while it stands, let so much of it pass."""
        seconds = _number(_demand_only(given, "seconds")["seconds"])
        async with self._turn:
            if self.world.clock.stands_at is None:
                raise Refused(409, "Time runs, and would run on: pause it before you step.")
            return await self._through(self.world.clock.seconds() + seconds)

    async def jump(self, given: Mapping[str, str]) -> Json:
        """POST /time/jump?to=INSTANT or ?by=SPAN: forward; it stands or runs as before."""
        if set(given) == {"by"}:
            span, until = _span(given["by"]), None
        else:
            span, until = 0.0, _instant(_demand_only(given, "to")["to"])
        async with self._turn:
            present = self.world.clock.seconds()
            until = present + span if until is None else until
            if until < present:
                raise Refused(
                    409,
                    f"{dates.ticks(until)} is past: it is {dates.ticks(present)}. Time moves "
                    "forward only, for what has happened was answered to clients. To see an "
                    "earlier time, start another world.",
                )
            return await self._through(until)

    async def _through(self, until: float) -> Json:
        """Let all that is due until then happen, in order, with turns for others in between."""
        clock = self.world.clock
        _allowed(lambda: clock.demand_reachable(until))
        self._until = until
        try:
            while clock.seconds() < until:
                stop = self._slice(until)
                clock.move_to(stop)
                self.world.changed = True
                self.move()
                for _ in range(1 if stop != clock.next_waking() else GIVES_WAY):
                    await asyncio.sleep(0)
        finally:
            self._until = None
        return await self._done()

    def _slice(self, until: float) -> float:
        """How far to go at once: not past the next who sleeps in Azure time."""
        next_ones = heapq.nsmallest(SLICE, self.world.state["events"])
        last = next_ones[-1][0] if len(next_ones) == SLICE else until
        waking = self.world.clock.next_waking()
        return min(until, last, until if waking is None else waking)

    async def _done(self) -> Json:
        """Keep the clock, then tell clients of it: a crash in between is mended at the start."""
        self.world.changed = True
        self.move()
        try:
            await self.kept()
            self.publish()
        except OSError as err:
            raise Refused(
                500, f"Time was moved, but that cannot be kept: {err.strerror or err}."
            ) from err
        return self.shown()


def _allowed(move: Callable[[], None]) -> None:
    try:
        move()
    except Immovable as err:
        raise Refused(409, str(err)) from err


def _demand_only(given: Mapping[str, str], *names: str) -> Mapping[str, str]:
    """The parameters, if they are these. Raises: Refused."""
    if set(given) != set(names):
        wanted = " and ".join(f"'{name}'" for name in names) or "no parameter"
        told = ", ".join(f"'{name}'" for name in sorted(given)) or "nothing"
        raise Refused(400, f"This takes {wanted}, and got {told}.{_HELP.get(names, '')}")
    return given


_HELP: Mapping[tuple[str, ...], str] = {
    ("to",): " Or 'by' with a span, like 45s, 5m, 4h or 1d.",
    ("seconds",): " For example step?seconds=30.",
}


def _number(text: str) -> float:
    if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", text) is None or not math.isfinite(float(text)):
        raise Refused(400, f"'{text[:40]}' is no number of seconds, like 30 or 0.5.")
    return float(text)


def _span(text: str) -> float:
    try:
        return seconds_of(text)
    except ValueError as err:
        raise Refused(400, f"'{text[:40]}': {err}.") from err


def _instant(text: str) -> float:
    try:
        return dates.instant(text)
    except (ValueError, OverflowError) as err:
        raise Refused(
            400, f"'{text[:40]}' is no instant; they are written like 2026-11-27T08:00:00Z."
        ) from err
