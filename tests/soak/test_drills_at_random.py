"""A short run of what `make soak` does at length: other seeds are hunted for there."""

from __future__ import annotations

import pytest

from tests.soak.batches import run_batch


@pytest.mark.parametrize("number", [1, 2, 3])
def test_whatever_the_plan_the_world_and_people_do_every_rule_holds(number):
    batch = run_batch(number, (1, 6), 4)
    assert batch.failure == ""
    assert batch.drills >= 4


def test_a_seed_drills_the_same_again():
    one, other = (run_batch(5, (1, 4), 3) for _ in range(2))
    assert (one.drills, one.machines, one.endings) == (other.drills, other.machines, other.endings)
