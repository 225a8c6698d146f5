"""Which scenario is shown by which test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SHOWN: dict[str, str] = {}
Test = Callable[..., Any]


def shows(*scenarios: str) -> Callable[[Test], Test]:
    """A test shows these scenarios on the wire."""

    def note(test: Test) -> Test:
        for scenario in scenarios:
            by = SHOWN.setdefault(scenario, test.__name__)
            assert by == test.__name__, f"{scenario} is shown by {by}, too"
        return test

    return note
