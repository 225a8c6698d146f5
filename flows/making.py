"""How a Prefect flow is made of a plan and an operation, whatever the operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flows import Flow
from prefect.runtime import flow_run as runtime

from flows.hooks import clean_up_cancelled, clean_up_crashed, clean_up_failed
from muster.cli.prefect_yaml import flow_name, function_name
from muster.errors import PlanError
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan, load_plan
from muster.runs.request import run_id_for_flow_run

REQUESTED_BY = "Your name or e-mail. Prefect does not know who fills in this form."

Body = Callable[..., Awaitable[State[None]]]
"""Its parameters are the form that the Prefect UI draws."""


class PlanFile:
    """A plan's file as it was when the flow was made: a flow is made of a broken one too, so that
    its page says what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._found: LoadedPlan | PlanError
        try:
            self._found = load_plan(path)
        except PlanError as err:
            self._found = err

    def loaded(self) -> LoadedPlan:
        """The plan.

        Raises:
            PlanError: It does not load.
        """
        if isinstance(self._found, PlanError):
            raise self._found
        return self._found

    def about(self) -> str:
        """What the flow's page says of it."""
        if isinstance(self._found, PlanError):
            return f"Does not load:\n\n{self._found}"
        plan = self._found.plan
        return f"{plan.about}\n\nOwner: {plan.owner or 'not named'}"


@dataclass(frozen=True, slots=True)
class Making:
    """What a flow of one operation is made of."""

    body: Callable[[PlanFile], Body]
    """Makes the flow's function. It asks the file for its plan inside the flow run, where what is
    wrong with it fails that run and no other."""
    form: Callable[[str], Mapping[str, str]]
    """The words beside each field of the form, for a plan's name."""
    cleans_up: bool
    """Whether hooks start the cleanup behind a run that ended badly."""


def make_flow(file: PlanFile, operation: Operation, making: Making) -> Flow[..., Any]:
    """The flow of one plan and operation."""
    function = making.body(file)
    function.__name__ = function.__qualname__ = function_name(file.name, operation)
    function.__doc__ = file.about() + _words_of(making.form(file.name))

    def run_name() -> str:
        """The flow run bears the name of the run that it stands for: what people type in
        commands.
        """
        return run_id_for_flow_run(file.name, operation, str(runtime.id))

    hooked = making.cleans_up
    return flow(
        name=flow_name(file.name, operation),
        description=file.about(),
        flow_run_name=run_name,
        persist_result=False,
        retries=0,
        on_cancellation=[clean_up_cancelled] if hooked else [],
        on_failure=[clean_up_failed] if hooked else [],
        on_crashed=[clean_up_crashed] if hooked else [],
    )(function)


def _words_of(form: Mapping[str, str]) -> str:
    """Prefect takes the words of a form from the docstring, not from the annotations."""
    lines = [f"    {name}: {words}" for name, words in form.items()]
    return "\n".join(["\n\nArgs:", *lines, ""])
