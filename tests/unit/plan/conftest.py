"""A folder with a plan's scripts, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.plan.broken_plans import WritePlan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plans = tmp_path / "plans"
    scripts = plans / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "promote.sh").write_text("echo promoted\n")
    (scripts / "large.sh").write_text("#" * (64 * 1024 + 1))
    (scripts / "binary.sh").write_bytes(b"\x7fELF\xff\x00")
    (tmp_path / "outside.sh").write_text("echo outside\n")
    (scripts / "link.sh").symlink_to(tmp_path / "outside.sh")
    return plans


@pytest.fixture
def write_plan(folder: Path) -> WritePlan:
    """Write a plan's text (or bytes) to `<name>.yaml` and return its path."""

    def write(content: str | bytes, name: str = "broken") -> Path:
        path = folder / f"{name}.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
