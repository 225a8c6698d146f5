"""Where the parts of a world file end up: ids by name, and what a VM is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.shapes import table
from muster.simulator.json_types import Json
from muster.simulator.world import World
from muster.simulator.worlds.lines import Loc
from muster.simulator.worlds.model import VmFacts, WorldFacts


@dataclass(slots=True)
class Places:
    """What has been made so far of a world's facts, by the names the file uses."""

    world: World
    facts: WorldFacts
    group_ids: dict[str, str] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)  # of groups
    network_ids: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[Loc, str]] = field(default_factory=list)  # what cannot be built

    def put(self, loc: Loc, body: Json, *, adopted: bool = False) -> bool:
        """Store a resource that a part of the file makes; False, and noted, if that cannot be.

        Args:
            loc: which part of the file.
            body: the resource.
            adopted: as a client would PUT it: checked and completed.
        """
        if self.world.resource(body["id"]) is not None:
            self.problems.append((loc, f"{body['id']} is there already"))
            return False
        try:
            if adopted:
                table.adopt(self.world, body, None)
        except AzureError as err:
            self.problems.append((loc, f"Azure would refuse it: [{err.code}] {err.message}"))
            return False
        self.world.put(body)
        return True

    def scope(self, below: str) -> str:
        """A scope of the file: below its subscription unless it names one."""
        base = f"/subscriptions/{self.facts.subscription.id}"
        return below if below.startswith("/subscriptions/") else base + below

    def arm_id(self, group: str, arm_type: str, name: str) -> str:
        """The id of a resource; a child's name is written `parent/child`."""
        namespace, _, kinds = arm_type.partition("/")
        pairs = zip(kinds.split("/"), name.split("/"), strict=True)
        path = "/".join(part for pair in pairs for part in pair)
        return f"{self.group_ids[group]}/providers/{namespace}/{path}"

    def vm(self, name: str) -> VmFacts:
        return next(vm for vm in self.facts.vms if vm.name == name)

    def guest(self, vm: VmFacts) -> Json:
        """What a VM's operating system does, and that of its copies."""
        scripts = (*vm.scripts, *self.facts.scripts)
        return {
            "services": [service.model_dump(mode="json") for service in vm.services],
            "scripts": [script.model_dump(mode="json") for script in scripts],
            "boot": vm.boot,
        }

    def disks(self, vm: VmFacts) -> list[Json]:
        """The OS disk, then the data disks: id, name, gb, os."""
        names = [(f"{vm.name}-osdisk", 127, True)]
        names += [(disk.name, disk.gb, False) for disk in vm.data_disks]
        return [
            {
                "id": self.arm_id(vm.group, "Microsoft.Compute/disks", name),
                "name": name,
                "gb": gb,
                "os": os,
            }
            for name, gb, os in names
        ]
