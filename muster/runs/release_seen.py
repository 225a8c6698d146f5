"""What `muster replicate PLAN --disable --plan-only` shows, and its exit code: read, and nothing
sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from muster.errors import EXIT_FAILED, EXIT_OK, MusterError
from muster.gateway.port import Gateway
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.runs.ahead import Ahead, data_ahead, lines_ahead, open_ahead
from muster.runs.means import Means
from muster.runs.release_shown import Shown, as_data, lines_of, read_shown, with_points
from muster.runs.releasing_shown import read_current
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class ReleaseSeen:
    """The list, and the open run that stands before it. Without a list there is an error; it is
    kept only beside an open run, which is told first.
    """

    plan: str
    shown: Shown | None
    ahead: Ahead | None = None
    error: MusterError | None = None

    @property
    def raised(self) -> MusterError | None:
        """What the command ends with once all was printed; None where an exit code says it."""
        if self.ahead is None or self.ahead.refusal is None:
            return self.error
        return None

    @property
    def exit_code(self) -> int:
        """That of the run where it would be refused; else 1 where something stays."""
        if self.ahead is not None and self.ahead.refusal is not None:
            return self.ahead.refusal.exit_code
        if self.shown is None:
            return EXIT_FAILED if self.error is None else self.error.exit_code
        return EXIT_OK if self.shown.may_be_done else EXIT_FAILED


async def read_release_seen(loaded: LoadedPlan, settings: Settings, means: Means) -> ReleaseSeen:
    """What a run would go by; beside one that cannot be gone on with here, the plan's items.

    Raises:
        NothingToReplicate: Nothing of the plan is protected.
        GatewayError: Azure could not be read.
        JournalError: The register of the plan's runs does not read.
    """
    store, plan = means.store(settings), loaded.plan
    async with means.gateway(settings) as gateway:
        ahead = await open_ahead(gateway, store, loaded, Operation.DISABLE, settings)
        try:
            shown = await _listed(gateway, store, loaded, settings, ahead)
        except MusterError as err:
            if ahead is None:
                raise
            return ReleaseSeen(plan.plan, None, ahead, err)
    return ReleaseSeen(plan.plan, shown, ahead)


async def read_before_asking(loaded: LoadedPlan, settings: Settings, means: Means) -> Shown:
    """What a person is shown who is about to confirm: the list that the run would go by. Nobody
    is asked for a sentence that a run would then be refused for.

    Raises:
        InputError, JournalError: An open run has the command refused, as its own start would.
        NothingToReplicate: Nothing of the plan is protected.
        GatewayError: Azure could not be read.
    """
    store = means.store(settings)
    async with means.gateway(settings) as gateway:
        ahead = await open_ahead(gateway, store, loaded, Operation.DISABLE, settings)
        if ahead is not None and ahead.refusal is not None:
            raise ahead.refusal
        return await with_points(gateway, await read_current(gateway, loaded, settings, store))


async def _listed(
    gateway: Gateway, store: Store, loaded: LoadedPlan, settings: Settings, ahead: Ahead | None
) -> Shown:
    if ahead is not None and ahead.refusal is not None:
        return await read_shown(gateway, loaded.plan, settings, store, loaded.path.parent)
    return await with_points(gateway, await read_current(gateway, loaded, settings, store))


def lines_seen(seen: ReleaseSeen, settings: Settings) -> Iterator[str]:
    """The open run if there is one, then the list."""
    if seen.ahead is not None:
        yield from lines_ahead(seen.ahead, seen.plan, Operation.DISABLE, (), settings)
    if seen.error is not None:
        yield f"The list is not known: [{seen.error.shown_code}] {seen.error.message}"
    if seen.shown is not None:
        yield from lines_of(seen.shown, is_run_told=True)


def data_seen(seen: ReleaseSeen) -> dict[str, Any]:
    """The same as JSON values, for scripts."""
    return {
        "open_run": data_ahead(seen.ahead, ()),
        "error": None if seen.error is None else seen.error.as_data(),
        **({} if seen.shown is None else as_data(seen.shown)),
    }
