"""A world may begin with VMs that are off: what replication does not take has to be there."""

from __future__ import annotations

import pytest

from muster.simulator import routes
from muster.simulator.azure_time import AzureTime
from muster.simulator.worlds.build import new_state
from muster.simulator.worlds.file import load_world

from .conftest import WORLD
from .still_world import EPOCH


@pytest.mark.parametrize("power", ["running", "stopped", "deallocated"])
def test_a_vm_has_the_power_that_its_world_gives_it(power: str) -> None:
    facts, digest = load_world(WORLD)
    first, *others = facts.vms
    off = first.model_copy(update={"power": power})
    facts = facts.model_copy(update={"vms": (off, *others)})
    world = new_state(facts, digest, AzureTime(EPOCH, 1.0), routes.EFFECTS)
    name = first.name.lower()
    (found,) = [one for key, one in world["machines"].items() if key.endswith(f"/{name}")]
    assert found["power"] == power
