"""What is said of a world that stands again."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.cli.staging import Stage, _going_on
from muster.runs.status import RunLine


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_speed_that_the_kept_world_does_not_take_is_said(state: str) -> None:
    left = RunLine("erp-1", "erp", "replicate", "", "simulator", state, None)
    stage = Stage(lambda *_: Path("world.yaml"), None, speed=60)
    assert "It keeps its speed of 600, whatever --speed says." in _going_on(left, 600, stage)
    assert "speed" not in _going_on(left, 60, stage)
