"""What a run's first and last event say of it, held against nothing: for lists of many runs."""

from __future__ import annotations

import json

from muster.errors import RunNotFound, Tampered
from muster.journal.events import Event, event_from_json
from muster.journal.segments import last_line, lines_of, segment_names
from muster.journal.stores import Store


def glimpse(store: Store, run: str) -> tuple[Event, Event]:
    """The first and the last event of a run, as they stand; one that is closed ends with that.

    Raises:
        RunNotFound: This journal holds no such run.
        Tampered: What stands there is no event.
    """
    names = segment_names(store, run)
    if not names:
        raise RunNotFound(f"This journal holds no run {run}")
    lines = (lines_of(store.read(names[0])) or [b""])[0], last_line(store, run)
    try:
        first, last = (event_from_json(json.loads(line)) for line in lines)
    except (ValueError, TypeError, KeyError, RecursionError) as err:
        raise Tampered(f"{run}: what stands there is no event ({type(err).__name__})") from err
    return first, last
