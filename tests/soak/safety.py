"""The seven safety rules (DESIGN: safety rules that no plan can switch off), each judged by what
Azure heard and what stands in its world, never by what Muster says of itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from muster.journal.events import Event, EventKind
from muster.simulator.asr.placement import network_for
from muster.simulator.guests.desk import View
from muster.simulator.guests.topology import Topology
from muster.simulator.world import World
from tests.in_process.drills import Drilled
from tests.in_process.road import Exchange
from tests.in_process.simulated import Azure
from tests.soak.layout import SECRET
from tests.soak.worlds import PRINTED

VM = "microsoft.compute/virtualmachines"
NETWORK = "microsoft.network/virtualnetworks"
ITEM_VERBS = ("/testfailover", "/testfailovercleanup")
COMMAND = re.compile(
    rf"(/subscriptions/[^/]+/resourcegroups/[^/]+/providers/{VM}/[^/]+)/runcommands/[^/]+"
)
NETWORKING = re.compile(
    r".*/providers/microsoft\.network/(virtualnetworks|networksecuritygroups|routetables)/.*"
)
RUNBOOK_JOB = re.compile(r".*/providers/microsoft\.automation/automationaccounts/[^/]+/jobs/[^/]+")


def accepted(exchange: Exchange) -> bool:
    return exchange.status < 300


def writes(drilled: Drilled) -> list[Exchange]:
    """What Azure took that is no read, in the order in which it heard it."""
    found = [one for one in drilled.wire if one.method not in ("GET", "HEAD") and accepted(one)]
    return sorted(found, key=lambda one: one.heard)


def owned_before(drilled: Drilled) -> list[tuple[float, set[str]]]:
    """When which ids were journalled as this run's own, in small letters."""
    found = []
    for event in drilled.events:
        if event.kind is EventKind.OBSERVED and event.data["what"] == "owned":
            found.append((event.at.timestamp(), {one.lower() for one in event.data["ids"]}))
        if event.kind is EventKind.OBSERVED and event.data["what"] == "network":
            found.append((event.at.timestamp(), {one.lower() for one in event.data["owned"]}))
    return found


def rule_1_no_verb_but_test_failover_and_run_command_into_own_copies(
    drilled: Drilled,
) -> Iterator[str]:
    owned = owned_before(drilled)
    for one in writes(drilled):
        path = one.path.lower()
        if one.method == "POST":
            if not path.endswith(ITEM_VERBS):
                yield f"POST {one.path}"
            continue
        if command := COMMAND.fullmatch(path):
            mine = {name for at, ids in owned if at <= one.heard for name in ids}
            if command[1] not in mine:
                yield f"{one.method} {one.path}: no copy that the run had journalled by then"
            continue
        if RUNBOOK_JOB.fullmatch(path) and one.method == "PUT":
            continue
        if NETWORKING.fullmatch(path) or one.method == "DELETE":
            continue  # judged by ownership and by what became of production
        yield f"{one.method} {one.path}"


