"""A plan's replication, or its end, from the plan to the record; left in the middle, gone on with.

The world is read and everything decided before a journal is opened, so that nothing is begun for
a plan that cannot be replicated. Which VMs, is pinned then.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from muster.errors import InputError
from muster.journal.scrub import register_secrets_of
from muster.journal.signing import load_signer
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decide
from muster.runs.drill import Watch, Wrap, to_stderr
from muster.runs.means import USUAL, Means
from muster.runs.own_parts import heeding_journals
from muster.runs.replicate_again import go_on
from muster.runs.replicate_anew import begin
from muster.runs.replicate_call import Call
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.rivals import refuse_second_run
from muster.runs.unfinished import unfinished_run
from muster.settings import Settings
from muster.steps.replicating.disable import confirmation_for


class NotConfirmed(InputError):
    """What cannot be taken back was not confirmed by typing it. Nothing was sent."""

    code = "RUN-014"


async def run_replicate(
    request: RunRequest,
    settings: Settings,
    *,
    decide: Decide,
    wrap: Wrap | None = None,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
    means: Means = USUAL,
) -> RunResult:
    """Replicate a plan's VMs, or end that; a run of the same kind that was left open goes on.

    Args:
        request: Who wants what: `operation` is REPLICATE or DISABLE, the latter with `confirmed`.
        settings: Where Azure and the journal are.
        decide: Reads Azure, and decides what is to be there.
        wrap: See `run_drill`.
        watch: Called with every event once it is durable.
        say: Takes a sentence for the person at the terminal; standard error by default.
        means: What the run works through, where not what the settings name.

    Raises:
        PlanError, InputError, SettingsError: Nothing was sent and no journal opened.
        GatewayError: Azure could not be read; no journal was opened.
        JournalError: The evidence cannot be kept.
    """
    register_secrets_of(os.environ)
    loaded = load_plan(request.plan_path)
    require_confirmed(request.operation, request.confirmed, loaded.plan)
    settings.subscription_or_error(loaded.plan.source.subscription)
    signer = load_signer(settings.signing_key)
    store = means.store(settings)
    earlier = unfinished_run(store, loaded.plan.plan, request.operation)
    if earlier is None:
        refuse_second_run(store, loaded.plan.plan, request.run_id)
    async with means.gateway(settings) as gateway:
        call = Call(
            request=request,
            loaded=loaded,
            settings=settings,
            store=store,
            gateway=gateway,
            decide=heeding_journals(decide, store, settings, loaded.path.parent),
            wrap=wrap,
            watch=watch,
            say=say or to_stderr,
            means=means,
            signer=signer,
        )
        return await (begin(call) if earlier is None else go_on(earlier, call))


def require_confirmed(operation: Operation, confirmed: str, plan: RecoveryPlan) -> None:
    """Let the end of a replication pass only with its sentence typed.

    Raises:
        NotConfirmed: It was not, or not exactly.
    """
    sentence = confirmation_for(plan.plan)
    if operation is Operation.DISABLE and confirmed != sentence:
        how = f"{confirmed!r} is not what confirms it" if confirmed else "it was not confirmed"
        raise NotConfirmed(
            f"Disabling removes the protection of every VM of {plan.plan}, and their recovery "
            f"points with it; {how}",
            hint=f'Confirm it with exactly "{sentence}".',
        )
