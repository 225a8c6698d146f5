"""Whether record and report say what the journal says: both are worked out from it once more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from muster import __version__
from muster.journal.bundle import Bundle
from muster.journal.events import Event, EventKind
from muster.journal.lines import Finding
from muster.journal.segments import SEGMENT
from muster.journal.signing import HEAD, MANIFEST
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.write import HTML, RECORD
from muster.runs.evidence import signature_words

_TELLING = ("run", "plan", "operation", "target", "rehearsal", "state", "outcome", "exit_code")
_HEADLINE = re.compile(rb'<div class="outcome \w+"><b>(\w+)</b>')


def check_projections(bundle: Bundle, events: Sequence[Event]) -> Iterator[Finding]:
    """Compare `record.json` and `report.html` with what the events amount to.

    Another version of Muster may word things otherwise: then a record that differs is only warned
    of, unless outcome, objectives or left-overs do. An open run's reports may be older than its
    newest event; they are held against the journal as it stood then.

    Args:
        bundle: The evidence of a run.
        events: All of its events, whose chain holds.
    """
    is_closed = events[-1].kind is EventKind.CLOSED
    if not is_closed:
        yield from _strangers(bundle)
    base: Sequence[Event] | None = events
    said: Any = None
    if bundle.has(RECORD):
        said = _json(bundle.read(RECORD))
        base = _made_from(said, events)
        if base is None or (is_closed and len(base) < len(events)):
            sentence = "made from another journal than this, or from more or less of it"
            yield Finding("error", "VER-035", RECORD, sentence)
            base = None
    if base is None:
        base = events
    try:
        record = build_record(base, segments=_count(bundle, base), signature=_signer(bundle))
        page = render_html(record).encode()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as err:
        sentence = f"the events do not read as a run ({type(err).__name__})"
        yield Finding("error", "VER-036", RECORD, sentence)
        return
    if said is not None:
        yield from _judge_record(said, json.loads(json.dumps(record)), _same_version(events))
    if bundle.has(HTML):
        yield from _judge_page(bundle.read(HTML), page, _same_version(events))


def _strangers(bundle: Bundle) -> Iterator[Finding]:
    """Files beside an open journal that nobody signed and nothing can be compared with."""
    for name in bundle.names():
        is_known = name in (RECORD, HTML, HEAD, MANIFEST) or SEGMENT.fullmatch(name)
        if not is_known and not name.startswith("inbox/"):
            yield Finding("warning", "VER-039", name, "nothing vouches for what it says")


def _json(content: bytes) -> Any:
    """What the file says; an empty mapping for what is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return {}


def _made_from(said: Any, events: Sequence[Event]) -> Sequence[Event] | None:
    """The events that a record says it was made from; None if they are not these."""
    journal = said.get("journal") if isinstance(said, dict) else None
    if not isinstance(journal, dict):
        return None
    count = journal.get("events")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= len(events):
        return None
    return events[:count] if events[count - 1].digest() == journal.get("head") else None


def _count(bundle: Bundle, events: Sequence[Event]) -> int:
    """How many segments these events, from the first on, stand in: a name is its first number."""
    return sum(int(name.partition(".")[0]) <= len(events) for name in bundle.segments())


def _signer(bundle: Bundle) -> str | None:
    return signature_words(bundle.read(HEAD)) if bundle.has(HEAD) else None


def _same_version(events: Sequence[Event]) -> bool:
    tool = events[0].data.get("tool")
    return isinstance(tool, Mapping) and tool.get("version") == __version__


def _judge_record(said: Any, made: Mapping[str, Any], is_ours: bool) -> Iterator[Finding]:  # noqa: FBT001
    if said == made:
        return
    if not isinstance(said, dict):
        yield Finding("error", "VER-036", RECORD, "it is no record")
        return
    differing = [key for key in sorted({*said, *made}) if said.get(key) != made.get(key)]
    if is_ours or _gist(said) != _gist(made):
        sentence = f"not what the events amount to: {', '.join(differing)}"
        yield Finding("error", "VER-036", RECORD, sentence)
        return
    sentence = f"worded otherwise than this version does: {', '.join(differing)}"
    yield Finding("warning", "VER-037", RECORD, sentence)


def _gist(record: Mapping[str, Any]) -> list[Any]:
    """What no version may tell differently."""
    objectives = _part(record, "objectives")
    measures = [
        _part(objectives, name).get(key)
        for name in ("rto", "rpo")
        for key in ("objective", "actual", "verdict")
    ]
    left = _part(record, "cleanup").get("leftovers")
    return [*(record.get(key) for key in _TELLING), *measures, left]


def _part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _judge_page(said: bytes, made: bytes, is_ours: bool) -> Iterator[Finding]:  # noqa: FBT001
    if said == made:
        return
    if is_ours or _HEADLINE.findall(said) != _HEADLINE.findall(made):
        yield Finding("error", "VER-038", HTML, "not the page that the events amount to")
        return
    yield Finding("warning", "VER-037", HTML, "worded otherwise than this version does")
