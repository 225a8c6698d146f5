"""The state's one file in the state folder, and the lock that keeps a second process out."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import orjson

from muster.simulator.errors import SimulatorError
from muster.simulator.json_types import Json

FORMAT = 3
NEEDED = ("digest", "clock", "seed", "serial", "events", "resources", "machines", "items")
_SEAL = b'{"sha256":"'
_BODY_AT = len(_SEAL) + 64 + 2  # behind the digest, its quote and the comma


def packed(state: Json) -> bytes:
    """The state as it is kept: JSON, by orjson: a thousand VMs take it some milliseconds.

    Clients may send what orjson has no form for (half a surrogate pair, integers beyond 64 bits);
    a world that holds any is packed the slow way, and does not stop being kept.
    """
    try:
        return orjson.dumps(state)
    except TypeError:
        return json.dumps(state, separators=(",", ":")).encode("ascii")


def sealed(content: bytes) -> bytes:
    """A packed state with its SHA-256 as the first key: JSON again."""
    digest = hashlib.sha256(content).hexdigest().encode()
    return _SEAL + digest + b'",' + content[1:]


class Store:
    """One folder, owned by one process while it is open."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, making it if need be.

        Raises: SimulatorError if it cannot be written, or another simulator has it.
        """
        self.folder = folder
        self.file = folder / "state.json"
        self._lock = _locked(folder)

    def load(self) -> Json | None:
        """The state that was saved last, or None in a new folder.

        Raises: SimulatorError for a file that is not exactly what was saved. The file is left as
        it is, and nothing else is taken in its place.
        """
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as err:
            raise self._no_good(f"cannot be read: {err.strerror}") from err
        try:
            return _state_in(content)
        except ValueError as err:
            raise self._no_good(str(err)) from err

    def save(self, content: bytes) -> None:
        """Replace the file by a packed state; durable when this returns.

        May be called on any thread, one call after the other. Raises: OSError.
        """
        write_whole(self.file, sealed(content))

    def close(self) -> None:
        os.close(self._lock)

    def _no_good(self, what: str) -> SimulatorError:
        return SimulatorError(
            f"The state file {self.file} {what}. It was left as it is, and nothing else was used "
            "in its place: put a good copy there, or move it away to start the world anew, or "
            "name another folder."
        )


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that it is either the old one or the whole new one, come what may.

    Raises: OSError; what was half written is then gone, for the disk may be full.
    """
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _locked(folder: Path) -> int:
    """The open lock of a folder, with our process id in it. The kernel lets go of it when we end.

    Raises: SimulatorError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise SimulatorError(
            f"The state folder {folder} cannot be written: {err.strerror}."
        ) from err
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as err:
        holder = _holder(lock)
        os.close(lock)
        raise SimulatorError(
            f"Another simulator{holder} is running on the state folder {folder}; "
            "stop it, or name another folder."
        ) from err
    except OSError as err:
        os.close(lock)
        raise SimulatorError(
            f"The state folder {folder} cannot be locked or written: {err.strerror}."
        ) from err
    return lock


def _holder(lock: int) -> str:
    """Who wrote itself into a lock, as a part of a sentence; "" if that one is gone."""
    told = os.pread(lock, 20, 0).strip()
    if not told.isdigit():
        return ""  # it is only just taking the lock
    pid = int(told)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""  # of the one before
    except PermissionError:
        return f" (process {pid}, of another user)"
    return f" (process {pid})"


def _state_in(content: bytes) -> Json:
    """The state in a whole file. Raises: ValueError, the end of a sentence about the file."""
    if not content.strip(b"\0 \r\n\t"):
        raise ValueError("is damaged: it is empty")
    has_seal = content.startswith(_SEAL)
    if has_seal and sealed(b"{" + content[_BODY_AT:]) != content:
        raise ValueError("is damaged: it is not what its checksum was made of")
    state = _unpacked(content)
    if not isinstance(state, dict) or "format" not in state:
        raise ValueError("is no state of a simulator")
    if state["format"] != FORMAT:
        raise ValueError(
            f"is of another version of the simulator (format {state['format']!r}; this one reads "
            f"{FORMAT})"
        )
    if not has_seal:
        raise ValueError("is damaged: its checksum is gone")
    if missing := [key for key in NEEDED if key not in state]:
        raise ValueError(f"is damaged: it lacks {', '.join(missing)}")
    del state["sha256"]
    return state


def _unpacked(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        pass  # the text may hold what orjson has no form for, see `packed`
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as err:
        raise ValueError(f"is damaged: {err}") from err
