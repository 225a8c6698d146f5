"""What the command line shows before it asks reaches the flow that it starts."""

from __future__ import annotations

from flows.compiled import compile_flow
from flows.run import _parameters, _parser
from muster.plan.actions import Operation
from tests.simulator_process import REPOSITORY

PLAN = REPOSITORY / "recovery_plans" / "contoso-erp.yaml"


def test_the_marks_of_the_list_that_was_shown_are_a_parameter_of_the_flow():
    words = ["disable", str(PLAN), "--confirm", "disable contoso-erp", "--shown", "ab,cd"]
    said = _parameters(_parser().parse_args(words))
    assert said["shown"] == "ab,cd"
    known = compile_flow(PLAN, Operation.DISABLE).parameters.model_dump()["properties"]
    assert set(said) <= set(known)
