"""Live progress of a run: a table that keeps up on a terminal, plain lines everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO

from muster.cli.board import RUNNING, WAITING, Board, Line, StepView, span_text
from muster.cli.passed_over import PassedOver, reason_of
from muster.journal.events import PREFLIGHT_OVERRIDDEN, Event, EventKind, Observed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table


class Show(Protocol):
    """Where a run's events are shown while it goes on."""

    board: Board

    def see(self, event: Event) -> None: ...

    def say(self, sentence: str) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *failure: Any) -> None: ...


def open_show(*, is_json: bool) -> Show:
    """The live table where a person watches, plain lines where not; with `--json`, all of it on
    standard error.
    """
    stream = sys.stderr if is_json else sys.stdout
    return LiveShow(stream) if stream.isatty() else PlainShow(stream)


class PlainShow:
    """One line per event that matters, with Azure time."""

    def __init__(self, stream: TextIO) -> None:
        self.board = Board()
        self._stream = stream
        self._passed_over = PassedOver()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._write(self._passed_over.rest())

    def see(self, event: Event) -> None:
        self.board.see(event)
        if line := line_of(event, self.board):
            reason, at = reason_of(event, self.board), f"{event.at:%H:%M:%S}"
            self._write(self._passed_over.told(at, line, reason))

    def say(self, sentence: str) -> None:
        self._write([*self._passed_over.rest(), sentence])

    def _write(self, lines: Iterable[str]) -> None:
        self._stream.writelines(f"{line}\n" for line in lines)
        self._stream.flush()


def line_of(event: Event, board: Board) -> str | None:
    """What a person wants to read of an event; None for most of them."""
    tell = _TELLERS.get(event.kind)
    return tell(event, board) if tell else None


def _opened(_: Event, board: Board) -> str:
    where = "the SIMULATOR" if board.target == "simulator" else board.target
    rto = f", recovery time objective {span_text(board.rto)}" if board.recovers else ""
    return f"{board.run} opened against {where}{rto}"


def _owner(event: Event, _: Board) -> str | None:
    """Where another process goes on with a run: what stands above was told by the one before."""
    data = event.data
    if data.get("epoch") == 1:
        return None
    return f"-- from here on {data.get('host')}, process {data.get('pid')}: {data.get('why')} --"


def _started(event: Event, board: Board) -> str | None:
    step = board.steps.get(event.step or "")
    return f"  …  {step.title}" if step else None


def _finished(event: Event, board: Board) -> str | None:
    step = board.steps.get(event.step or "")
    if step is None:
        return None
    mark = {"ok": "ok ", "failed": "!! ", "skipped": "-- "}.get(step.status, "?  ")
    mark = mark if step.critical or step.status != "failed" else "(!)"  # optional
    took = f"  {span_text(step.took(event.at))}" if step.began else ""
    why = f"  {_why(step)}" if step.status != "ok" else ""
    return f"  {mark} {step.title}{took}{why}"


def _why(step: StepView) -> str:
    return f"[{step.error['code']}] {step.error['message']}" if step.error else step.why


def _checked(event: Event, _: Board) -> str | None:
    data, verdict = event.data, event.data.get("verdict")
    if (ahead := data.get("kind") == "preflight") and verdict in ("passed", "does not apply"):
        return None
    why = f": {data['why']}" if data.get("why") and verdict != "passed" else ""
    number = f"{data.get('check')} " if ahead else ""
    return f"       check {verdict}: {number}{data.get('title') or data['check']}{why}"


def _asked(event: Event, board: Board) -> str:
    data = event.data
    return (
        f"  ??  {data.get('ask')}  (else {data.get('otherwise')} at {data.get('deadline')})\n"
        f"          muster answer {board.run} {data.get('question')} continue --by YOU"
    )


def _answered(event: Event, _: Board) -> str:
    data = event.data
    return f"      {data.get('answer')}, answered by {data.get('by')} ({data.get('via')})"


def _observed(event: Event, board: Board) -> str | None:
    if event.data.get("what") == Observed.REPLICATION.value:
        if event.step in ("preflight", "survey"):
            return None  # how items stand that nothing is done to: the summary has it
        vm = event.data.get("vm")
        told = board.copies.get(str(vm))
        return f"       {vm}: {told or event.data.get('state')}"
    if event.data.get("what") != "hold":
        return None
    return (
        f"       the copies are kept up until {event.data.get('until')}; to end that now:\n"
        f"          muster answer {board.run} hold release --by YOU"
    )


def _noted(event: Event, _: Board) -> str:
    if event.data.get("what") == PREFLIGHT_OVERRIDDEN:
        from muster.report.overrides import override_words

        return f"       {PREFLIGHT_OVERRIDDEN}: {override_words(event.data)}"
    return f"       {event.data.get('what')}: {event.data.get('text')}"


