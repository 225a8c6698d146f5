"""What may follow what in a run: one beginning, owners in turn, one end, time going forward."""

from __future__ import annotations

from muster.journal.events import Event, EventKind
from muster.journal.lines import Chain, Finding, Line


def check_story(chain: Chain) -> None:
    """Find events that no run of Muster writes in this order, however well they are chained."""
    epoch, owner = 0, None
    closed_at: int | None = None
    before: Event | None = None
    for line in chain.lines:
        event = line.event
        if event is None:
            continue
        if closed_at is not None:
            chain.blame(line, "VER-009", f"the run was closed by event {closed_at}")
        if event.kind is EventKind.OWNER:
            _check_epoch(chain, line, event, epoch)
            epoch, owner = epoch + 1, event.process
        elif owner is not None and event.process != owner:
            chain.blame(line, "VER-011", f"{event.process} writes, but does not own the run")
        if event.kind is EventKind.CLOSED:
            closed_at = event.seq
        _check_beginning(chain, line, event)
        _check_times(chain, line, event, before)
        before = event


def _check_beginning(chain: Chain, line: Line, event: Event) -> None:
    if (event.kind is EventKind.OPENED) != (event.seq == 1):
        chain.blame(line, "VER-008", "a run begins with `opened`, and has it once")


def _check_epoch(chain: Chain, line: Line, event: Event, epoch: int) -> None:
    if event.data.get("epoch") != epoch + 1:
        chain.blame(line, "VER-010", f"epoch {epoch + 1} of the owners should stand here")


def _check_times(chain: Chain, line: Line, event: Event, before: Event | None) -> None:
    if before is None:
        return
    if event.process == before.process and event.mono < before.mono:
        chain.blame(line, "VER-012", "time runs backwards here within one process")
    elif event.at < before.at:
        span = (before.at - event.at).total_seconds()
        why = "a clock was set, or two machines disagree"
        sentence = f"its clock reads {span:.3f} s earlier than the event before: {why}"
        chain.findings.append(Finding("warning", "VER-013", line.place, sentence))
