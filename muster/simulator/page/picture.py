"""One picture of the world: tables of rows by key, small enough to be sent often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from muster.simulator.arm.meter import Meter
from muster.simulator.counters import Counters
from muster.simulator.identity.roles import Identity
from muster.simulator.json_types import Json
from muster.simulator.mishaps import Mishaps
from muster.simulator.page.calls import Calls
from muster.simulator.page.faults import fault_rows
from muster.simulator.page.jobs import job_rows
from muster.simulator.page.machines import MOST as MOST_MACHINES
from muster.simulator.page.machines import machine_rows, rpo_rows
from muster.simulator.page.networks import MOST as MOST_NETWORKS
from muster.simulator.page.networks import network_rows
from muster.simulator.page.values import key, text
from muster.simulator.regions import display
from muster.simulator.world import World

Table = Mapping[str, Any]
MOST_BUCKETS = 60


@dataclass(frozen=True, slots=True)
class Sources:
    """What the page is drawn from. `move` brings the world to the present."""

    world: World
    calls: Calls
    counters: Counters
    meter: Meter
    people: Mapping[str, Identity]  # by client id
    mishaps: Mishaps
    move: Callable[[], None]
    rules: Callable[[], Json] | None = None  # GET /faults, where the control port has it


@dataclass(frozen=True, slots=True)
class Picture:
    """The world at one instant. Its rows are never changed: two pictures can be compared."""

    head: Json
    tables: Mapping[str, Table]
    calls_seen: int  # the number of the newest call that belongs to it


def draw(sources: Sources) -> Picture:
    """Look at the whole world. A thousand VMs, all protected, take it some 30 ms."""
    sources.move()
    world = sources.world
    machines = machine_rows(world)
    networks = network_rows(world, machines)
    jobs, running, ended = job_rows(world)
    tables: dict[str, Table] = {
        "regions": _regions(world, networks, machines),
        "networks": dict(islice(networks.items(), MOST_NETWORKS)),
        "machines": dict(islice(machines.items(), MOST_MACHINES)),
        "rpo": dict(islice(rpo_rows(world).items(), MOST_MACHINES)),
        "jobs": jobs,
        "buckets": dict(islice(_buckets(sources), MOST_BUCKETS)),
        "throttled": _throttled(sources.counters),
        "faults": fault_rows(world, sources.rules),
    }
    counts = {
        "networks": len(networks),
        "machines": len(machines),
        "protected": len(world.items),
        "copies": sum(_has_copy(row) for row in machines.values()),
        "running": running,
        "ended": ended,
        "calls": sources.calls.count,
    }
    return Picture(_head(sources, counts), tables, sources.calls.count)


def _head(sources: Sources, counts: Json) -> Json:
    world, mishaps = sources.world, sources.mishaps
    return {
        "world": text(world.state["world"]),
        "status": "damaged" if mishaps.count else "running",
        "mishaps": mishaps.shown()[-5:],
        "mishap_count": mishaps.count,
        "epoch": world.clock.epoch,
        "speed": world.clock.speed,
        "stands_at": world.clock.stands_at,
        "counts": counts,
        "rules": sources.rules is not None,
        "most": {"networks": MOST_NETWORKS, "machines": MOST_MACHINES},
    }


def _has_copy(row: Json) -> bool:
    return bool(row["target"]) and row["target"]["kind"] == "copy"


def _regions(world: World, networks: Table, machines: Table) -> dict[str, Json]:
    """Where something stands, in the order to be shown in: sources, targets, all others."""
    sources = Counter(str(item["initial"]["location"]) for item in world.items.values())
    targets = Counter(str(item["initial"]["recovery_location"]) for item in world.items.values())
    there = {row["region"] for row in networks.values()}
    there |= {
        s["region"] for row in machines.values() for s in (row["source"], row["target"]) if s
    }
    ordered = [name for name, _ in sources.most_common()]
    ordered += [name for name, _ in targets.most_common() if name not in ordered]
    ordered += sorted(there - {*ordered})
    return {
        name: {
            "title": display(name),
            "order": n,
            "source": sources[name],
            "target": targets[name],
        }
        for n, name in enumerate(ordered)
        if name in there
    }


def _buckets(sources: Sources) -> Iterator[tuple[str, Json]]:
    """What each caller has left of ARM's requests, where it is not all."""
    names = {person.object_id: person.name for person in sources.people.values()}
    for one in sources.meter.shown(sources.world.now):
        if one.left < one.size or one.closed_until > sources.world.now:
            yield (
                key(f"{one.subscription}/{one.principal}/{one.kind}"),
                {
                    "who": text(names.get(one.principal, one.principal) or "all together"),
                    "scope": "subscription" if one.subscription else "tenant",
                    "kind": one.kind,
                    "left": int(one.left),
                    "size": one.size,
                    "closed_until": max(0.0, one.closed_until),
                },
            )


def _throttled(counters: Counters) -> dict[str, int]:
    """How many requests each client was refused with 429 since counting began."""
    found = Counter[str]()
    for row in counters.shown()["counters"]:
        found[text(row["client"])] += row["statuses"].get("429", 0)
    return {client: n for client, n in sorted(found.items()) if n}
