"""What all tests share: hypothesis looks at the same examples every time, unless it is to hunt;
under `--dist loadgroup`, tests of one group stay on one worker.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

# A change is judged by the same examples as the one before it; new ones are hunted for on purpose,
# with HYPOTHESIS_PROFILE=hunt. No test is timed: a busy machine is no failure.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("hunt", derandomize=False, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


class Mishaps(logging.Handler):
    """Errors of a simulator in this process: it goes on after one, but a test must not pass."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


MISHAPS = Mishaps()
logging.getLogger("muster.simulator").addHandler(MISHAPS)


@pytest.fixture
def mishaps() -> list[str]:
    """What simulators in this process told of their own errors; a test that expects any clears."""
    return MISHAPS.told


@pytest.fixture(autouse=True)
def _no_mishap() -> Iterator[None]:
    yield
    told = list(MISHAPS.told)
    MISHAPS.told.clear()
    assert told == []


def first_of_each(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With SLOW=short, for where minutes count: of each file of slow tests the first alone, and
    none of those that share a Prefect server and wait for one another.
    """
    if os.environ.get("SLOW") != "short":
        return
    seen: set[str] = set()
    kept, left = [], []
    for item in items:
        file = item.nodeid.partition("::")[0]
        is_slow = item.get_closest_marker("slow") is not None
        is_left = is_slow and (file in seen or item.get_closest_marker("prefect") is not None)
        (left if is_left else kept).append(item)
        seen.add(file)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    first_of_each(config, items)
    # pytest-xdist 3.8 writes the group into `_nodeid`, which pytest 9.2 no longer reads: without
    # this, `xdist_group` does nothing at all, and every worker starts a Prefect server of its own.
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")
