"""Replication in one loop with its Azure: the contoso VMs, and nothing at all to recover into."""

from __future__ import annotations

import asyncio
import copy
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from muster.gateway.open import open_gateway
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.chain import read_run
from muster.journal.events import Event
from muster.journal.stores import MemoryStore
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decide, Decision
from muster.replication.wanted import (
    CardWanted,
    DiskWanted,
    FabricWanted,
    IpWanted,
    MappingWanted,
    NetworkMappingWanted,
    PolicyWanted,
    ResourceWanted,
    VaultWanted,
    VmWanted,
    Wanted,
)
from muster.runs.drill import run_drill
from muster.runs.means import Means
from muster.runs.replicate import run_replicate
from muster.runs.request import RunRequest, new_run_id
from muster.runs.result import RunResult
from muster.settings import Settings
from muster.simulator.faults.file import Fault, named
from muster.simulator.faults.model import FaultFacts
from tests.in_process.drills import (
    LONGEST,
    START,
    FencedStore,
    Process,
    settings_for,
    write_plan,
)
from tests.in_process.road import Exchange, InProcessRoad, Latency
from tests.in_process.scenario import Scenario
from tests.in_process.simulated import Azure, azure_in_process, facts_of
from tests.in_process.virtual_loop import VirtualLoop, run_virtually

Onlooker = Callable[[Azure, Exchange], None]
Json = dict[str, Any]
NEW_GROUPS = ("rg-erp-asr", "rg-dr")


def bare(world: Mapping[str, Any]) -> Json:
    """The world without vault, target group and target network; its operator replicates."""
    left = copy.deepcopy(dict(world))
    for key in ("vaults", "automation"):
        left.pop(key, None)
    left["groups"] = [one for one in left["groups"] if one["name"] not in NEW_GROUPS]
    left["networks"] = [one for one in left["networks"] if one["group"] not in NEW_GROUPS]
    left["client"] = "muster-operator"
    for person in left["identities"]:
        person["roles"] = [one for one in person["roles"] if "scope" not in one]
    return left


async def decided(gateway: Gateway, plan: RecoveryPlan, subscription: str) -> Decision:
    """What the plan wants, said plainly: every VM's disks and card as they are read."""
    groups = f"/subscriptions/{subscription}/resourceGroups"
    source_group = f"{groups}/{plan.source.resource_group}"
    target_group = f"{groups}/{plan.target_resource_group}"
    vault_group = f"{groups}/{plan.vault.resource_group}"
    cache = f"{source_group}/providers/Microsoft.Storage/storageAccounts/erpcacheasr"
    network = "providers/Microsoft.Network/virtualNetworks"
    source_net = f"{source_group}/{network}/{plan.source.network}"
    target_net = f"{target_group}/{network}/{plan.target_network}"
    here = _fabric(plan.source.region)
    there = _fabric(plan.target.region)
    vms = []
    for vm in plan.all_vms:
        vm_id = f"{source_group}/providers/Microsoft.Compute/virtualMachines/{vm.name}"
        read = await gateway.vm(vm_id)
        assert read is not None
        subnet, address = vm.nics[0].subnet or "", vm.nics[0].private_ip
        nic = await gateway.resource(read.nic_ids[0])
        assert nic is not None
        config = nic.properties["ipConfigurations"][0]["name"]
        ips = (IpWanted(config, is_primary=True, subnet=subnet, private_ip=address),)
        vms.append(
            VmWanted(
                name=vm.name,
                source_vm_id=vm_id,
                item=f"{vm.name}-item",
                disks=tuple(DiskWanted(one, cache, target_group) for one in read.disk_ids),
                recovery_group_id=target_group,
                recovery_network_id=target_net,
                recovery_subnet=subnet,
                cards=(CardWanted(read.nic_ids[0], target_net, ips),),
                size=vm.size,
            )
        )
    location = {"location": plan.target.region}
    return Decision(
        Wanted(
            vault=VaultWanted(
                VaultRef(subscription, plan.vault.resource_group, plan.vault.name),
                plan.target.region,
            ),
            groups=(
                ResourceWanted(target_group, location, "where the VMs recover"),
                ResourceWanted(vault_group, location, "of the vault"),
            ),
            resources=(
                ResourceWanted(target_net, _network(plan), "copy of the source network"),
                ResourceWanted(
                    cache,
                    {
                        "location": plan.source.region, "sku": {"name": "Standard_LRS"},
                        "kind": "StorageV2", "properties": {},
                    },
                    "cache of what is written at the source",
                ),
            ),
            source=here,
            target=there,
            policy=PolicyWanted(
                "24-hour-retention-policy", plan.replication.policy.app_consistent_every,
                plan.replication.policy.keep_recovery_points, multi_vm_sync=False,
            ),
            mappings=(
                MappingWanted("there", here, there), MappingWanted("back", there, here),
            ),
            network_mappings=(
                NetworkMappingWanted("net-there", here, there, source_net, target_net),
                NetworkMappingWanted("net-back", there, here, target_net, source_net),
            ),
            vms=tuple(vms),
        )
    )  # fmt: skip


