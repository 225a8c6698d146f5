"""The bash probe: all checks of one VM as one script, and what it printed as values."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, Literal
from urllib.parse import quote

ProbeKind = Literal["tcp", "http", "data_loss", "unreachable"]

# Azure keeps the last 4096 bytes of an output; a line of the probe has at most 350.
MAX_CHECKS_PER_PROBE = 9
_ID_LIMIT = 80  # bytes of an id inside a line of JSON
_LONGEST_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProbeCheck:
    """One check as the probe runs it; addresses are filled in already.

    `tcp` and `unreachable` use host and port, `http` url, status and contains, `data_loss` url.
    `within` is how long the probe goes on looking; `unreachable` always makes three attempts.
    """

    id: str
    kind: ProbeKind
    host: str = ""
    port: int = 0
    url: str = ""
    status: int = 200
    contains: str = ""
    within: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one line of the probe says; `raw` is that line, for the record."""

    id: str
    ok: bool
    detail: Mapping[str, Any]
    raw: str


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a probe printed. A check without a result is unanswered: never ok.

    `ran` False: nothing shows that the probe ran at all. `complete`: it came to its end, and every
    check it was given has a line here. `proxy`: its connections went through `ALL_PROXY`, as in
    the simulator; None where the first line was cut off.
    """

    ran: bool
    host: str | None = None
    at: datetime | None = None  # the guest's own clock when the probe began
    proxy: bool | None = None
    results: Mapping[str, ProbeResult] = field(default_factory=dict)
    complete: bool = False


def build_probe(checks: Sequence[ProbeCheck]) -> str:
    """The script for one run-command: a line of data, then the constant body.

    Raises:
        ValueError: more than MAX_CHECKS_PER_PROBE checks, an id twice, or a field it cannot carry.
    """
    if len(checks) > MAX_CHECKS_PER_PROBE:
        raise ValueError(
            f"{len(checks)} checks in one probe; its output holds {MAX_CHECKS_PER_PROBE} at most"
        )
    if len({check.id for check in checks}) < len(checks):
        raise ValueError("two checks of one probe have the same id")
    lines = "".join(_line(check) + "\n" for check in checks)
    data = base64.b64encode(lines.encode("ascii")).decode("ascii")
    return f"MUSTER_CHECKS='{data}'\n{_body()}"


def probe_digest() -> str:
    """SHA-256 (hex) of the body: what whoever runs the probe compares to know it is ours."""
    return hashlib.sha256(_body().encode("utf-8")).hexdigest()


def parse_probe_output(text: str) -> ProbeReport:
    """Read what a probe printed, even where the beginning was cut off.

    Lines that are not the probe's are passed over. Two lines for one check: ok only if both are.
    """
    first: Mapping[str, Any] = {}
    promised: int | None = None
    results: dict[str, ProbeResult] = {}
    for raw, entry in _entries(text):
        if entry.get("muster_probe") == 1:
            first = entry
        elif entry.get("muster_probe") == "end" and isinstance(entry.get("checks"), int):
            promised = entry["checks"]
        elif result := _result(raw, entry):
            before = results.get(result.id)
            results[result.id] = result if before is None or before.ok else before
    return ProbeReport(
        ran=bool(first) or promised is not None or bool(results),
        host=_text(first.get("host")),
        at=_instant(first.get("at")),
        proxy=first.get("proxy"),
        results=results,
        complete=promised is not None and promised == len(results),
    )


def _body() -> str:
    return resources.files("muster.checks").joinpath("probe.sh").read_text(encoding="utf-8")


def _line(check: ProbeCheck) -> str:
    if not check.id or _escaped_length(check.id) > _ID_LIMIT:
        raise ValueError(f"check id {check.id!r} is empty or over {_ID_LIMIT} bytes")
    if not timedelta(0) <= check.within <= _LONGEST_WITHIN:
        raise ValueError(f"check {check.id}: within {check.within} is not between 0 and a day")
    fields = (
        check.id,
        check.kind,
        check.host,
        str(check.port),
        check.url,
        str(check.status),
        check.contains,
        str(round(check.within.total_seconds())),
    )
    if any("\0" in text for text in fields):
        raise ValueError(f"check {check.id}: a field holds a NUL, which bash cannot carry")
    return "|".join(quote(text, safe="") for text in fields)


def _escaped_length(text: str) -> int:
    widths = {0x22: 2, 0x5C: 2}
    return sum(widths.get(byte, 1) if 0x20 <= byte <= 0x7E else 6 for byte in text.encode("utf-8"))


def _entries(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in text.split("\n"):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield line, entry


def _result(raw: str, entry: Mapping[str, Any]) -> ProbeResult | None:
    check_id, ok = _text(entry.get("id")), entry.get("ok")
    if check_id is None or not isinstance(ok, bool):
        return None
    detail = {
        name: _text(value) if isinstance(value, str) else value
        for name, value in entry.items()
        if name not in {"id", "ok"}
    }
    return ProbeResult(check_id, ok, detail, raw)


def _text(value: object) -> str | None:
    """Every character stands for one byte: read them as UTF-8, show those that are not."""
    if not isinstance(value, str):
        return None
    return value.encode("latin-1", "replace").decode("utf-8", "backslashreplace")


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
