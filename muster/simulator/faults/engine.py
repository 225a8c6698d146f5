"""Lets faults happen: by moment, count, chance and time, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muster.simulator import dates
from muster.simulator.durations import spread
from muster.simulator.faults.file import Fault
from muster.simulator.faults.happening import Do
from muster.simulator.faults.model import Rule
from muster.simulator.faults.names import is_like
from muster.simulator.faults.port import Moment
from muster.simulator.json_types import Json
from muster.simulator.world import World

MOST_TOLD = 200
TABLE = "faults"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A rule with the key its counts are kept under, and the seed of its file."""

    key: str
    seed: str
    rule: Rule


class Engine:
    """The faults of one simulator. Counts are kept with the world, so a restart goes on."""

    def __init__(self, world: World, faults: Sequence[Fault], own: str = "") -> None:
        self.world, self.faults, self.own = world, faults, own
        self._placed = [
            _Placed(f"{fault.id}/{number}", fault.facts.seed, rule)
            for fault in faults
            for number, rule in enumerate(fault.facts.rules, 1)
        ]
        self._by_moment: dict[str, list[_Placed]] = {}
        for placed in self._placed:
            self._by_moment.setdefault(placed.rule.on.moment, []).append(placed)
        kept = world.table(TABLE)
        for fault in faults:
            is_new = fault.id not in kept
            chosen = {"since": world.now, "vm": any_vm(world, fault.facts.seed)}
            kept.setdefault(fault.id, chosen)
            if is_new:
                self._schedule(fault.id)

    @property
    def ids(self) -> Sequence[str]:
        """See `port.FaultPort`."""
        return [fault.id for fault in self.faults]

    def meet(self, moment: Moment, name: str, *, vm: str = "", client: str = "") -> Sequence[Do]:
        """See `port.FaultPort`."""
        placed = self._by_moment.get(moment)
        if not placed:
            return ()
        happening = [
            each
            for each in placed
            if self._matches(each, name, vm, client) and self._happens(each, name, vm)
        ]
        for each in happening:
            if each.rule.do.somebody is not None:
                self.world.later(each.rule.later, "fault_deed", rule=each.key, vm=vm)
        return [each.rule.do for each in happening if each.rule.do.somebody is None]

    def _schedule(self, fault_id: str) -> None:
        """What happens by the clock alone is an event like all others."""
        for placed in self._by_moment.get("time", ()):
            if placed.key.partition("/")[0] == fault_id:
                rule = placed.rule
                self.world.later(rule.after + rule.later, "fault_deed", rule=placed.key, vm="")

    def rule(self, key: str) -> Rule | None:
        """The rule of a key, if the simulator still runs with it."""
        return next((each.rule for each in self._placed if each.key == key), None)

    def fired(self, key: str, what: str) -> None:
        """Note that a rule did what it says."""
        count = self._count(key)
        count["fired"] += 1
        told = self.world.state.setdefault("fault_story", [])
        if told and (told[-1]["rule"], told[-1]["what"]) == (key, what):
            told[-1]["again"] = told[-1].get("again", 0) + 1
            return
        told.append({"at": dates.ticks(self.world.now), "rule": key, "what": what})
        del told[:-MOST_TOLD]
        self.world.changed = True

    def shown(self) -> Json:
        """Every rule with how often its moment came and how often it happened; and the story."""
        titles = {fault.id: fault.facts.title for fault in self.faults}
        rows = []
        for placed in self._placed:
            fault = placed.key.partition("/")[0]
            rows.append(
                {
                    "id": placed.key,
                    "fault": fault,
                    "title": titles[fault],
                    "vm": self._vm_of(placed),
                    "does": placed.rule.name or _sentence(placed.rule),
                    **self._count(placed.key),
                }
            )
        return {"rules": rows, "story": list(self.world.state.get("fault_story", []))}

    def _matches(self, placed: _Placed, name: str, vm: str, client: str) -> bool:
        rule, wanted = placed.rule, self._vm_of(placed)
        return (
            wanted != ""  # `any` of none, as long as nothing is protected
            and is_like(rule.on.name, name)
            and is_like(wanted, vm)
            and is_like(self.own if rule.client == "own" else rule.client, client)
        )

    def _happens(self, placed: _Placed, name: str, vm: str) -> bool:
        """Count the moment, and whether its fault happens."""
        rule, count = placed.rule, self._count(placed.key)
        since = self.world.now - self._since(placed)
        if since < rule.after or (rule.until is not None and since >= rule.until):
            return False
        count["met"] += 1
        self.world.changed = True
        first, last = rule.calls
        if count["met"] < first or (last is not None and count["met"] > last):
            return False
        if rule.times is not None and count["fired"] >= rule.times:
            return False
        if spread(placed.seed, placed.key, count["met"]) >= rule.chance:
            return False
        self.fired(placed.key, " ".join(filter(None, (rule.on.moment, name, vm))))
        return True

    def _vm_of(self, placed: _Placed) -> str:
        """The names a rule is for; `any` is one protected VM, chosen when the fault began."""
        return self.chosen_vm(placed.key) if placed.rule.vm == "any" else placed.rule.vm

    def chosen_vm(self, key: str) -> str:
        """The VM that `any` means in the file of a rule; "" as long as nothing is protected."""
        kept = self._kept(key)
        if not kept["vm"]:  # none was protected so far
            seed = next(each.seed for each in self._placed if each.key == key)
            kept["vm"] = any_vm(self.world, seed)
            self.world.changed = True
        return str(kept["vm"])

    def _since(self, placed: _Placed) -> float:
        return float(self._kept(placed.key)["since"])

    def _kept(self, key: str) -> Json:
        kept: Json = self.world.table(TABLE)[key.partition("/")[0]]
        return kept

    def _count(self, key: str) -> Json:
        counts = self.world.state.setdefault("fault_counts", {})
        count: Json = counts.setdefault(key, {"met": 0, "fired": 0})
        return count


def any_vm(world: World, seed: str) -> str:
    """One of the protected VMs, by seed; "" without any."""
    names = sorted({str(item["vm_name"]) for item in world.items.values()})
    return names[int(spread(seed, "vm") * len(names))] if names else ""


def _sentence(rule: Rule) -> str:
    said = rule.do.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    return f"{rule.on.moment} {rule.on.name}: {said}"
