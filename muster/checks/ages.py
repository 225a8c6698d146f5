"""How old something is at an instant, where two clocks have to agree to say so."""

from __future__ import annotations

from datetime import datetime, timedelta

CLOCKS_AGREE = timedelta(seconds=30)
"""How far the clocks of Azure, of production and of this machine may differ without a word."""


def age_at(reference: datetime, instant: datetime) -> timedelta | None:
    """How much older than a reference an instant is.

    Returns:
        Zero for one that is younger by no more than clocks differ; None for one that is younger
        still: then nobody knows its age, and to call it zero would be the best of all lies.
    """
    age = reference - instant
    return None if age < -CLOCKS_AGREE else max(timedelta(), age)
