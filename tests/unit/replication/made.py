"""What a plan was worked out to make, picked by its kind."""

from __future__ import annotations

from muster.replication.wanted import ResourceWanted, Wanted


def resource(wanted: Wanted, kind: str) -> ResourceWanted:
    """The one resource of a kind that is made; the kind is a part of its id."""
    found = [one for one in wanted.resources if kind.casefold() in one.id.casefold()]
    assert len(found) == 1, [one.id for one in wanted.resources]
    return found[0]
