"""An event loop whose time is virtual: it jumps to the next timer when nobody has work to do."""

from __future__ import annotations

import asyncio
import signal
from asyncio.base_events import BaseEventLoop
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

MOST_TURNS = 200_000
"""Turns of the loop at one instant; who needs more of them goes round in circles."""

Connect = Callable[[str, int], Awaitable[None]]
"""Returns where a connection came about; raises OSError, or takes for ever."""


class Deadlock(AssertionError):
    """Everybody waits, and nothing is going to happen."""


class Endless(AssertionError):
    """Time went beyond its end, or stands still while somebody works on and on."""


class VirtualLoop(BaseEventLoop):
    """No sockets, threads or signals of the system: all of them are of this loop's own.

    What would go to a thread is done at once, in its turn. Connections go where `connect` says.
    The same work with the same timers takes the same course each time.

    Args:
        start: Seconds since 1970 at which its wall clock begins.
        lasting: Seconds after which it gives up, raising Endless.
        connect: What becomes of a connection; by default nobody answers.
    """

    def __init__(self, start: float, lasting: float, connect: Connect | None = None) -> None:
        super().__init__()
        self._selector = self  # BaseEventLoop asks it how long to wait
        self._start, self._now, self._end = start, 0.0, lasting
        self._turns = 0
        self._handlers: dict[int, tuple[Callable[..., object], tuple[Any, ...]]] = {}
        self.connect = connect

    def time(self) -> float:
        return self._now

    def wall(self) -> float:
        """Seconds since 1970."""
        return self._start + self._now

    def select(self, timeout: float | None) -> list[Any]:
        """What a selector does, but nothing ever comes from outside.

        Raises:
            Deadlock: There is nothing to wait for.
            Endless: Time is over, or does not pass.
        """
        if timeout is None:
            raise Deadlock(f"at {self._now:.3f} s everybody waits for good:\n{self.waiting()}")
        self._turns = 0 if timeout > 0 else self._turns + 1
        self._now += timeout
        if self._now > self._end:
            raise Endless(f"{self._end:.0f} s are over, and there wait:\n{self.waiting()}")
        if self._turns > MOST_TURNS:
            raise Endless(f"time stands still at {self._now:.3f} s, where:\n{self.waiting()}")
        return []

    def waiting(self) -> str:
        """Every task that is not done, and the line in which it waits."""
        lines = sorted(
            f"  {task.get_name()}: {_place_of(task)}" for task in asyncio.all_tasks(self)
        )
        return "\n".join(lines)

    def interrupt(self, number: signal.Signals) -> None:
        """A signal comes in, for whoever asked this loop for it."""
        if found := self._handlers.get(number):
            callback, args = found
            self.call_soon(callback, *args)

    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: Any) -> None:
        self._handlers[sig] = (callback, args)

    def remove_signal_handler(self, sig: int) -> bool:
        return self._handlers.pop(sig, None) is not None

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> Any:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as err:  # noqa: BLE001 - handed to who waits, as an executor does
            done.set_exception(err)
        return done

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None,
                                **rest: Any) -> Any:  # fmt: skip
        if self.connect is None:
            raise ConnectionRefusedError(f"nobody listens at {host}:{port}")
        await self.connect(str(host), int(port))
        protocol = protocol_factory()
        transport = _Idle(self, protocol)
        protocol.connection_made(transport)
        return transport, protocol

    def _process_events(self, event_list: list[Any]) -> None:
        return

    def _write_to_self(self) -> None:
        return


class _Idle(asyncio.Transport):
    """A connection over which nothing is said."""

    def __init__(self, loop: VirtualLoop, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._loop, self._protocol, self._closing = loop, protocol, False

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]], *, start: float,
                  lasting: float) -> T:  # fmt: skip
    """Run a coroutine to its end in a loop of its own.

    Raises:
        Deadlock, Endless: Told by the loop; nobody is waited for then.
        Whatever the coroutine raises.
    """
    loop = VirtualLoop(start, lasting)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main(loop))
    finally:
        _put_down(loop)
        asyncio.set_event_loop(None)
        loop.close()


def _put_down(loop: VirtualLoop) -> None:
    """Cancel what is left, and let it end; what will not is dropped."""
    loop._end, loop._turns = float("inf"), 0
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        try:
            loop.run_until_complete(asyncio.wait(left, timeout=600))
        except (Deadlock, Endless):
            for task in left:
                task._log_destroy_pending = False
    for task in left:
        if task.done() and not task.cancelled():
            task.exception()  # looked at: it is not news


def _place_of(task: asyncio.Task[Any]) -> str:
    """File, line and function of the innermost frame of ours, or of anybody, that waits."""
    frames = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            code = frame.f_code
            frames.append(f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    ours = [one for one in frames if "site-packages" not in one and "/asyncio/" not in one]
    return (ours or frames or ["?"])[-1]
