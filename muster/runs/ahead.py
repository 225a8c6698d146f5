"""A run of the plan that is open: what stands before anything that a command would begin now.

One of the same kind is gone on with, by what it began with; beside any other one the command is
refused. `--plan-only` says it first, as its list is of what the plan says now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from muster.compile.graph import StepKind
from muster.errors import InputError, JournalError, MusterError
from muster.gateway.port import Gateway
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind, Observed, instant_of
from muster.journal.register import Entry
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan, plan_from_canonical
from muster.replication.change import Change
from muster.replication.pinned import from_data
from muster.replication.pinned_earlier import NotDone, Pinned, not_done
from muster.runs.rivals import hindrance, open_runs
from muster.runs.same_place import require_same_place, require_same_tenant
from muster.runs.stopping import same_command
from muster.runs.unfinished import unfinished_run
from muster.settings import Settings

OF_A_VM = (StepKind.PROTECT.value, StepKind.DISABLE.value)
"""Kinds of steps of which a pinned graph has one for each VM that was selected."""
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Ahead:
    """An open run. With `refusal` a command that starts now ends with that; else it goes on."""

    run: str
    operation: str  # of the run: replicate, disable, drill …
    opened_at: str  # instant in Azure time
    pinned: Pinned
    is_changed: bool = False  # the plan, since the run was opened
    refusal: MusterError | None = None

    @property
    def exit_code(self) -> int | None:
        """What the command would end with, come what may; None where that is still open."""
        return None if self.refusal is None else self.refusal.exit_code

    @property
    def is_unheeded(self) -> bool:
        """Whether a run that goes on leaves what the plan says now to the next one: it ends with
        1 then.
        """
        is_replicating = self.operation == Operation.REPLICATE.value
        return self.refusal is None and self.is_changed and is_replicating


async def open_ahead(
    gateway: Gateway,
    store: Store,
    loaded: LoadedPlan,
    operation: Operation,
    settings: Settings,
) -> Ahead | None:
    """The open run that a command meets which starts now, looked for as the command does.

    Args:
        gateway: Asked who the caller is, where a run pinned a tenant.
        store: Where the register and the journals are.
        loaded: The plan as it is now.
        operation: Of the command.
        settings: Where the command would work.

    Raises:
        JournalError: The register of runs does not read.
        GatewayError: Nobody can say who the caller is.
    """
    entries = open_runs(store, loaded.plan.plan, but="")
    if not entries:
        return None
    same = [one for one in entries if one.operation == operation.value]
    if not same:
        return _refused(store, entries[-1], loaded, hindrance(store, entries[-1]))
    try:
        earlier = unfinished_run(store, loaded.plan.plan, operation)
        if earlier is None:  # it came to its end meanwhile
            return None
        require_same_place(earlier, settings)
        await require_same_tenant(earlier, settings, gateway)
        plan_from_canonical(earlier.canonical)  # may be of another version of Muster
    except (InputError, JournalError) as err:
        return _refused(store, same[-1], loaded, err)
    return _ahead(same[-1], _events(store, same[-1]), loaded)


def _refused(store: Store, entry: Entry, loaded: LoadedPlan, err: MusterError) -> Ahead:
    return _ahead(entry, _events(store, entry), loaded, err)


def _events(store: Store, entry: Entry) -> Sequence[Event]:
    """A run's events; none where its journal does not read."""
    try:
        return tuple(read_run(store, entry.run))
    except JournalError:
        return ()


def _ahead(
    entry: Entry, events: Sequence[Event], loaded: LoadedPlan, refusal: MusterError | None = None
) -> Ahead:
    state = RunState.of(events)
    graph = state.opened.get("graph") or ()
    names = tuple(str(one["subject"]) for one in graph if one["kind"] in OF_A_VM)
    data = _wanted(events)
    pinned = Pinned(names)
    if data is not None:
        pinned = Pinned(names, from_data(data["wanted"]), tuple(data.get("changes") or ()))
    is_changed = bool(events) and state.plan_digest != loaded.digest
    return Ahead(entry.run, entry.operation, entry.opened_at, pinned, is_changed, refusal)


def _wanted(events: Sequence[Event]) -> Mapping[str, Any] | None:
    """What the run's survey pinned; None where it had not come to that."""
    pins = (
        one.data
        for one in events
        if one.kind is EventKind.OBSERVED and one.data.get("what") == Observed.WANTED.value
    )
    return next(reversed(list(pins)), None)


def lines_ahead(
    ahead: Ahead, plan: str, operation: Operation, changes: Sequence[Change], settings: Settings
) -> Iterator[str]:
    """What a person is told first: which run, and what becomes of what is listed below.

    Args:
        ahead: The open run.
        plan: Its plan's name.
        operation: Of the command that was looked ahead of.
        changes: What is listed below.
        settings: Whether it is rehearsed.
    """
    command = same_command(plan, operation, is_rehearsed=settings.is_staged)
    opened = f"{instant_of(ahead.opened_at):%Y-%m-%d %H:%M} UTC"
    if ahead.refusal is not None:
        said = ahead.refusal
        yield (
            f"Run {ahead.run} ({ahead.operation}, opened {opened}) is not closed: "
            f"`{command}` would be refused now, with exit code {said.exit_code}."
        )
        yield f"    [{said.shown_code}] {said.message}"
        yield f"    do: {said.shown_hint}"
        yield ""
        return
    yield (
        f"Run {ahead.run} (opened {opened}) was left open: `{command}` goes on with it, by "
        f"the plan that it began with and the {_vms(ahead.pinned.vms)} that it pinned."
    )
    if ahead.is_changed:
        heeded = "; the run ends with exit code 1 therefore" if ahead.is_unheeded else ""
        yield (
            f"    The plan changed since: what it says now is heeded only by the next run{heeded}."
        )
    left = not_done(ahead.pinned, changes)
    if left:
        yield "    Of what is listed below, that run does not do:"
        yield from (f"      {one.kind} {one.name}: {one.why}" for one in left)
    yield ""


def data_ahead(ahead: Ahead | None, changes: Sequence[Change]) -> dict[str, Any] | None:
    """The same as JSON values; None where no run is open."""
    if ahead is None:
        return None
    left: Sequence[NotDone] = ()
    if ahead.refusal is None:
        left = not_done(ahead.pinned, changes)
    return {
        "run": ahead.run,
        "operation": ahead.operation,
        "opened_at": ahead.opened_at,
        "goes_on": ahead.refusal is None,
        "plan_changed": ahead.is_changed,
        "vms_pinned": list(ahead.pinned.vms),
        "not_done": [asdict(one) for one in left],
        "refused": None if ahead.refusal is None else ahead.refusal.as_data(),
    }


def _vms(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    word = "VM" if len(names) == 1 else "VMs"
    return f"{len(names)} {word} ({', '.join(names[:_MOST_NAMED])}{more})"
