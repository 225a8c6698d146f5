"""Whether the lines of a run's segments are what was written, all of them, in their order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from muster.errors import Tampered
from muster.journal.events import GENESIS, Event, event_from_json
from muster.journal.lines import Chain, Finding, Line, Seal
from muster.journal.segments import lines_of, segment_name, segments_of
from muster.journal.stores import Store
from muster.journal.story import check_story


def read_run(store: Store, run: str) -> list[Event]:
    """Every event of a run, checked line by line.

    Raises:
        RunNotFound: This journal holds no such run.
        Tampered: The chain does not hold; names segment file, line and seq.
    """
    chain = check_segments(segments_of(store, run))
    for finding in chain.findings:
        if finding.severity == "error":
            raise Tampered(f"{run}/{finding.within}")
    return chain.events


def read_on(store: Store, run: str, last: Event) -> list[Event]:
    """What was written behind an event that was read and checked before.

    Raises:
        Tampered: It does not follow that event.
    """
    events: list[Event] = []
    seq, digest = last.seq, last.digest()
    while store.exists(name := segment_name(run, seq + 1)):
        for number, raw in enumerate(lines_of(store.read(name)), start=1):
            event = _event(raw)
            if event is None or (event.seq, event.prev) != (seq + 1, digest):
                raise Tampered(f"{name}:{number} does not follow event {seq}")
            events.append(event)
            seq, digest = event.seq, hashlib.sha256(raw).hexdigest()
    return events


def check_segments(segments: Iterable[tuple[str, bytes]], *, seal: Seal | None = None) -> Chain:
    """Read segments and find everything that cannot have been written so.

    Args:
        segments: File name and content, in the order of their names.
        seal: What a signature that holds says of the last event.
    """
    chain = Chain()
    for file, content in segments:
        _read_segment(chain, file, content)
    _check_sequence(chain)
    _check_links(chain, seal)
    check_story(chain)
    return chain


def _read_segment(chain: Chain, file: str, content: bytes) -> None:
    lines = [Line(file, n, raw, _event(raw)) for n, raw in enumerate(lines_of(content), start=1)]
    if not content.endswith(b"\n"):
        place = lines[-1].place if lines else file
        chain.findings.append(
            Finding("error", "VER-002", place, "the segment does not end with a whole line")
        )
    for line in lines:
        if line.event is None:
            chain.blame(line, "VER-003", "this line is no event in canonical form: it was changed")
    first = lines[0].event if lines else None
    if first is not None and file != f"{first.seq:08d}.jsonl":
        chain.findings.append(
            Finding("error", "VER-004", lines[0].place, f"{file} begins with event {first.seq}")
        )
    chain.lines += lines


def _event(raw: bytes) -> Event | None:
    """The event a line holds, if the line is exactly what that event would be written as."""
    try:
        event = event_from_json(json.loads(raw))
        return event if event.line() == raw else None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError):
        return None


def _check_sequence(chain: Chain) -> None:
    """Numbers without a gap, none twice."""
    expected = 1
    for line in chain.lines:
        seq = line.event.seq if line.event else expected
        if seq > expected:
            gone = f"event {expected}" + (f" to {seq - 1}" if seq - 1 > expected else "")
            chain.blame(line, "VER-005", f"{gone} should stand before this line: missing or moved")
        elif seq < expected:
            chain.blame(line, "VER-006", f"event {seq} stands again, where {expected} should")
        expected = seq + 1


def _check_links(chain: Chain, seal: Seal | None) -> None:
    """Each line names the digest of the line before.

    Where one does not, either of the two was changed. A change anywhere in a line breaks the link
    behind it; only a change of its own `prev` breaks the one before it too. So a line with both
    links broken is at fault, else the line before the broken link.
    """
    lines = chain.lines
    before = [_is_broken(lines[n - 1] if n else None, line) for n, line in enumerate(lines)]
    behind = [*before[1:], _is_seal_broken(chain, seal)]
    both = [one and other for one, other in zip(before, behind, strict=False)]
    for n, line in enumerate(lines):
        next_explains = n + 1 < len(lines) and (both[n + 1] or lines[n + 1].is_blamed)
        last_explains = n > 0 and lines[n - 1].is_blamed
        at_fault = (
            both[n]
            or (behind[n] and not next_explains)
            or (before[n] and not behind[n] and not last_explains)
        )
        if at_fault and not line.is_blamed:
            chain.blame(line, "VER-007", "the hash chain breaks at this line: it was changed")


def _is_broken(before: Line | None, line: Line) -> bool:
    if line.event is None:
        return False  # it names nothing; it is blamed for itself
    return line.event.prev != (before.digest if before else GENESIS)


def _is_seal_broken(chain: Chain, seal: Seal | None) -> bool:
    """Whether the last line is not the one that was signed, though its number is."""
    if seal is None or not chain.lines:
        return False
    last = chain.lines[-1]
    seq = last.event.seq if last.event else seal.seq
    if seq < seal.seq:
        gone = f"events {seq + 1} to {seal.seq}" if seal.seq > seq + 1 else f"event {seal.seq}"
        chain.blame(last, "VER-014", f"{gone} should follow: signed, and no longer here")
    elif seq > seal.seq:
        chain.blame(last, "VER-015", f"the run was signed at event {seal.seq}; this came after")
    return seq == seal.seq and last.digest != seal.head
