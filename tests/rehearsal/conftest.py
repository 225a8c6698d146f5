from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.arm_wire import Azure, azure
from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Running
from tests.rehearsal.worlds import bad_world, good_world


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    yield
    Running.end_all()


@pytest.fixture(scope="session")
def bad_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azure]:
    """One for all tests of a process: each leaves it as it found it, or it is a finding."""
    with azure(bad_world(), tmp_path_factory.mktemp("bad-azure")) as running:
        yield running


@pytest.fixture
def bench(bad_azure: Azure, tmp_path: Path) -> Bench:
    return Bench(bad_azure, tmp_path)


@pytest.fixture
def own_azure(tmp_path: Path) -> Iterator[Azure]:
    """One for a test that switches it off; slow enough that it is back within Azure's minutes."""
    with azure(good_world(), tmp_path / "azure", speed=50) as running:
        yield running


@pytest.fixture
def own_bench(own_azure: Azure, tmp_path: Path) -> Bench:
    return Bench(own_azure, tmp_path / "home")
