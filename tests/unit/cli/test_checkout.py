from __future__ import annotations

from pathlib import Path

import pytest

from muster.cli.checkout import environment_for, find_checkout, read_env_file
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
    with pytest.raises(SettingsError, match=r"a\.env:2"):
        read_env_file(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_env_file(tmp_path / "missing.env")


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
