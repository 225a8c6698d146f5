"""Drills of worlds that `muster simulate --generate` writes: nothing odd, as big as one likes."""

from __future__ import annotations

import yaml

from muster.generate.figures import read_figures
from muster.generate.fleet import fleet_of
from muster.generate.plan_text import SCRIPT, SCRIPT_TEXT, plan_text
from muster.generate.world_text import world_text
from tests.in_process.scenario import Scenario


def scenario_of(figures: str) -> Scenario:
    """The drill of the first plan of a fleet, in the fleet's world.

    Args:
        figures: As `--generate` takes them, `vms=334,groups=6`.

    Raises:
        FiguresRefused: They make no world.
    """
    fleet = fleet_of(read_figures(figures))
    return Scenario(
        plan=yaml.safe_load(plan_text(fleet, fleet.sites[0])),
        world=yaml.safe_load(world_text(fleet)),
        scripts={f"scripts/{SCRIPT}": SCRIPT_TEXT},
        is_well=True,
    )