def _fabric(region: str) -> FabricWanted:
    return FabricWanted(f"asr-a2a-default-{region}", region, f"asr-a2a-default-{region}-container")


def _network(plan: RecoveryPlan) -> Json:
    subnets = {"data": "10.1.0.0/24", "app": "10.1.1.0/24", "web": "10.1.2.0/24"}
    return {
        "location": plan.target.region,
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [
                {"name": name, "properties": {"addressPrefix": prefix}}
                for name, prefix in subnets.items()
            ],
        },
    }


@dataclass
class Replicated:
    """What came of it: every run of every process, and the world they left."""

    settings: Settings
    azure: Azure
    store: MemoryStore
    results: list[RunResult]  # of processes that came to their end
    refused: list[Exception]
    wire: list[Exchange]
    said: list[str] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)  # how much of `wire` each process found there
    kept: Any = None  # what a script laid aside

    def events(self, run: str) -> tuple[Event, ...]:
        return tuple(read_run(self.store, run))

    def sent(self, process: int = 0) -> list[tuple[str, str]]:
        """(method, path) of every request from a process on that was to change something."""
        later = (one for one in self.wire[self.marks[process] :] if one.method != "GET")
        asked = ("/checkNameAvailability",)  # a question, though it is POSTed
        return [(one.method, one.path) for one in later if not one.path.endswith(asked)]


