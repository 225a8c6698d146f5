"""What is refused, in words: why, and which values differ. Pure."""

from __future__ import annotations

from muster.replication.change import Change


def refusal_said(change: Change) -> str:
    """Why a thing is not made or changed, with what there is and what would be wanted."""
    fields = [
        f"{one.name}: {one.before or 'nothing'}, not {one.after or 'nothing'}"
        for one in change.fields
    ]
    return f"{change.why} ({'; '.join(fields)})" if fields else change.why
