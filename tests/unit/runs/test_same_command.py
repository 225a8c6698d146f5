"""The command that somebody is told to go on with."""

from __future__ import annotations

import pytest

from muster.plan.actions import Operation
from muster.runs.replicate_words import words_for
from muster.runs.stopping import same_command
from muster.settings import settings_from


@pytest.mark.parametrize(
    ("operation", "is_rehearsed", "command"),
    [
        (Operation.REPLICATE, False, "muster replicate erp"),
        (Operation.REPLICATE, True, "muster replicate erp --rehearse"),
        (Operation.DISABLE, False, "muster replicate erp --disable"),
        (Operation.DISABLE, True, "muster replicate erp --disable --rehearse"),
    ],
)
def test_it_is_the_one_that_was_left(
    operation: Operation, is_rehearsed: bool, command: str
) -> None:
    assert same_command("erp", operation, is_rehearsed=is_rehearsed) == command


def test_a_run_knows_whether_its_simulator_ends_with_it() -> None:
    rehearsed = settings_from({"MUSTER_REHEARSAL": "1"})
    assert words_for("erp", Operation.REPLICATE, rehearsed).go_on == (
        "muster replicate erp --rehearse"
    )
    kept = words_for("erp", Operation.DISABLE, settings_from({})).go_on
    assert kept == "muster replicate erp --disable"
