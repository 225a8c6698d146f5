"""A plan that had another name before: which runs under that name are its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from muster.errors import JournalError
from muster.plan.model import RecoveryPlan
from muster.runs.plans_beside import Beside
from muster.runs.rivals import open_runs
from muster.runs.standing_claims import ALWAYS, Span
from muster.runs.trusted_runs import TrustedRuns


@dataclass(frozen=True, slots=True)
class Renamed:
    """Runs under former names that are the plan's own, by name; and names that it may not have."""

    spans: Mapping[str, Span] = field(default_factory=dict)
    refused: tuple[str, ...] = ()  # sentences

    def others_span(self, name: str) -> Span:
        """Which runs of a name are another plan's: those that were begun under it since."""
        span = self.spans.get(name)
        return ALWAYS if span is None else Span(since=span.before, never=span.before is None)


def renamed_of(
    plan: RecoveryPlan, since: Mapping[str, datetime], runs: TrustedRuns, beside: Beside
) -> Renamed:
    """What `formerly` of a plan makes its own.

    A name that a file beside still bears, or an open run, is in use. What is begun under a former
    name once a run of this plan said that it had it, is another plan's: names are free again.

    Args:
        plan: As its file is now.
        since: When the first run of this plan was opened that said so, by former name.
        runs: Of the store.
        beside: The other plans' files.
    """
    spans, refused = {}, []
    for name in plan.formerly:
        if why := _in_use(name, runs, beside):
            refused.append(f"what {name} protects is not taken over: {why}")
        else:
            spans[name] = Span(before=since.get(name))
    return Renamed(spans, tuple(refused))


def _in_use(name: str, runs: TrustedRuns, beside: Beside) -> str:
    if name in beside.stems or any(one.plan.plan == name for one in beside.plans):
        return "a plan file of that name lies beside"
    try:
        opened = open_runs(runs.store, name, but="")
    except JournalError as err:
        return f"whether a run of it is open is not known: {err.message}"
    return f"run {opened[-1].run} of it is open" if opened else ""
