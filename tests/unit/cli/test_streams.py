"""Closed streams and readers that leave: every command ends quietly, with its own exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from muster.cli.main import COMMANDS

ROOT = Path(__file__).parents[3]
MUSTER = f"{sys.executable} -m muster"
WAYS = {
    "closed": "{command} >&-",
    "all closed": "{command} <&- >&-",
    "a reader that leaves at once": "{command} | true",
    "a reader of one line": "{command} | head -1 >/dev/null",
}


def ended(way: str, command: str) -> tuple[int, str]:
    """Exit code of the command itself, and what stood on standard error."""
    line = WAYS[way].format(command=f"{MUSTER} {command}")
    done = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_ends_quietly(command):
    assert ended("a reader that leaves at once", f"{command} --help") == (0, "")
    assert ended("closed", f"{command} --help") == (0, "")


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_plan_is_told_and_has_its_exit_code_however_the_output_goes(way):
    code, said = ended(way, "check no-such-plan")
    assert code == 2
    assert "Traceback" not in said
    assert "MUSTER-001" not in said


@pytest.mark.parametrize("way", WAYS)
def test_what_a_command_has_to_say_is_thrown_away_and_its_work_done(way):
    assert ended(way, "graph contoso-erp") == (0, "")
