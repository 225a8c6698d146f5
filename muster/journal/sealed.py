"""The events of a run as its signed head vouches for them: chain, head, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from muster.errors import Tampered
from muster.journal.bundle import Bundle
from muster.journal.chain import check_segments
from muster.journal.events import Event, EventKind
from muster.journal.lines import Chain, Finding
from muster.journal.seals import Signature, read_head
from muster.journal.segments import SEGMENT
from muster.journal.signing import HEAD, MANIFEST
from muster.journal.stores import Store


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was read of a run's events, and what contradicts them."""

    segments: int
    chain: Chain
    signature: Signature | None
    findings: tuple[Finding, ...]


def read_sealed(store: Store, run: str) -> Sequence[Event]:
    """Every event of a run whose chain holds, and whose signed head is that of these events.

    Less than `read_verified`: neither reports nor manifest are read, so that a lost page of a run
    does not cost what its journal proves. An open run is not signed yet: its chain has to do.

    Raises:
        RunNotFound: This journal holds no such run.
        Tampered: Something contradicts the events; says what and where.
    """
    sealed = look_at(replace(Bundle.of((store, run)), has_register=False))
    for finding in sealed.findings:
        if finding.severity == "error":
            raise Tampered(f"{run}/{finding.within}")
    return sealed.chain.events


def look_at(bundle: Bundle) -> Sealed:
    """Read a run's events and signed head, and gather what is found on the way."""
    findings = list(_strays(bundle))
    signature = read_head(bundle, findings)
    segments = [(name, bundle.read(name)) for name in bundle.segments()]
    chain = check_segments(segments, seal=signature.seal if signature else None)
    findings += chain.findings
    findings += _names(bundle, chain.events, signature)
    findings += _ending(bundle, chain, is_closed=closing_of(chain.events) is not None)
    return Sealed(len(segments), chain, signature, tuple(findings))


def closing_of(events: Sequence[Event]) -> Event | None:
    """The last event, if it closes the run."""
    return events[-1] if events and events[-1].kind is EventKind.CLOSED else None


def _strays(bundle: Bundle) -> list[Finding]:
    """What looks like a segment and has no segment's name."""
    return [
        Finding("error", "VER-001", name, "no segment of a journal is named so")
        for name in bundle.names()
        if name.endswith(".jsonl") and not SEGMENT.fullmatch(name)
    ]


def _names(bundle: Bundle, events: Sequence[Event], signature: Signature | None) -> list[Finding]:
    """The run that folder, first event and signed head name is one and the same."""
    findings = []
    opened = events[0].data.get("run") if events else None
    if bundle.run is not None and opened is not None and opened != bundle.run:
        sentence = f"this is the journal of run {opened}, filed as {bundle.run}"
        findings.append(Finding("error", "VER-022", bundle.segments()[0], sentence))
    if signature is not None and opened is not None and opened != signature.run:
        sentence = f"the signed head is of run {signature.run}, the journal of run {opened}"
        findings.append(Finding("error", "VER-022", HEAD, sentence))
    return findings


def _ending(bundle: Bundle, chain: Chain, *, is_closed: bool) -> list[Finding]:
    last = chain.lines[-1].place if chain.lines else bundle.segments()[-1]
    if is_closed and not bundle.has(HEAD):
        sentence = "the run is closed, and its signed head is missing: removed, or never signed"
        return [Finding("error", "VER-021", HEAD, sentence)]
    if is_closed:
        return []
    sentence = "open, unsigned: what follows this event, if anything, cannot be known"
    found = [Finding("warning", "VER-061", last, sentence)]
    for name, what in ((HEAD, "head"), (MANIFEST, "manifest")):
        if bundle.has(name):
            sentence = f"the run does not end with `closed`, yet a signed {what} is here"
            found.append(Finding("error", "VER-023", last if name == HEAD else name, sentence))
    return found
