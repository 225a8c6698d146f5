from __future__ import annotations

from pathlib import Path

import pytest

from muster.cli.checkout import (
    environment_for,
    find_checkout,
    read_env_file,
    ready_to_open,
    settings_of,
)
from muster.errors import SettingsError


def test_the_checkout_is_the_nearest_folder_with_plans(tmp_path: Path) -> None:
    (tmp_path / "recovery_plans" / "scripts").mkdir(parents=True)
    deep = tmp_path / "docs" / "deep"
    deep.mkdir(parents=True)
    assert find_checkout(deep) == tmp_path
    assert find_checkout(tmp_path / "recovery_plans" / "scripts") == tmp_path


def test_an_env_file_reads_as_a_shell_would(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text("# words\nexport A='one two'\nB=three # more\n\nexport C='it'\"'\"'s'\n")
    assert read_env_file(file) == {"A": "one two", "B": "three", "C": "it's"}


def test_a_line_that_sets_nothing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text("A=1\nnonsense\n")
    with pytest.raises(SettingsError, match=r"\[SET-005\] .*a\.env:2"):
        read_env_file(file)
    with pytest.raises(SettingsError, match=r"\[SET-005\] .*missing\.env cannot be read"):
        read_env_file(tmp_path / "missing.env")


def test_a_journal_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "evidence"
    file.write_text("not a folder")
    with pytest.raises(SettingsError, match=r"\[SET-008\] .*evidence is no folder"):
        settings_of(tmp_path, {})


def test_a_journal_that_cannot_be_written_refuses_a_run_before_anything_starts(
    tmp_path: Path,
) -> None:
    (tmp_path / "disk").write_text("not a folder")
    settings = settings_of(tmp_path, {"MUSTER_JOURNAL": str(tmp_path / "disk" / "evidence")})
    with pytest.raises(SettingsError, match=r"\[SET-008\] .*cannot be written: Not a directory"):
        ready_to_open(settings, "small")


def test_a_journal_that_can_be_written_is_made_and_left_empty(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, {})
    ready_to_open(settings, "small")
    assert list(settings.journal.iterdir()) == []


def test_a_plan_and_its_runs_get_the_settings_of_their_environment(tmp_path: Path) -> None:
    (tmp_path / "shop.env").write_text("A=shop\n")
    (tmp_path / "shop-eu.env").write_text("A=eu\nB=eu\n")
    environ = {"MUSTER_ENV_DIR": str(tmp_path)}
    assert environment_for("shop", environ)["A"] == "shop"
    assert environment_for("shop-drill-0123456789ab", environ)["A"] == "shop"
    assert environment_for("shop-eu-drill-0123456789ab", environ)["A"] == "eu"
    assert environment_for("other", environ) == environ
    assert environment_for("shopping", environ) == environ


def test_what_is_set_outright_wins(tmp_path: Path) -> None:
    (tmp_path / "shop.env").write_text("A=file\nB=file\n")
    found = environment_for("shop", {"MUSTER_ENV_DIR": str(tmp_path), "A": "outright"})
    assert (found["A"], found["B"]) == ("outright", "file")