def _closed(event: Event, _: Board) -> str:
    return f"closed: {event.data.get('outcome')}"


_TELLERS: dict[EventKind, Callable[[Event, Board], str | None]] = {
    EventKind.OPENED: _opened,
    EventKind.OWNER: _owner,
    EventKind.STARTED: _started,
    EventKind.FINISHED: _finished,
    EventKind.CHECKED: _checked,
    EventKind.ASKED: _asked,
    EventKind.ANSWERED: _answered,
    EventKind.NOTED: _noted,
    EventKind.OBSERVED: _observed,
    EventKind.CLOSED: _closed,
}


class LiveShow:
    """A table of groups and VMs, drawn anew four times a second."""

    def __init__(self, stream: TextIO, *, is_terminal: bool | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self.board = Board()
        self._console: Console = Console(file=stream, highlight=False, force_terminal=is_terminal)
        self._live: Live = Live(
            console=self._console, get_renderable=self._draw, refresh_per_second=4, transient=False
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def see(self, event: Event) -> None:
        self.board.see(event)
        if event.kind is EventKind.INTERRUPTED:
            self._live.stop()  # the process is about to leave: what it says stands below the table
        told = event.kind in (EventKind.ASKED, EventKind.NOTED, EventKind.OWNER)
        if told and (line := line_of(event, self.board)):
            self.say(f"{event.at:%H:%M:%S}  {line}")

    def say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False)

    def _draw(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        board = self.board
        if not board.steps:
            return Text("starting Prefect and the Azure SDKs (about 20 s) …", style="dim")
        # What must be seen stands on top: a low window cuts the table's end off.
        return Group(Text(heading(board), style="bold"), Text(footing(board)), _table(board))


def heading(board: Board) -> str:
    """The line above the table: which run, where, how long against the objective."""
    mark = "  SIMULATOR" if board.target == "simulator" else ""
    speed = f" x{board.clock.speed:g}" if board.clock.speed != 1 else ""
    clock = f"{board.now():%H:%M:%S} UTC{speed}"
    return f"{board.run}{mark}  {clock}  {_how_far(board)}"


def _how_far(board: Board) -> str:
    if board.recovers:
        return f"recovery {span_text(board.elapsed())} of {span_text(board.rto)}"
    done, all_of_them = board.protected()
    return f"protected {done} of {all_of_them}" if all_of_them else ""


def footing(board: Board) -> str:
    """The line below that: steps and checks so far, open questions."""
    counts, tally = board.counts(), board.tally()
    steps = ", ".join(
        f"{counts[s]} {s}" for s in ("ok", "running", "failed", "skipped", "waiting") if counts[s]
    )
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(tally.items()))
    # Where VMs are only replicated nothing is ever checked: that is not "none yet".
    checks = f"   checks: {told or 'none yet'}" if told or board.recovers else ""
    asked = "".join(f"\n?? {question.get('ask')}" for question in board.questions.values())
    return f"steps: {steps}{checks}{asked}"


_STYLES = {
    WAITING: "dim",
    RUNNING: "cyan",
    "ok": "green",
    "failed": "bold red",
    "skipped": "yellow",
}
_MARKS = {WAITING: "·", RUNNING: "…", "ok": "✓", "failed": "✗", "skipped": "-"}


def _table(board: Board) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading_text in ("group", "what", *(name.replace("-", " ") for name in board.columns)):
        table.add_column(heading_text, no_wrap=True)
    last = None
    for line in board.lines():
        cells = _cells(line, board)
        table.add_row("" if line.group == last else line.group, line.what, *cells)
        last = line.group
    return table


def _cells(line: Line, board: Board) -> list[Any]:
    from rich.text import Text

    alone = line.cells.get("step")
    if alone is not None:
        return [_cell(alone, board, ""), *[Text("")] * (len(board.columns) - 1)]
    cells = []
    for name in board.columns:
        step = line.cells.get(name)
        extra = _verdicts(line) if name == "checks" else ""
        if name == "protect" and (copy := board.copies.get(line.what)):
            extra = f"  {copy}"
        cells.append(_cell(step, board, extra) if step else Text(extra))
    return cells


def _cell(step: StepView, board: Board, extra: str) -> Any:
    from rich.text import Text

    took = f" {span_text(step.took(board.now()))}" if step.began else ""
    if step.status == "failed" and not step.critical:
        return Text(f"{_MARKS['failed']}{took}{extra} optional", style="yellow")
    return Text(f"{_MARKS.get(step.status, '?')}{took}{extra}", style=_STYLES.get(step.status, ""))


def _verdicts(line: Line) -> str:
    total = sum(line.checks.values())
    return f" {line.checks['passed']}/{total}" if total else ""
