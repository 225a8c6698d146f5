"""The story of a drill: its journal and what went over the road, with every name that is drawn
anew each time numbered. `python -m tests.soak.story SEED VMS DRILLS` tells those of a seed.
"""

from __future__ import annotations

import logging
import re
import sys

from hypothesis import HealthCheck, Phase, given, seed, settings

from muster.journal.segments import segment_names
from tests.in_process.drills import Drilled, drill
from tests.in_process.scenario import Scenario
from tests.soak.strategies import scenarios

DRAWN = re.compile(
    r'(?<="started":")[^"]+'  # a process by its boot and tick; before names, for it holds one
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # jobs and requests are named by Azure
    r"|\b[0-9a-f]{64}\b"  # digests of lines that hold such names
    r'|(?<="process":")[^"]+'  # by its host, number and a name of its own
    r'|(?<="pid":)\d+|(?<="cpu_seconds":)[\d.]+'
)
"""What may differ between two drills of one scenario; all else is the same, byte by byte.

Where a name stands twice, the same number does: who belongs to whom is part of the story.
"""


def story_of(drilled: Drilled) -> str:
    """Journal and wire, a line each, in their order."""
    journal = "".join(
        drilled.store.contents[name].decode() for name in segment_names(drilled.store, drilled.run)
    )
    wire = "\n".join(
        f"{one.sent} {one.heard} {one.method} {one.path}?{one.query} {one.status}"
        for one in drilled.wire
    )
    numbers: dict[str, int] = {}
    return DRAWN.sub(
        lambda found: f"#{numbers.setdefault(found[0], len(numbers))}", f"{journal}\n{wire}\n"
    )


def stories(number: int, vms: int, drills: int) -> list[str]:
    """What the drills of a seed tell, each of so many VMs."""
    told: list[str] = []

    @seed(number)
    @settings(
        max_examples=drills, phases=[Phase.generate], database=None, deadline=None,
        derandomize=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(scenarios(vms, vms))
    def tell(scenario: Scenario) -> None:
        told.append(story_of(drill(scenario)))

    tell()
    return told


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.stdout.write("\n".join(stories(*map(int, sys.argv[1:4]))))
