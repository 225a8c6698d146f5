"""Where journals are kept: names that are created once, whole, and never written again."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import threading
from pathlib import Path
from typing import Protocol

from muster.errors import JournalError, SegmentTaken

TEMPORARY = ".tmp-"
"""How a file begins that is not yet stored. A crash may leave one behind; readers never see it."""

PART_OF_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


class Store(Protocol):
    """Content by name, `/` between parts. The one rule: a name is created only if absent.

    That gives atomic appends, no overwriting, and fencing of two owners of one run.
    """

    @property
    def is_blocking(self) -> bool:
        """Whether calls wait for a disk or a network, and so belong off the event loop."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """Store content under a name nobody has taken; durable when this returns.

        Raises:
            SegmentTaken: The name is taken; what stands there is untouched.
            JournalError: The store cannot be written (JRN-005), or the name is none (JRN-007).
        """
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Put what can be worked out again at will, a report, in place of an older one.

        A reader sees the old content or the new one, never half of one.

        Raises:
            OSError: The store cannot be written.
            JournalError: The name is none (JRN-007).
        """
        ...

    def read(self, name: str) -> bytes:
        """The content of a name; raises JournalError (JRN-008) when nothing stands there."""
        ...

    def read_small(self, name: str, most: int) -> bytes:
        """The content of a name that others may have put there; never waits, never reads much.

        Raises:
            JournalError: JRN-012: it has more bytes than `most`, or is no plain content at all.
                JRN-008: nothing stands there.
        """
        ...

    def names(self, prefix: str = "") -> list[str]:
        """Every stored name that begins with a prefix, sorted."""
        ...

    def exists(self, name: str) -> bool: ...


class DirectoryStore:
    """Names are files below a folder. Works on any file system that has hard links."""

    is_blocking = True

    def __init__(self, root: Path) -> None:
        self.root = root

    def create(self, name: str, content: bytes) -> None:
        path = self._path(name)
        try:
            create_file(path, content)
        except FileExistsError as err:
            raise SegmentTaken(f"{name} was already written by another process") from err
        except OSError as err:
            raise JournalError(
                f"The journal at {self.root} could not store {name}: {err.strerror or err}",
                code="JRN-005",
                hint="It needs a writable folder with free space, on a file system with hard links"
                " (MUSTER_JOURNAL names it).",
            ) from err

    def replace(self, name: str, content: bytes) -> None:
        path = self._path(name)
        _make_folder(path.parent)
        temporary = _written_beside(path, content, 0o644)
        try:
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as err:
            raise missing(name) from err
        except OSError as err:
            raise JournalError(
                f"{name} in the journal at {self.root} cannot be read: {err.strerror or err}"
            ) from err

    def read_small(self, name: str, most: int) -> bytes:
        path = self._path(name)
        try:
            # By lstat: a link may lead anywhere, and to open a pipe or a device is to act on it.
            if not stat.S_ISREG(path.lstat().st_mode):
                raise not_small(name, "it is a link, a pipe, a folder or a device")
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                found = os.fstat(handle)  # of what was opened: it may have been put there since
                if not stat.S_ISREG(found.st_mode) or found.st_size > most:
                    raise not_small(name, f"it has {found.st_size} bytes, more than {most}")
                return file.read(most)
        except FileNotFoundError as err:
            raise missing(name) from err
        except OSError as err:
            raise not_small(name, err.strerror or str(err)) from err

    def names(self, prefix: str = "") -> list[str]:
        top = self.root / prefix.rpartition("/")[0]
        found = (
            Path(folder, file).relative_to(self.root).as_posix()
            for folder, _, files in os.walk(top)
            for file in files
        )
        return sorted(name for name in found if name.startswith(prefix) and is_name(name))

    def exists(self, name: str) -> bool:
        return self._path(name).is_file()

    def _path(self, name: str) -> Path:
        return self.root / checked_name(name)


class MemoryStore:
    """Names in a dictionary, for tests and forecasts. Dies with its process."""

    is_blocking = False

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def create(self, name: str, content: bytes) -> None:
        with self._lock:
            if checked_name(name) in self.contents:
                raise SegmentTaken(f"{name} was already written by another process")
            self.contents[name] = bytes(content)

    def replace(self, name: str, content: bytes) -> None:
        with self._lock:
            self.contents[checked_name(name)] = bytes(content)

    def read(self, name: str) -> bytes:
        try:
            return self.contents[checked_name(name)]
        except KeyError as err:
            raise missing(name) from err

    def read_small(self, name: str, most: int) -> bytes:
        content = self.read(name)
        if len(content) > most:
            raise not_small(name, f"it has {len(content)} bytes, more than {most}")
        return content

    def names(self, prefix: str = "") -> list[str]:
        with self._lock:
            return sorted(name for name in self.contents if name.startswith(prefix))

    def exists(self, name: str) -> bool:
        return checked_name(name) in self.contents


def is_name(name: str) -> bool:
    """Whether a store can hold this name: parts of plain letters, none hidden, none `..`."""
    return all(PART_OF_NAME.fullmatch(part) for part in name.split("/"))


def checked_name(name: str) -> str:
    """The name; raises JournalError (JRN-007) when it could lead out of the store."""
    if is_name(name):
        return name
    raise JournalError(
        f"{name!r} cannot be a name in the journal",
        code="JRN-007",
        hint="Names are letters, digits, dots, dashes and underscores; no part begins with a dot.",
    )


def missing(name: str) -> JournalError:
    """What reading a name raises when nothing stands there."""
    return JournalError(f"{name} is not in the journal", code="JRN-008")


def not_small(name: str, why: str) -> JournalError:
    """What reading a name raises that somebody else may have put there, and that is not read."""
    return JournalError(
        f"{name} was not read: {why}",
        code="JRN-012",
        hint="Look who put it there, and remove it.",
    )


def create_file(path: Path, content: bytes, *, mode: int = 0o440) -> None:
    """Make a file that appears whole or not at all; durable when this returns.

    Args:
        path: Its final name; missing folders are made.
        content: All of it.
        mode: Permissions; by default nobody writes it again.

    Raises:
        FileExistsError: The name is taken; what stands there is untouched.
        OSError: The folder cannot be written, or its file system has no hard links.
    """
    _make_folder(path.parent)
    temporary = _written_beside(path, content, mode)
    try:
        # A torn file under the final name could never be mended: link shows it whole or not at
        # all, and fails when another process was first.
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _written_beside(path: Path, content: bytes, mode: int) -> Path:
    """A temporary file with the content, on disk, in the folder of the final one."""
    handle, text = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    temporary = Path(text)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durable in the one that holds it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as err:  # must not read as "the name is taken"
        raise NotADirectoryError(f"{folder} is a file, where a folder should be") from err
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
