"""What a person is told of a replication that is left, or that has nothing to do."""

from __future__ import annotations

from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.runs.nothing import NothingToReplicate
from muster.runs.stopping import Words, same_command
from muster.settings import Settings

_SHOWN = "What was found, and why it was left out, is in the list."


def words_for(plan: str, operation: Operation, settings: Settings) -> Words:
    """What a person is told who presses Ctrl-C: nothing has to be undone here."""
    return Words(
        first="nothing new starts, and what Azure was asked for goes on there without us.",
        go_on=same_command(plan, operation, is_rehearsed=settings.is_staged),
    )


def nothing_to_do(
    plan: RecoveryPlan, decision: Decision, *, is_shown: bool = False
) -> NothingToReplicate:
    """Why no VM of a plan can be replicated, with what to do about the first two reasons.

    Args:
        plan: The plan.
        decision: What was decided of it.
        is_shown: The list was shown already: nobody is sent to look at it.
    """
    why = "; ".join(f"{one.name}: {one.why}" for one in decision.left[:5])
    more = f" and {len(decision.left) - 5} more" if len(decision.left) > 5 else ""
    found = f": {why}{more}" if why else ""
    remedies = [one.remedy for one in decision.left if one.remedy]
    look = _SHOWN if is_shown else NothingToReplicate.hint
    hint = " ".join([*dict.fromkeys(remedies[:2]), look])
    return NothingToReplicate(f"No VM of {plan.plan} can be replicated{found}", hint=hint)