class Isolation:
    """Rule 2, looked at while it counts: at each write, and after each test failover it took."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self._before: frozenset[str] | None = None
        self._networks: frozenset[str] = frozenset()

    def __call__(self, azure: Azure, exchange: Exchange) -> None:
        world = azure.world
        if self._before is None:
            self._before = frozenset(world.machines)
            self._networks = frozenset(
                key for key in world.resources if f"/providers/{NETWORK}/" in key
            ) - {exchange.path.lower()}  # the first write may be the drill's own network
        path = exchange.path.lower()
        if path.endswith("/testfailover") and accepted(exchange):
            item = world.items[path.removesuffix("/testfailover")]
            asked = json.loads(exchange.body)["properties"].get("networkId")
            network = network_for(item, asked)
            for why in self._why_not(world, network):
                self.violations.append(f"rule 2: the test failover of {item['name']}: {why}")
        said: dict[str, list[str]] = {}  # of each network once: fifty copies lie in one
        for key in sorted(world.machines.keys() - self._before):
            for network in networks_of(world, key):
                if network not in said:
                    said[network] = list(self._why_not(world, network))
                self.violations += [f"rule 2: the copy {key}: {why}" for why in said[network]]

    def _why_not(self, world: World, network: str) -> Iterator[str]:
        body = world.resource(network)
        if network.lower() in self._networks:
            yield f"{network} is a network of production"
        elif body is not None and Topology(View(world)).peers(network):
            yield f"{network} is peered"


def networks_of(world: World, vm_id: str) -> Iterator[str]:
    """Networks that the cards of a VM lie in."""
    vm = world.resource(vm_id)
    for nic in vm["properties"]["networkProfile"]["networkInterfaces"] if vm else ():
        card = world.resource(nic["id"])
        for config in card["properties"]["ipConfigurations"] if card else ():
            yield str(config["properties"]["subnet"]["id"]).partition("/subnets/")[0]


def rule_3_no_source_vm_is_touched(drilled: Drilled) -> Iterator[str]:
    for key, machine in drilled.before["machines"].items():
        if drilled.world["machines"].get(key) != machine:
            yield f"{key} is not as before"
    for one in writes(drilled):
        if any(one.path.lower().startswith(key) for key in drilled.before["machines"]):
            yield f"{one.method} {one.path}"


def rule_4_clean_is_said_only_of_what_was_read_and_is_gone(drilled: Drilled) -> Iterator[str]:
    """A record that says clean: the world is, and each id was asked for after its removal."""
    if drilled.result is None or not drilled.result.record["cleanup"]["proven"]:
        return
    for key in new_resources(drilled):
        yield f"called clean, and there is still {key}"
    inventory = [e for e in drilled.events if e.data.get("what") == "inventory"]
    if inventory:
        yield from _not_looked_at(drilled, inventory[-1])
    elif writes(drilled):
        yield "called clean without an inventory"


def _not_looked_at(drilled: Drilled, inventory: Event) -> Iterator[str]:
    looked = {one.lower() for one in inventory.data["looked_in"]}
    answers: dict[str, int] = {}
    for one in sorted(drilled.wire, key=lambda one: one.heard):
        if one.method == "GET" and one.heard <= inventory.at.timestamp():
            answers[one.path.lower()] = one.status
    for name in {name for _, ids in owned_before(drilled) for name in ids}:
        if name not in looked:
            yield f"called clean without a look at {name}"
        if answers.get(name) != 404:
            yield f"called clean, and the last answer about {name} was {answers.get(name)}"


def rule_5_no_secret_reaches_what_is_kept(drilled: Drilled) -> Iterator[str]:
    secrets = (SECRET.encode(), PRINTED.encode(), PRINTED.partition("=")[2].encode())
    tokens = re.compile(rb"eyJ[\w-]{20,}\.[\w-]{20,}")
    for name, content in drilled.store.contents.items():
        if any(secret in content for secret in secrets) or tokens.search(content):
            yield f"a secret stands in {name}"


SLACK = 11 * 60.0
"""Seconds beyond a step's timeout: a call that repeats for five minutes, and one more after it."""


def rule_6_every_wait_ends_and_every_question_is_answered(drilled: Drilled) -> Iterator[str]:
    yield from _steps_without_end(drilled)
    asked: set[str] = set()
    for event in drilled.events:
        match event.kind:
            case EventKind.ASKED:
                asked.add(event.data["question"])
            case EventKind.ANSWERED:
                asked.discard(event.data["question"])
            case EventKind.OWNER:  # who asked is gone
                asked = set()
    yield from (f"nobody, and no default, answered {question}" for question in asked)


def _steps_without_end(drilled: Drilled) -> Iterator[str]:
    graph = drilled.events[0].data["graph"] if drilled.events else ()
    timeouts = {one["id"]: one["timeout"] for one in graph}
    begun: dict[str, float] = {}
    for event in drilled.events:
        at, step = event.at.timestamp(), event.step
        match event.kind:
            case EventKind.STARTED if step:
                begun[step] = at
            case EventKind.FINISHED if step in begun:
                took, most = at - begun.pop(step), timeouts[step] + SLACK
                if took > most:
                    yield f"{step} took {took:.0f} s, and may take {most:.0f}"
            case EventKind.OWNER:  # whoever began these steps is gone
                begun = {}
    yield from (f"{step} never ended" for step in begun)


def rule_7_nothing_that_touches_production_runs(drilled: Drilled) -> Iterator[str]:
    for job in drilled.world["automation_jobs"].values():
        if job["runbook"] == "Production":
            yield f"runbook Production ran as {job['name']}"
    for one in writes(drilled):
        if (
            one.method == "PUT"
            and COMMAND.fullmatch(one.path.lower())
            and b"# production" in one.body
        ):
            yield f"a script that touches production was sent: {one.path}"


def new_resources(drilled: Drilled) -> set[str]:
    """Ids, in small letters, that the world holds more than before."""
    return set(drilled.world["resources"]) - set(drilled.before["resources"])


RULES: Mapping[str, Any] = {
    name: rule for name, rule in list(globals().items()) if re.match(r"rule_\d_", name)
}
