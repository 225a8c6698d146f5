from __future__ import annotations

import os
from pathlib import Path

import pytest

from muster.cli.stack import only_one
from muster.errors import InputError


def test_a_second_muster_up_in_a_checkout_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(InputError) as caught, only_one(tmp_path):
        pass
    assert caught.value.shown_code == "INPUT-009"
    assert f"(process {os.getpid()})" in caught.value.message
    with only_one(tmp_path):  # what the first one left does not hinder the next
        assert (tmp_path / ".muster" / "up" / "lock").read_text() == str(os.getpid())


def test_another_checkout_is_another_matter(tmp_path: Path) -> None:
    with only_one(tmp_path / "a"), only_one(tmp_path / "b"):
        assert (tmp_path / "b" / ".muster" / "up" / "lock").is_file()
