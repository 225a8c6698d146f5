"""What all tests share: under `--dist loadgroup`, tests of one group stay on one worker."""

from __future__ import annotations

import pytest
from _pytest.nodeid import NodeId


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # pytest-xdist 3.8 writes the group into `_nodeid`, which pytest 9.2 no longer reads: without
    # this, `xdist_group` does nothing at all, and every worker starts a Prefect server of its own.
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")