class Bench:
    """Starts processes of `muster replicate` upon one world, one after the other."""

    def __init__(
        self, scenario: Scenario, plan: Path, settings: Settings, azure: Azure, loop: VirtualLoop
    ) -> None:
        self.scenario, self.plan, self.settings = scenario, plan, settings
        self.azure, self.loop = azure, loop
        self.decide: Decide = decided
        self.store = MemoryStore()
        self.processes: list[Process] = []
        self.came = Replicated(settings, azure, self.store, [], [], [])

    async def replicate(
        self,
        operation: Operation = Operation.REPLICATE,
        *,
        confirmed: str = "",
        shown: str = "",
        killed_after: float | None = None,
        killed_at_write: int | None = None,
    ) -> None:
        """One process, to its end or until it is killed: so many Azure seconds after its start,
        or when Azure has taken its nth write, before the answer is back.
        """
        road = InProcessRoad(
            self.azure, self.settings.clock,
            Latency(self.settings.clock, self.scenario.seed + len(self.processes)),
        )  # fmt: skip
        process = Process(road, FencedStore(self.store.contents))
        road.onlooker = _killing(process, killed_at_write)
        self.processes.append(process)
        self.came.marks.append(len(self.came.wire))
        name = str(self.scenario.plan["plan"])
        request = RunRequest(
            plan_path=self.plan, operation=operation, run_id=new_run_id(name, operation),
            reason="test", requested_by="nobody", confirmed=confirmed, shown=shown,
        )  # fmt: skip
        before = asyncio.all_tasks()
        working = asyncio.create_task(
            run_replicate(
                request, self.settings, decide=self.decide, say=self.came.said.append,
                means=self._means(process),
            ),
            name="muster",
        )  # fmt: skip
        leaving = asyncio.create_task(process.left.wait(), name="leaving")
        await asyncio.wait(
            {working, leaving}, timeout=killed_after, return_when=asyncio.FIRST_COMPLETED
        )
        leaving.cancel()
        self.came.wire += road.log
        if not working.done():
            await self._kill(process, before)
            return
        try:
            self.came.results.append(working.result())
        except Exception as err:  # noqa: BLE001 - judged by the test
            self.came.refused.append(err)

    async def drill(self, onlooker: Onlooker) -> None:
        """A drill of the same plan by another process, to its end."""
        clock = self.settings.clock
        road = InProcessRoad(self.azure, clock, Latency(clock, self.scenario.seed + 50))
        road.onlooker = onlooker
        name = str(self.scenario.plan["plan"])
        request = RunRequest(
            plan_path=self.plan, operation=Operation.DRILL,
            run_id=new_run_id(name, Operation.DRILL), reason="test", requested_by="nobody",
        )  # fmt: skip
        means = self._means(Process(road, FencedStore(self.store.contents)))
        try:
            ended = await run_drill(request, self.settings, say=self.came.said.append, means=means)
            self.came.results.append(ended)
        except Exception as err:  # noqa: BLE001 - judged by the test
            self.came.refused.append(err)

    async def by_hand(self, do: Callable[[Gateway, Decision], Any]) -> None:
        """Let somebody do something in the portal; it is not in `wire`."""
        clock = self.settings.clock
        road = InProcessRoad(self.azure, clock, Latency(clock, self.scenario.seed + 99))
        plan = RecoveryPlan.model_validate(dict(self.scenario.plan))
        async with open_gateway(self.settings, road) as gateway:
            decision = await decided(gateway, plan, self.settings.subscription or "")
            await do(gateway, decision)

    def interrupt_after(self, seconds: float) -> None:
        """Press Ctrl-C, so many Azure seconds from now."""
        self._pressing = asyncio.create_task(self._press(seconds), name="Ctrl-C")

    async def _press(self, seconds: float) -> None:
        await self.settings.clock.sleep(timedelta(seconds=seconds))
        self.loop.interrupt(signal.SIGINT)

    def _means(self, process: Process) -> Means:
        return Means(
            store=lambda _: process.store,
            gateway=lambda settings: open_gateway(settings, process.road),
            leave=process.leave,
        )

    async def _kill(self, process: Process, before: set[asyncio.Task[Any]]) -> None:
        process.leave(-9)
        azures = self.azure.front.desk._tasks
        gone = asyncio.all_tasks() - before - azures - {asyncio.current_task()}
        gone = {task for task in gone if task.get_name() != "keeping the state"}
        for task in gone:
            task.cancel()
        await asyncio.wait(gone, timeout=LONGEST.total_seconds())


def _killing(process: Process, nth: int | None) -> Onlooker | None:
    """Ends a process in the middle of a send: Azure has it, and nobody hears that."""
    left = count(1)

    def look(_: Azure, __: Exchange) -> None:
        if next(left) == nth:
            process.leave(-9)

    return look if nth is not None else None


def fault(call: str, calls: str, **do: Any) -> Fault:
    """What befalls some calls of a kind, counted from 1: `answer` in place of doing them …"""
    rule = {"name": "odd", "on": {"call": call}, "calls": calls, "do": do}
    facts = {"faults": "odd", "title": "Azure answers oddly", "rules": [rule]}
    return Fault(FaultFacts.model_validate(facts), "")


def replicated(
    scenario: Scenario, script: Callable[[Bench], Any], faults: tuple[Fault, ...] = ()
) -> Replicated:
    """Let a script start processes upon a scenario's world, in virtual time."""
    with TemporaryDirectory(prefix="muster-plan-") as folder:
        plan = write_plan(Path(folder), scenario)

        async def whole(loop: VirtualLoop) -> Replicated:
            settings = settings_for(plan.parent, scenario, loop)
            facts = facts_of(dict(scenario.world))
            every = (*named(scenario.faults), *faults)
            async with azure_in_process(facts, loop, every) as azure:
                bench = Bench(scenario, plan, settings, azure, loop)
                await script(bench)
                return bench.came

        return run_virtually(whole, start=START, lasting=timedelta(days=30).total_seconds())
