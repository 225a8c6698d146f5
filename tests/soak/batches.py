"""Drills by seed: a batch is what hypothesis draws from one number, judged and shrunk."""

from __future__ import annotations

import gc
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.in_process.scenario import Scenario
from tests.soak.judge import drill_and_judge
from tests.soak.strategies import scenarios

PER_BATCH = 5
"""Drills of one seed: few enough to look at again, enough for hypothesis to vary them."""


@dataclass
class Batch:
    """What came of one seed."""

    seed: int
    vms: tuple[int, int]  # from, to: of each drill
    drills: int = 0
    machines: int = 0  # of all its drills
    seconds: float = 0.0
    endings: Counter[str] = field(default_factory=Counter)
    failure: str = ""  # the smallest drill found that breaks something, and what it breaks


@cache
def _settle_down() -> None:
    """What was imported stays: to look through it again and again is a fifth of all time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def run_batch(number: int, vms: tuple[int, int], drills: int, *, shrinking: bool = True) -> Batch:
    """Drill what a seed gives; the same arguments drill exactly the same again.

    Args:
        number: The seed.
        vms: From how many to how many.
        drills: How many; shrinking adds some where one fails.
        shrinking: Whether a failing drill is made smaller, which takes a while.
    """
    logging.disable(
        logging.CRITICAL
    )  # both programs say what goes wrong; here it goes wrong a lot
    _settle_down()
    batch, began = Batch(number, vms), time.monotonic()
    phases = [Phase.generate, Phase.shrink] if shrinking else [Phase.generate]

    @seed(number)
    @settings(
        max_examples=drills, phases=phases, database=None, deadline=None, derandomize=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(scenarios(*vms))
    def every_drill_keeps_the_rules(scenario: Scenario) -> None:
        batch.drills += 1
        batch.machines += sum(len(group["vms"]) for group in scenario.plan["groups"])
        drilled = drill_and_judge(scenario)
        batch.endings[drilled.result.outcome if drilled.result else "refused"] += 1

    try:
        every_drill_keeps_the_rules()
    except Exception as err:  # noqa: BLE001 - whatever a drill raises is told with its seed
        notes = "\n".join(getattr(err, "__notes__", ()))
        batch.failure = f"{type(err).__name__}: {err}\n{notes}".rstrip()
    finally:
        logging.disable(logging.NOTSET)
    batch.seconds = time.monotonic() - began
    return batch
