"""A write that does not come to its answer leaves nothing behind that it had begun."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from muster.simulator.call import Answer, Call, Handler
from muster.simulator.json_types import Json, copied
from muster.simulator.world import World

_READS = ("GET", "HEAD")


def whole_or_nothing(handler: Handler, call: Call) -> Answer:
    """Let a handler answer; what it raises goes on, and the world is as it was before it.

    Costs one shallow copy of each table, and deep ones of what the path names. What a handler
    had changed inside other entries stays changed; items are let go by jobs that are gone.
    """
    if call.method in _READS:
        return handler(call)
    before = _outline(call)
    try:
        return handler(call)
    except Exception:
        _restore(call.world, before)
        raise


@dataclass(frozen=True, slots=True)
class _Outline:
    """The state's tables, and whole copies of some of their entries."""

    tables: dict[str, Any]
    entries: list[tuple[Json, Json]]  # (as it is kept, its copy)


def _outline(call: Call) -> _Outline:
    state = call.world.state
    tables = {name: copy.copy(each) for name, each in state.items() if _is_table(each)}
    keys = {call.target.path.lower(), call.target.owner.lower()}
    named = [
        table[key]
        for table in tables.values()
        if isinstance(table, dict)
        for key in keys
        if isinstance(table.get(key), dict)
    ]
    return _Outline(tables, [(entry, copied(entry)) for entry in named])


def _restore(world: World, before: _Outline) -> None:
    for name in [name for name, each in world.state.items() if _is_table(each)]:
        if name not in before.tables:
            del world.state[name]
        elif isinstance(kept := world.state[name], list):
            kept[:] = before.tables[name]  # of events: a copied heap is one
        else:
            kept.clear()
            kept.update(before.tables[name])
    for entry, was in before.entries:
        entry.clear()
        entry.update(was)
    for item in world.items.values():
        while item["busy"] and item["busy"]["job"] not in world.table("jobs"):
            item["busy"] = item["busy"].get("under")
    world.index()


def _is_table(value: Any) -> bool:
    return isinstance(value, dict | list)
