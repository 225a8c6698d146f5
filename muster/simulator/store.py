"""The state's one file in the state folder, and the lock that keeps a second process out."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

import orjson

from muster.simulator.errors import SimulatorError
from muster.simulator.json_types import Json

FORMAT = 2


def packed(state: Json) -> bytes:
    """The state as it is kept: JSON, by orjson: a thousand VMs take it some milliseconds."""
    return orjson.dumps(state)


class Store:
    """One folder, owned by one process while it is open."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, making it if need be.

        Raises: SimulatorError if it cannot be written, or another simulator has it.
        """
        self.folder = folder
        self.file = folder / "state.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock: IO[str] = (folder / "lock").open("w")
        except OSError as err:
            raise SimulatorError(
                f"The state folder {folder} cannot be written: {err.strerror}."
            ) from err
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            self._lock.close()
            raise SimulatorError(
                f"Another simulator is running on the state folder {folder}; "
                "stop it, or name another."
            ) from err

    def load(self) -> Json | None:
        """The state that was saved last, or None in a new folder."""
        try:
            state: Json = orjson.loads(self.file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as err:
            raise SimulatorError(
                f"The state file {self.file} cannot be read ({err}); "
                "move it away to start the world anew."
            ) from err
        if state.get("format") != FORMAT:
            raise SimulatorError(f"The state file {self.file} is of another version.")
        return state

    def save(self, content: bytes) -> None:
        """Replace the file; durable when this returns. May be called on any thread, one by one."""
        write_whole(self.file, content)

    def close(self) -> None:
        self._lock.close()


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that it is either the old one or the whole new one, come what may."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
