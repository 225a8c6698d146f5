"""Preflight tells beforehand that no run could be written to the journal's place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from muster.steps.preflight_reads.ours import _free, _lacking


def test_a_folder_that_is_there_or_can_be_made_lacks_nothing(tmp_path):
    for folder in (tmp_path, tmp_path / "a" / "b"):
        assert _lacking(folder) == ""
        assert (_free(folder) or 0) > 0


def test_nothing_can_be_made_below_a_file_or_a_link_that_leads_nowhere(tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for name in ("file", "link"):
        for folder in (tmp_path / name, tmp_path / name / "x"):
            assert _lacking(folder) == f"{tmp_path / name} is no folder"


def test_a_folder_that_may_not_be_written_is_told_even_to_root():
    """`/proc` takes no folder from anybody."""
    if not Path("/proc/self").is_dir() or os.access("/proc/self", os.W_OK):
        pytest.skip("this system has no folder that nobody may write to")
    assert _lacking(Path("/proc/self/evidence")) == "nothing can be written to /proc/self"
