"""One drill, judged by everything that has to hold of it."""

from __future__ import annotations

from tests.in_process.drills import Drilled, drill
from tests.in_process.scenario import Scenario
from tests.soak.accounts import ACCOUNTS
from tests.soak.safety import RULES, Isolation


class Violated(AssertionError):
    """A drill broke what has to hold of every drill."""


def drill_and_judge(scenario: Scenario) -> Drilled:
    """Drill a scenario.

    Raises:
        Violated: With everything that does not hold, rule by rule.
        Deadlock, Endless: Told by the loop.
    """
    isolation = Isolation()
    drilled = drill(scenario, isolation)
    if found := [*isolation.violations, *violations(drilled)]:
        raise Violated("\n".join(dict.fromkeys(found)))
    return drilled


def violations(drilled: Drilled) -> list[str]:
    """Every sentence that some rule has to say about a drill, behind the rule's name."""
    judges = {**RULES, **{judge.__name__: judge for judge in ACCOUNTS}}
    return [
        f"{name.replace('_', ' ')}: {said}"
        for name, judge in judges.items()
        for said in judge(drilled)
    ]
