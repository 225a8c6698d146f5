"""`muster verify`: whether the evidence of a run is what was written, all of it, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from muster.errors import Tampered
from muster.journal.bundle import Bundle, Source
from muster.journal.completeness import Completeness, check_register
from muster.journal.events import Event, EventKind
from muster.journal.lines import Chain, Finding
from muster.journal.marks import marks_of
from muster.journal.sealed import closing_of, look_at
from muster.journal.seals import Signature, check_manifest, check_trust
from muster.journal.signing import HEAD, trusted_key
from muster.journal.state import NOT_SENT
from muster.journal.stores import Store

__all__ = ["Finding", "Verification", "read_verified", "verify_run"]

Projections = Callable[[Bundle, Sequence[Event]], Iterable[Finding]]
"""Compares record and reports with the events that they are worked out from."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What can be said of a run's evidence.

    `ok` means that nothing contradicts it: also of an open run, of which nothing is proven yet.
    """

    ok: bool
    findings: tuple[Finding, ...]
    run: str
    plan: str
    target: str  # "simulator" | "azure"
    marks: tuple[str, ...]  # why it is no evidence of a drill on Azure; empty if it is one
    outcome: str | None  # of a closed run
    closed: bool
    signed: bool  # by a signature that holds, whoever made it
    signer_trusted: bool | None  # None: nobody said whom to trust
    unattested: bool | None  # None: not signed
    key_id: str | None
    events: int
    head: str | None  # digest of the last line
    complete_up_to: int | None  # number of the run in its plan; None without a register
    summary: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Examined:
    """What was read of a run, and all that was found on the way."""

    bundle: Bundle
    segments: int
    chain: Chain
    events: Sequence[Event]
    signature: Signature | None
    signer_trusted: bool | None
    register: Completeness
    findings: tuple[Finding, ...]


def verify_run(
    source: Source,
    *,
    trust: Path | None = None,
    expect_head: str | None = None,
    projections: Projections | None = None,
) -> Verification:
    """Check a run offline, from its files alone.

    Args:
        source: A store and the id of a run in it, or a folder of evidence that may be a copy.
        trust: PEM file of the key whose signature is trusted.
        expect_head: What is known from elsewhere to be the head of this run, or of the newest
            run of its plan.
        projections: Judges record and reports, where the chain holds.

    Raises:
        RunNotFound: There is no journal of a run at the source.
        JournalError: The file of trust holds no key (JRN-011).
    """
    trusted = trusted_key(trust) if trust is not None else None
    examined = _examine(Bundle.of(source), trusted, expect_head, projections)
    return _with_summary(_verification(examined), examined.segments)


def read_verified(store: Store, run: str) -> Sequence[Event]:
    """Every event of a run whose chain, signed head and manifest hold, as `verify_run` sees them.

    The register, which is one for all runs of a plan, is not looked at.

    Raises:
        RunNotFound: This journal holds no such run.
        Tampered: Something contradicts the evidence; says what and where.
    """
    bundle = replace(Bundle.of((store, run)), has_register=False)
    examined = _examine(bundle, None, None, None)
    for finding in examined.findings:
        if finding.severity == "error":
            raise Tampered(f"{run}/{finding.within}")
    return examined.events


def _examine(
    bundle: Bundle,
    trusted: str | None,
    expect_head: str | None,
    projections: Projections | None,
) -> _Examined:
    """Read all that a run left, and gather the findings in the order in which they are told."""
    sealed = look_at(bundle)
    chain, signature, events = sealed.chain, sealed.signature, sealed.chain.events
    findings = list(sealed.findings)
    is_closed = closing_of(events) is not None
    if projections is not None and events and not _has_errors(chain.findings):
        findings += projections(bundle, events)
    signer_trusted = check_trust(signature, trusted, findings) if signature else None
    if is_closed:
        findings += check_manifest(bundle, signature)
    findings += _unsettled(chain)
    register = _register(bundle, events)
    findings += register.findings
    findings += _anchor(chain, register, expect_head)
    return _Examined(
        bundle=bundle,
        segments=sealed.segments,
        chain=chain,
        events=events,
        signature=signature,
        signer_trusted=signer_trusted,
        register=register,
        findings=tuple(findings),
    )


def _verification(examined: _Examined) -> Verification:
    """What the findings amount to; the summary is still to be written."""
    events, signature = examined.events, examined.signature
    opened, closing = events[0].data if events else {}, closing_of(events)
    return Verification(
        ok=not _has_errors(examined.findings),
        findings=examined.findings,
        run=str(opened.get("run") or examined.bundle.run or ""),
        plan=str(opened.get("plan", "")),
        target=str(opened.get("target", "")),
        marks=marks_of(events),
        outcome=closing.data.get("outcome") if closing else None,
        closed=closing is not None,
        signed=signature is not None,
        signer_trusted=examined.signer_trusted,
        unattested=signature.unattested if signature else None,
        key_id=signature.key_id if signature else None,
        events=len(events),
        head=examined.chain.head,
        complete_up_to=examined.register.complete_up_to,
        summary=(),
    )


def _has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _unsettled(chain: Chain) -> list[Finding]:
    """Calls that were intended, and of which nothing more is said."""
    open_acts: dict[tuple[str, str], tuple[str, str | None]] = {}
    for line in chain.lines:
        event = line.event
        if event is None:
            continue
        key = (str(event.data.get("act")), str(event.data.get("subject")))
        if event.kind is EventKind.INTENDED:
            open_acts[key] = (line.place, event.step)
        elif event.kind is EventKind.ACCEPTED or event.data.get("what") == NOT_SENT:
            open_acts.pop(key, None)
        elif event.kind is EventKind.FINISHED:
            open_acts = {key: at for key, at in open_acts.items() if at[1] != event.step}
    return [
        Finding(
            "warning",
            "VER-060",
            place,
            f"{act} of {subject} was intended; whether Azure took it is not recorded",
        )
        for (act, subject), (place, _) in open_acts.items()
    ]


def _register(bundle: Bundle, events: Sequence[Event]) -> Completeness:
    if not bundle.has_register:
        sentence = "the register is not here: whether runs are missing cannot be said"
        return Completeness([Finding("note", "VER-047", "plans/", sentence)])
    opened = events[0].data if events else {}
    return check_register(bundle.store, bundle.run or "", opened)


def _anchor(chain: Chain, register: Completeness, expected: str | None) -> list[Finding]:
    last = chain.lines[-1].place if chain.lines else HEAD
    if expected is not None and expected not in (chain.head, register.newest_head):
        sentence = "the expected head is neither that of this run nor of the newest of its plan"
        return [Finding("error", "VER-050", last, sentence)]
    if register.newest is None or (expected is not None and expected == register.newest_head):
        return []
    sentence = f"complete up to {register.complete_up_to}; later runs cannot be excluded"
    return [Finding("note", "VER-051", "plans/", sentence)]


def _with_summary(result: Verification, segments: int) -> Verification:
    return replace(result, summary=tuple(_sentences(result, segments)))


def _sentences(result: Verification, segments: int) -> list[str]:
    errors = [finding for finding in result.findings if finding.severity == "error"]
    held = "chain unbroken" if not errors else f"NOT as it was written ({len(errors)} errors)"
    said = [
        f"Run {result.run} of plan {result.plan}: {result.events} events in {segments} segments,"
        f" {held}."
    ]
    said += result.marks
    said.append(_ended(result))
    said += [
        finding.sentence[0].upper() + finding.sentence[1:] + "."
        for finding in result.findings
        if finding.severity != "error" and finding.code != "VER-061"
    ]
    return said


def _ended(result: Verification) -> str:
    if not result.closed:
        return "Open, unsigned: NOT complete."
    if not result.signed:
        return f"Closed ({result.outcome}), unsigned."
    trust = {True: "trusted", False: "NOT trusted", None: "not known here"}[result.signer_trusted]
    mark = ", unattested" if result.unattested else ""
    return f"Closed ({result.outcome}), signed by key {result.key_id} ({trust}{mark})."
