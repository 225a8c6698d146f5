"""The world as it stands: resources, machines, items, jobs, and what is going to happen when."""

from __future__ import annotations

import heapq
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from muster.simulator.arm.ids import Target
from muster.simulator.azure_time import AzureTime
from muster.simulator.durations import spread
from muster.simulator.faults.port import FaultPort, NoFaults
from muster.simulator.json_types import Json
from muster.simulator.spans import Spans, built_in
from muster.simulator.worlds.model import Settings

_GUIDS = uuid.UUID("6e6f7420-617a-7572-6520-62757420736d")

DEPARTED = "departed"
"""Table of the world: when a replicated VM was taken away, by its lower-cased id."""

_UNDER = (
    "commands", "leaving", "role_assignments", "policy_assignments", "policy_exemptions",
    "automation_jobs", "runbooks", "asr", "asr_settings", "asr_events", "asr_rpo", "asr_critical",
    "asr_intents", "plans", "items", "moved_items",
)  # fmt: skip
"""Tables whose keys are ids in small letters: what is kept under a resource goes with it."""

Effect = Callable[["World", Json], None]


class World:
    """State that is one JSON value, and time that moves it.

    Everything that happens later is an event with a due instant. `advance` applies what is due, in
    order and as of its own instant, so a world that was away (restart) comes out the same.
    """

    def __init__(
        self, state: Json, settings: Settings, clock: AzureTime, effects: Mapping[str, Effect]
    ) -> None:
        self.state, self.settings, self.clock, self.effects = state, settings, clock, effects
        self.now = clock.seconds()
        self.changed = False  # since the last save
        self.faults: FaultPort = NoFaults()
        self.spans: Spans = built_in()
        self.last_effect = ""  # kind of the event that was applied last
        self.last_args: Json = {}  # of that event
        self.orders: deque[tuple[Literal["on", "off"], str]] = deque()  # for the guests
        self.runs: deque[str] = deque()  # run-commands that have to start
        self._by_type: dict[str, set[str]] = {}  # keys of `resources`, by type in small letters
        self.index()

    @property
    def seed(self) -> str:
        return str(self.state["seed"])

    @property
    def resources(self) -> dict[str, Json]:
        """ARM resources by lower-cased id."""
        return self.state["resources"]  # type: ignore[no-any-return]

    @property
    def machines(self) -> dict[str, Json]:
        """What stands behind a VM besides its ARM body, by lower-cased VM id."""
        return self.state["machines"]  # type: ignore[no-any-return]

    @property
    def items(self) -> dict[str, Json]:
        """Protected items by lower-cased id."""
        return self.state["items"]  # type: ignore[no-any-return]

    def table(self, name: str) -> dict[str, Json]:
        """Another part of the state, made when first asked for: jobs, operations, asr, plans."""
        return self.state.setdefault(name, {})  # type: ignore[no-any-return]

    # -- time ---------------------------------------------------------------------------------

    def advance(self) -> None:
        """Apply all events that are due; `now` is then the present.

        What an effect raises goes on to the caller; that event is then over, and another call goes
        on with the next.
        """
        present = self.clock.seconds()
        events: list[Any] = self.state["events"]
        while events and events[0][0] <= present:
            due, _, kind, args = heapq.heappop(events)
            self.now, self.changed = due, True
            self.last_effect, self.last_args = kind, args
            self.effects[kind](self, args)
        self.now = present

    def later(self, seconds: float, kind: str, **args: Any) -> None:
        """Let an effect happen some Azure seconds after now."""
        if kind not in self.effects:
            raise KeyError(kind)
        self.state["serial"] += 1
        event = [self.now + seconds, self.state["serial"], kind, args]  # no two compare equal
        heapq.heappush(self.state["events"], event)
        self.changed = True

    def forget(self, jobs: Sequence[str]) -> None:
        """Nothing of what was planned for these jobs happens any more."""
        events: list[Any] = self.state["events"]
        events[:] = [event for event in events if event[3].get("job") not in jobs]
        heapq.heapify(events)
        self.changed = True

    def next_due(self) -> float | None:
        """When the next event is due; None without any."""
        events: list[Any] = self.state["events"]
        return float(events[0][0]) if events else None

    def takes(self, name: str, *of: object, by: tuple[object, ...] = ()) -> float:
        """Azure seconds of one thing: drawn from the span of that name, always the same for it.

        `of` says which thing it is; `by` is all that the draw goes by, where that is to be known.
        """
        return self.spans[name].draw(spread(*(by or (name, self.seed, *of))))

    # -- names --------------------------------------------------------------------------------

    def guid(self, *parts: object) -> str:
        """A GUID that is always the same for the same parts of this world."""
        return str(uuid.uuid5(_GUIDS, "/".join(map(str, (self.seed, *parts))).lower()))

    def etag(self) -> str:
        """A new etag."""
        self.state["serial"] += 1
        return f'W/"{self.guid("etag", self.state["serial"])}"'

    # -- resources ----------------------------------------------------------------------------

    def resource(self, arm_id: str) -> Json | None:
        return self.resources.get(arm_id.rstrip("/").lower())

    def of_type(self, arm_type: str, under: str = "") -> Iterator[Json]:
        """Resources of a type, perhaps only those under an id, in order of their ids."""
        keys: Iterable[str] = self._index(arm_type)
        if under:
            prefix = under.rstrip("/").lower() + "/"
            keys = (key for key in keys if key.startswith(prefix))
        resources = self.resources
        for key in sorted(keys):
            yield resources[key]

    def put(self, body: Json) -> Json:
        """Store a resource under its id."""
        key = body["id"].lower()
        self.resources[key] = body
        self._index(body["type"]).add(key)
        self.changed = True
        return body

    def remove(self, arm_id: str) -> None:
        """Forget a resource, its children and what stands behind it."""
        key = arm_id.lower()
        for known in [k for k in self.resources if k == key or k.startswith(key + "/")]:
            self._index(self.resources.pop(known)["type"]).discard(known)
            if self.machines.pop(known, None):
                self.orders.append(("off", known))
                if self.is_replicated(known):
                    self.table(DEPARTED)[known] = {"at": self.now}
        for name in _UNDER:
            table: Json = self.state.get(name, {})
            for inside in [k for k in table if (k + "/").startswith(key + "/")]:
                del table[inside]
        self.changed = True

    def is_replicated(self, vm_id: str) -> bool:
        """Whether an item protects a VM, by its lower-cased id."""
        return any(item["vm"].lower() == vm_id for item in self.items.values())

    def index(self) -> None:
        """Work out anew which resources are of which type."""
        self._by_type.clear()
        for key, body in self.resources.items():
            self._index(body["type"]).add(key)

    def _index(self, arm_type: str) -> set[str]:
        return self._by_type.setdefault(arm_type.lower(), set())

    def group(self, target: Target) -> Json | None:
        """The resource group a path lies in."""
        return self.resource(f"/subscriptions/{target.subscription}/resourceGroups/{target.group}")

    def proper_id(self, target: Target) -> str:
        """The path's id in the casing Azure answers with."""
        group = self.group(target)
        parts = ["", "subscriptions", target.subscription.lower()]
        if target.group:
            parts += ["resourceGroups", group["name"] if group else target.group]
        if target.namespace != "Microsoft.Resources":
            above = target.scope.strip("/").split("/")[4:]  # an extension's own resource
            parts += [*above, "providers", target.namespace]
            for word, name in zip(target.types, target.names, strict=False):
                parts += [word, name]
        return "/".join(parts)
