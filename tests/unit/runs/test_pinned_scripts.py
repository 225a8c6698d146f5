"""A run uses the scripts that its plan's digest covers, or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from muster.errors import EXIT_BAD_INPUT, InputError
from muster.plan.loader import load_plan
from muster.runs.session import read_scripts
from tests.unit.plan.broken_plans import VALID


def a_plan_in(folder: Path) -> Path:
    (folder / "scripts").mkdir()
    (folder / "scripts" / "promote.sh").write_text("echo promoted\n")
    file = folder / "broken.yaml"
    file.write_text(VALID)
    return file


def test_scripts_are_read_byte_for_byte(tmp_path: Path) -> None:
    loaded = load_plan(a_plan_in(tmp_path))
    scripts = read_scripts(tmp_path, loaded.scripts)
    assert scripts == {"scripts/promote.sh": b"echo promoted\n"}


@pytest.mark.parametrize(
    "change", [lambda file: file.write_text("echo something else\n"), Path.unlink]
)
def test_a_script_that_changed_since_the_plan_was_read_is_refused(
    change: Callable[[Path], object], tmp_path: Path
) -> None:
    loaded = load_plan(a_plan_in(tmp_path))
    change(tmp_path / "scripts" / "promote.sh")
    with pytest.raises(InputError) as caught:
        read_scripts(tmp_path, loaded.scripts)
    assert caught.value.shown_code == "PLAN-056"
    assert "promote.sh changed while the plan was being read" in caught.value.message
    assert caught.value.exit_code == EXIT_BAD_INPUT
