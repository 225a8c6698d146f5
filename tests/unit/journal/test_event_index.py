"""An index answers what a look through all events would, in their order."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from muster.journal.events import GENESIS, Event, EventKind, Observed
from muster.journal.index import EventIndex

NOW = datetime(2027, 1, 1, tzinfo=UTC)
NAMES = st.sampled_from(["a", "a", "a", "b", 3, []])  # some no text at all
SORTS = st.sampled_from(["owned", "up", []])
DATA = st.fixed_dictionaries(
    {}, optional={"act": NAMES, "subject": NAMES, "vm": NAMES, "what": SORTS}
)
KINDS = st.just(EventKind.OBSERVED) | st.sampled_from(EventKind)
STEPS = st.sampled_from([None, "boot:a", "boot:b"])
DRAWN = st.lists(st.tuples(KINDS, STEPS, DATA), min_size=20, max_size=40)


def events_of(drawn):
    return [
        Event(seq, kind, NOW, NOW, 0.0, "vm:1:1", step, data, GENESIS)
        for seq, (kind, step, data) in enumerate(drawn, start=1)
    ]


def having(events, **values):
    return [e for e in events if all(e.data.get(key) == each for key, each in values.items())]


@given(DRAWN)
def test_it_answers_what_a_look_through_all_events_would(drawn):
    events = events_of(drawn)
    index = EventIndex(events)
    for kind in EventKind:
        assert list(index.of_kind(kind)) == [e for e in events if e.kind is kind]
    for step in ("boot:a", "boot:b", "none"):
        assert list(index.of_step(step)) == [e for e in events if e.step == step]
    observed = [e for e in events if e.kind is EventKind.OBSERVED]
    for vm in ("a", "b", "3", "[]"):
        assert list(index.of_vm(vm)) == having(events, vm=vm)
        assert list(index.of_act("a", vm)) == having(events, act="a", subject=vm)
        for what in (Observed.OWNED, Observed.UP):
            assert list(index.observed(what, vm)) == having(observed, what=what.value, vm=vm)
            assert list(index.observed(what)) == having(observed, what=what.value)


@given(DRAWN, st.integers(0, 30))
def test_events_that_come_later_are_found_behind_the_earlier_ones(drawn, at):
    events = events_of(drawn)
    index = EventIndex(events[:at])
    for event in events[at:]:
        index.add(event)
    whole = EventIndex(events)
    assert vars(index) == vars(whole)
