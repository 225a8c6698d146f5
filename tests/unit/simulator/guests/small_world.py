"""A small world for the tests of guests: networks, NICs and VMs as ARM bodies in a dictionary."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.contract import Guest, ScriptAnswer, Service
from muster.simulator.guests.guests import Guests

ROOT = "/subscriptions/s1/resourceGroups/rg1/providers"
NET = f"{ROOT}/Microsoft.Network"


def vm_id(name: str) -> str:
    return f"{ROOT}/Microsoft.Compute/virtualMachines/{name}"


def network_id(name: str) -> str:
    return f"{NET}/virtualNetworks/{name}"


def nsg_id(name: str) -> str:
    return f"{NET}/networkSecurityGroups/{name}"


@dataclass
class SmallWorld:
    """A WorldView over dictionaries; bodies may be changed between questions."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)

    def resource(self, arm_id: str) -> Mapping[str, Any] | None:
        return self.bodies.get(arm_id.lower())

    def resources(self, arm_type: str) -> Sequence[Mapping[str, Any]]:
        return [b for b in self.bodies.values() if b["type"].lower() == arm_type.lower()]

    def guest(self, vm_id: str) -> Guest | None:
        return self.guests.get(vm_id.lower())

    def put(self, arm_id: str, arm_type: str, properties: dict[str, Any]) -> dict[str, Any]:
        body = {
            "id": arm_id,
            "name": arm_id.rpartition("/")[2],
            "type": arm_type,
            "properties": properties,
        }
        self.bodies[arm_id.lower()] = body
        return properties

    def network(self, name: str, space: str, **subnets: str) -> str:
        arm_id = network_id(name)
        rows = [
            {
                "id": f"{arm_id}/subnets/{subnet}",
                "name": subnet,
                "properties": {"addressPrefix": prefix},
            }
            for subnet, prefix in subnets.items()
        ]
        properties = {
            "addressSpace": {"addressPrefixes": [space]},
            "subnets": rows,
            "virtualNetworkPeerings": [],
        }
        self.put(arm_id, "Microsoft.Network/virtualNetworks", properties)
        return arm_id

    def subnet(self, network: str, name: str) -> dict[str, Any]:
        rows = self.bodies[network_id(network).lower()]["properties"]["subnets"]
        return next(row["properties"] for row in rows if row["name"] == name)

    def peer(self, one: str, other: str, state: str = "Connected", both: bool = True) -> None:
        sides = [(one, other), (other, one)] if both else [(one, other)]
        for near, far in sides:
            rows = self.bodies[network_id(near).lower()]["properties"]["virtualNetworkPeerings"]
            remote = {"id": network_id(far)}
            properties = {"peeringState": state, "remoteVirtualNetwork": remote}
            rows.append({"name": f"to-{far}", "properties": properties})

    def nsg(self, name: str, *rules: dict[str, Any]) -> dict[str, str]:
        rows = [{"name": r.pop("name", f"r{i}"), "properties": r} for i, r in enumerate(rules)]
        arm_id = nsg_id(name)
        kind = "Microsoft.Network/networkSecurityGroups"
        self.put(arm_id, kind, {"securityRules": rows})
        return {"id": arm_id}

    def routes(self, name: str, *rows: tuple[str, str]) -> dict[str, str]:
        arm_id = f"{NET}/routeTables/{name}"
        routes = [
            {"name": f"r{i}", "properties": {"addressPrefix": prefix, "nextHopType": hop}}
            for i, (prefix, hop) in enumerate(rows)
        ]
        self.put(arm_id, "Microsoft.Network/routeTables", {"routes": routes})
        return {"id": arm_id}

    def vm(
        self,
        name: str,
        network: str,
        subnet: str,
        address: str,
        *services: Service,
        os: str = "linux",
        scripts: Sequence[ScriptAnswer] = (),
        data_as_of: datetime | None = None,
        writer: str = "",
    ) -> str:
        arm_id, nic_id = vm_id(name), f"{NET}/networkInterfaces/{name}-nic"
        configuration = {
            "privateIPAddress": address,
            "subnet": {"id": f"{network_id(network)}/subnets/{subnet}"},
        }
        nic = {"ipConfigurations": [{"name": "ip", "properties": configuration}]}
        self.put(nic_id, "Microsoft.Network/networkInterfaces", nic)
        profile = {"networkInterfaces": [{"id": nic_id}]}
        self.put(arm_id, "Microsoft.Compute/virtualMachines", {"networkProfile": profile})
        self.guests[arm_id.lower()] = Guest(
            vm_id=arm_id,
            name=name,
            os=os,
            services=services,
            scripts=scripts,
            data_as_of=data_as_of,
            writer=writer or name,
        )
        return arm_id

    def nic(self, name: str) -> dict[str, Any]:
        return self.bodies[f"{NET}/networkInterfaces/{name}-nic".lower()]["properties"]

    def change(self, vm: str, **changes: Any) -> None:
        self.guests[vm.lower()] = replace(self.guests[vm.lower()], **changes)


def rule(access: str, direction: str, priority: int, **more: Any) -> dict[str, Any]:
    """A security rule over all addresses, ports and protocols, but for `more`."""
    return {
        "access": access,
        "direction": direction,
        "priority": priority,
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        **more,
    }


def clock(speed: float) -> AzureTime:
    return AzureTime(epoch=time.time(), speed=speed)


@asynccontextmanager
async def running(
    world: SmallWorld,
    folder: Path,
    *vms: str,
    speed: float = 600.0,
    trusted: frozenset[str] = frozenset(),
    worker: tuple[str, str] | None = None,
):
    """Guests of a world with some VMs on; everything is closed at the end."""
    guests = Guests(world, clock(speed), trusted, folder, worker)
    await guests.start()
    try:
        for vm in vms:
            await guests.power_on(vm)
        yield guests
    finally:
        await guests.stop()
