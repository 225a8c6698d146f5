"""What goes wrong on purpose: rules of the control port, if it has them, and the world file's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from muster.simulator.json_types import Json
from muster.simulator.page.values import key, rows, text
from muster.simulator.world import World

MOST = 100
_KINDS = {
    "enable": "enabling replication",
    "failover_test": "test failover",
    "cleanup": "cleanup of a test failover",
    "failover": "failover",
    "commit": "commit",
    "reprotect": "reprotect",
    "shutdown": "shutdown of the source",
}


def fault_rows(world: World, rules: Callable[[], Json] | None) -> dict[str, Json]:
    """Each with `title`, `does`, how often it `fired` (None: nobody counts) and its `origin`."""
    found: dict[str, Json] = {}
    for rule in rows(rules(), "rules")[:MOST] if rules else []:
        fired = rule.get("fired")
        found[f"rule-{text(rule.get('id'))}"] = {
            "title": text(rule.get("title")),
            "does": text(rule.get("does")),
            "fired": fired if isinstance(fired, int) else None,
            "origin": "rule",
        }
    for arm_id, item in world.items.items():
        for kind, row in _of_world_file(item):
            if len(found) < MOST:
                found[f"{key(arm_id)}-{kind}"] = row
    return found


def _of_world_file(item: Json) -> Iterator[tuple[str, Json]]:
    for kind, fault in item["faults"].items():
        if not fault:
            continue
        counted = item["counts"].get("failover" if kind == "shutdown" else kind, 0)
        yield (
            kind,
            {
                "title": text(f"{item['vm_name']}: {_KINDS.get(kind, kind)} fails"),
                "does": text(f"{fault['code']}: {fault['message']}"),
                "fired": None if kind == "enable" else min(int(counted), fault["times"]),
                "origin": "world file",
            },
        )
