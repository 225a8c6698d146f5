"""From what was recorded to what may be shown: sanitised, checked, one file per answer."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from muster.errors import InputError, MusterError
from muster.gateway.recording import RAW
from muster.gateway.sanitise import GUID, Sanitiser

SAMPLES = "samples"


class NotSanitised(MusterError):
    """Something that should have been taken out can still be read; nothing was written."""

    code = "REC-002"
    hint = "Keep the folder `raw` to yourself and report this with the kind of what is left."


def sanitise_folder(folder: Path, *, keep_raw: bool = False) -> list[Path]:
    """Write `samples/` beside `raw/`, and remove `raw/` unless it is to be kept.

    Args:
        folder: What `MUSTER_RECORD` named.
        keep_raw: Leave the unsanitised files.

    Returns:
        The files written, in the order in which the answers came.

    Raises:
        InputError: Nothing was recorded (REC-001).
        NotSanitised: A name, an id or a signature is left in what would have been written.
    """
    raw = folder / RAW
    pairs = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(raw.glob("*.json"))]
    if not pairs:
        raise InputError(
            f"Nothing was recorded in {raw}",
            code="REC-001",
            hint="Run a command that asks Azure: `muster record FOLDER -- drill PLAN --direct`.",
        )
    sanitiser = Sanitiser(secrets.token_bytes(32))
    for pair in pairs:
        sanitiser.learn(pair)
    real = {guid for pair in pairs for guid in _guids(pair)}
    cleaned = [sanitiser.clean(pair) for pair in pairs]
    for pair in cleaned:
        _demand_clean(pair, sanitiser, real)
    written = list(_write(cleaned, folder / SAMPLES))
    if not keep_raw:
        shutil.rmtree(raw)
    return written


def _write(pairs: list[Any], folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    first = len(list(folder.glob("*.json")))  # samples of an earlier recording stay
    for number, pair in enumerate(pairs, first + 1):
        file = folder / f"{number:04}_{_label(pair)}.json"
        file.write_text(json.dumps(pair, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        yield file


def _label(pair: Any) -> str:
    """`post_testfailover_202`: what the file is about, for people."""
    words = urlsplit(pair["request"]["path"]).path.strip("/").split("/")
    behind = words[next((n for n, word in enumerate(words) if word == "providers"), 0) :]
    types = [word for word in behind[2::2] if re.fullmatch(r"[A-Za-z]+", word)]
    last = types[-1] if types else words[-1]
    return f"{pair['request']['method']}_{last}_{pair['response']['status']}".casefold()


def _guids(value: Any) -> set[str]:
    return {guid.casefold() for guid in GUID.findall(json.dumps(value)) if guid.strip("0-")}


def _demand_clean(pair: Any, sanitiser: Sanitiser, real: set[str]) -> None:
    left = [f"a name of {len(name)} characters" for name in sanitiser.seen(pair)]
    left += ["an id" for guid in _guids(pair) if guid in real]
    if left:
        raise NotSanitised(f"After sanitising, {', '.join(left[:5])} can still be read")
