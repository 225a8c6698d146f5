"""What `muster replicate PLAN --plan-only` shows, and its exit code: read, and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from muster.errors import EXIT_FAILED, EXIT_OK, MusterError
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.replication.counting import blocked_vms
from muster.replication.decision import Decision
from muster.replication.pinned_earlier import not_done
from muster.replication.rendering import Line, as_data, lines_of
from muster.runs.ahead import Ahead, data_ahead, lines_ahead, open_ahead
from muster.runs.means import Means
from muster.runs.own_parts import heeding_journals
from muster.runs.preflight import check_data, judged_for, scene_for
from muster.runs.replicate_words import nothing_to_do
from muster.settings import Settings
from muster.steps.preflight_checks.judging import Judgement
from muster.steps.replicating.deciding import decide, decide_for


@dataclass(frozen=True, slots=True)
class PlanShown:
    """What was read. Without a decision there is an error: Azure could not be read, or the plan
    cannot be replicated as it stands; it is kept only beside an open run, which is told first.
    """

    loaded: LoadedPlan
    settings: Settings
    decision: Decision | None
    ahead: Ahead | None = None
    error: MusterError | None = None
    stopping: tuple[Judgement, ...] = ()  # checks of preflight that a run would end with

    @property
    def refusal(self) -> MusterError | None:
        """What a run that is started now would end with before it sends anything; None: it would
        begin, or go on.
        """
        if self.ahead is not None:
            return self.ahead.refusal
        if self.decision is not None and not self.decision.vms:
            return nothing_to_do(self.loaded.plan, self.decision, is_shown=True)
        return None

    @property
    def raised(self) -> MusterError | None:
        """What the command ends with once all was printed; None where an exit code says it, as it
        does beside an open run that was told with its refusal.
        """
        if self.ahead is None:
            return self.refusal
        return self.error if self.ahead.refusal is None else None

    @property
    def exit_code(self) -> int:
        """That of the run where it would be refused; else whether a run leaves all as the plan
        says.
        """
        if self.refusal is not None:
            return self.refusal.exit_code
        if self.decision is None:
            return EXIT_FAILED if self.error is None else self.error.exit_code
        is_possible = self.decision.is_possible(self.loaded.plan)
        is_begun = is_possible and not self.stopping
        is_whole = is_begun and not blocked_vms(self.decision.outbound)
        return EXIT_OK if is_whole and not self._leaves_some() else EXIT_FAILED

    def _leaves_some(self) -> bool:
        """Whether a run that goes on leaves something of what is listed to the next one."""
        if self.ahead is None or self.decision is None:
            return False
        left = not_done(self.ahead.pinned, self.decision.changes)
        return self.ahead.is_unheeded or bool(left)


async def read_plan_shown(loaded: LoadedPlan, settings: Settings, means: Means) -> PlanShown:
    """Everything that is decided of a plan now, and the open run that stands before it.

    Of a run that would begin it is judged what its preflight will: locks, policies, quota, our
    own side. One that goes on has its preflight behind it, or judges by the plan that it pinned.

    Raises:
        GatewayError: Azure could not be read.
        InputError: The plan cannot be replicated as it stands.
        JournalError: The register of the plan's runs does not read.
    """
    subscription = settings.subscription_or_error(loaded.plan.source.subscription)
    store = means.store(settings)
    async with means.gateway(settings) as gateway:
        ahead = await open_ahead(gateway, store, loaded, Operation.REPLICATE, settings)
        deciding = heeding_journals(decide, store, settings, loaded.path.parent)
        try:
            decision = await decide_for(loaded, deciding, gateway, subscription)
        except MusterError as err:
            if ahead is None:
                raise
            return PlanShown(loaded, settings, None, ahead, err)
        judged: tuple[Judgement, ...] = ()
        if ahead is None and decision.vms:
            scene = scene_for(loaded, Operation.REPLICATE, settings, gateway, means)
            judged = await judged_for(scene, decision)
    stopping = tuple(one for one in judged if one.stops)
    return PlanShown(loaded, settings, decision, ahead, stopping=stopping)


def lines_shown(shown: PlanShown) -> Iterator[Line]:
    """The open run if there is one, then the list."""
    decision, plan = shown.decision, shown.loaded.plan.plan
    changes = decision.changes if decision is not None else ()
    if shown.ahead is not None:
        told = lines_ahead(shown.ahead, plan, Operation.REPLICATE, changes, shown.settings)
        yield from (Line(text, "bold yellow") for text in told)
    if shown.error is not None:
        yield Line(f"The list is not known: [{shown.error.shown_code}] {shown.error.message}")
    if decision is not None:
        yield from lines_of(
            changes, decision.left, decision.told, decision.outbound, decision.listed
        )
    yield from _lines_stopping(shown.stopping)


def _lines_stopping(stopping: Sequence[Judgement]) -> Iterator[Line]:
    """What ends a run before it sends anything, though the list says what it would send."""
    if not stopping:
        return
    yield Line("A run would end with its preflight, and send nothing:", "bold red")
    for one in stopping:
        yield Line(f"! {one.check.id} {one.check.title}: {one.verdict.why}", "red")
        yield Line(f"    do: {one.remedy}")


def data_shown(shown: PlanShown) -> dict[str, Any]:
    """The same as JSON values, for scripts."""
    decision, refusal = shown.decision, shown.refusal
    changes = decision.changes if decision is not None else ()
    data: dict[str, Any] = {}
    if decision is not None:
        data = as_data(changes, decision.left, decision.told, decision.outbound, decision.listed)
    return {
        "open_run": data_ahead(shown.ahead, changes),
        "refused": None if refusal is None else refusal.as_data(),
        "error": None if shown.error is None else shown.error.as_data(),
        "stopping": [check_data(one) for one in shown.stopping],
        **data,
    }
