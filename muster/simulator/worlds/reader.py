"""Bytes of a world file to a tree that knows its lines; what is wrong with them, all at once."""

from __future__ import annotations

import math
import re
import stat
from pathlib import Path

from muster.simulator.errors import SimulatorError

MOST_BYTES = 8 * 1024 * 1024
"""Of a world file: some twenty thousand VMs."""

# Also line separators that editors and YAML readers count differently: lines would be wrong.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,50}|[0-9]{1,50}(\.[0-9]{0,50})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def content_of(path: Path, what: str = "world file") -> bytes:
    """The bytes of a world file, or of another one that sentences call `what`.

    Raises: SimulatorError if it is no file, cannot be read, or is larger than any world.
    """
    try:
        kind = path.stat()
        if stat.S_ISREG(kind.st_mode) and kind.st_size <= MOST_BYTES:
            return path.read_bytes()
    except (OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or "not a path"
        raise SimulatorError(f"The {what} {path} cannot be read: {reason}.") from err
    if not stat.S_ISREG(kind.st_mode):
        kind_of = "a folder" if stat.S_ISDIR(kind.st_mode) else "not a file"
        raise SimulatorError(f"The {what} {path} cannot be read: it is {kind_of}.")
    raise SimulatorError(
        f"{path}:1: the file is larger than {MOST_BYTES // 1024 // 1024} MB, the most that is read"
    )


def text_of(path: Path, content: bytes) -> str:
    """The text of a world file. Raises: SimulatorError, with the line, if it is none."""
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        hint = "it looks like UTF-16; save it as UTF-8" if wide else "save the file as UTF-8"
        raise SimulatorError(
            f"{path}:{line}: byte {content[err.start]:#04x} is not UTF-8 text; {hint}"
        ) from err
    if found := UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise SimulatorError(f"{path}:{line}: {unprintable(found[0])}")
    return text


def unprintable(character: str) -> str:
    """The sentence about a character that editors do not show."""
    return f"character U+{ord(character):04X} does not belong in such a file"


def meant(text: str) -> str | int | float | bool | None:
    """A plain scalar by YAML 1.2's core schema, as far as JSON goes along.

    Dates, `yes`, infinities and numbers of more digits than a computer counts stay texts.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
