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
            assert scenario not in SHOWN, f"{scenario} is shown by {SHOWN[scenario]}, too"
            SHOWN[scenario] = test.__name__
        return test

    return note
