"""What a step needs of others that may fail in part: told in the journal, thing by thing."""

from __future__ import annotations

from collections.abc import Iterable

from muster.compile.graph import Step
from muster.errors import MusterError
from muster.gateway.ids import key_of, parse_id
from muster.journal.events import EventKind, Observed
from muster.replication.dependence import ids_needed_by
from muster.replication.wanted import VmWanted, Wanted
from muster.steps.context import NotBegun, Run
from muster.steps.replicating.deeds import tell

NOT_MADE, HALF_MADE = "not made", "half made"


async def tell_not_made(run: Run, step: Step, kind: str, thing_id: str, why: str) -> None:
    """Journal that a thing which others need is not there, unless the journal refuses already."""
    if not run.journal.is_fenced:
        await tell(run, step, kind, parse_id(thing_id).name, thing_id, NOT_MADE, why)


def require_made(run: Run, wanted: Wanted, vm: VmWanted) -> None:
    """Let a VM pass for which everything stands.

    Raises:
        NotBegun: Something that it needs, and that is named, is not there.
    """
    if missing := first_missing(run, ids_needed_by(wanted, vm)):
        raise NotBegun(f"{vm.name} needs {missing}")


def first_missing(run: Run, ids: Iterable[str]) -> str | None:
    """The first of these things that does not stand, with the reason, in words; None: all do.

    That it stands is to be told: what nobody has told of does not count as there.
    """
    told = {
        key_of(str(event.data["id"])): event.data
        for event in run.journal.index.of_kind(EventKind.OBSERVED)
        if event.data.get("what") == Observed.MADE.value
    }
    for one in ids:
        data = told.get(key_of(one))
        if data is None:
            return f"{parse_id(one).name}, and nothing tells that it was made"
        if data["how"] in (NOT_MADE, HALF_MADE):
            return f"the {data['kind']} {data['name']}, which was not made: {data['why']}"
    return None


def shown(err: MusterError) -> str:
    """An error as a reason in another sentence."""
    return f"[{err.shown_code}] {err.message}"
