"""One action before or after a group: runbook, script in a copy, question, wait."""

from __future__ import annotations

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.plan.actions import Action
from muster.plan.model import VmGroup
from muster.steps.context import Done, Run, Spent
from muster.steps.guard import require_harmless
from muster.steps.questions import ask
from muster.steps.runbooks import run_runbook
from muster.steps.scripts import run_action_script
from muster.steps.spending import told_on_failure
from muster.steps.waits import wait_for_reason


async def run_action(step: Step, run: Run) -> Done:
    """Do the action that the step's params name.

    Raises:
        TouchesProduction: It may not run in a drill, whatever the graph says (safety rule 7).
        StepFailed: It did not reach its end, or ended badly.
        Aborted: A person, or the question's default, ended the run.
    """
    spent = Spent()
    with told_on_failure(spent):
        group, action = action_of(run, step)
        require_harmless(action)
        if action.runbook:
            facts = await run_runbook(run, step, group, action, spent)
        elif action.run_command:
            facts = await run_action_script(run, step, action, spent)
        elif action.manual:
            facts = await ask(run, step, action.manual, spent)
        elif action.wait:
            facts = await wait_for_reason(run, step, action.wait, spent)
        else:  # pragma: no cover - the model allows exactly one of the four
            raise StepFailed(f"{step.id} names an action of no kind")
        return Done(facts, spent)


def action_of(run: Run, step: Step) -> tuple[VmGroup, Action]:
    """The plan's group and action that a step stands for."""
    group = next(one for one in run.plan.groups if one.name == step.params["group"])
    actions = group.before if step.params["side"] == "before" else group.after
    return group, actions[step.params["index"]]
