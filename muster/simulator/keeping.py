"""Nothing is answered that a crash could take back: answers wait until what they saw is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

logger = logging.getLogger("muster.simulator")


class Keeper:
    """Writes the newest state while anybody waits for it; one write serves all who wait."""

    def __init__(self, pack: Callable[[], bytes], save: Callable[[bytes], None]) -> None:
        """`pack` gives the state of this instant; `save` makes it durable, off the loop."""
        self._pack, self._save = pack, save
        self._version = self._kept = 0
        self._writing: asyncio.Task[None] | None = None
        self.trouble = ""  # why the last write failed, in the system's words; "" if it did not

    def changed(self) -> None:
        """The state is another one than before."""
        self._version += 1

    async def kept(self) -> None:
        """Wait until the state of this instant, or a newer one, is durable.

        Raises:
            OSError: It cannot be written.
        """
        wanted = self._version
        while self._kept < wanted:
            if self._writing is None:
                self._writing = asyncio.create_task(self._write(), name="keeping the state")
            # Whoever gives up waiting must not cancel a write that others wait for.
            await asyncio.shield(self._writing)

    async def _write(self) -> None:
        try:
            version = self._version
            await asyncio.to_thread(self._save, self._pack())
            self._kept = version
            self._told("")
        except OSError as err:
            self._told(err.strerror or str(err))
            raise
        finally:
            self._writing = None

    def _told(self, trouble: str) -> None:
        """Say on stderr that it goes wrong, when it begins to, and that it is over."""
        if trouble and trouble != self.trouble:
            logger.warning(
                "The state cannot be kept: %s. Requests are answered 500 StateNotKept until it "
                "can, which is tried again and again; make room, or give the folder back.",
                trouble,
            )
        elif self.trouble and not trouble:
            logger.warning("The state is kept again.")
        self.trouble = trouble
