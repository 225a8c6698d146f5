"""The fake's ARM: any resource by id, groups, types, permissions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.kinds import Conflict, NotFound
from muster.gateway.values import Json, Permission, Resource, VirtualMachine
from tests.fakes.desk import FakeDesk

_FAMILY = "standardFamily"  # the fake has one of them


def _usage(name: str) -> Json:
    return {"name": {"value": name}, "currentValue": 1, "limit": 1_000, "unit": "Count"}


def _sku(size: str) -> Json:
    return {
        "resourceType": "virtualMachines", "name": size, "family": _FAMILY,
        "capabilities": [{"name": "vCPUs", "value": "2"}], "restrictions": [],
    }  # fmt: skip


def _row(found: Resource) -> Json:
    """A resource as a list shows it; its fields count, whatever its `raw` says."""
    told = {"id": found.id, "name": found.name, "type": found.type, "location": found.location}
    return {**found.raw, **told, "tags": found.tags, "properties": found.properties}


def _powered(vm: VirtualMachine) -> Json:
    """A VM as a list with `statusOnly=true` shows it."""
    power = {"code": f"PowerState/{vm.power_state or 'running'}"}
    return {"id": vm.id, "name": vm.name, "properties": {"instanceView": {"statuses": [power]}}}


def _lists(bare: str, found: Resource) -> bool:
    """Whether a list (its path in small letters) is one of a resource's type and place."""
    collection, _, _ = key_of(found.id).rpartition("/")
    in_a_group = collection == bare
    in_all = "/resourcegroups/" not in bare and bare.rpartition("/providers/")[2] == (
        found.type.casefold()
    )
    return in_a_group or in_all


class FakeArm(FakeDesk):
    """Reads and writes the world's `resources`; its VMs show as resources too."""

    async def resource(self, resource_id: str) -> Resource | None:
        self._read(resource_id)
        return self.world.resources.get(key_of(resource_id))

    async def put_resource(
        self, resource_id: str, body: Json, *, within: timedelta, only_new: bool = False
    ) -> Resource:
        self._act("put_resource", resource_id, body=body)
        if only_new and key_of(resource_id) in self.world.resources:
            raise Conflict(f"{resource_id} exists", status=412, azure_code="PreconditionFailed")
        arm = parse_id(resource_id)
        properties = {**body.get("properties", {}), "provisioningState": "Succeeded"}
        for kind in ("subnets", "securityRules", "routes"):
            if kind in properties:
                properties[kind] = [
                    {**part, "id": f"{resource_id}/{kind}/{part['name']}"}
                    for part in properties[kind]
                ]
        raw = {**body, "id": resource_id, "name": arm.name, "type": arm.type}
        tags = body.get("tags", {})
        made = Resource(
            resource_id, arm.name, arm.type, body.get("location"), tags, properties,
            {**raw, "properties": properties},
        )  # fmt: skip
        return self.world.add(made)

    async def delete_resource(self, resource_id: str, *, within: timedelta) -> None:
        self._act("delete_resource", resource_id)
        self.world.resources.pop(key_of(resource_id), None)
        self.world.vms.pop(key_of(resource_id), None)

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        self._read(group_id)
        if key_of(group_id) not in self.world.resources:
            raise NotFound(f"Group {group_id} does not exist", status=404)
        inside = key_of(group_id) + "/providers/"
        return tuple(
            replace(found, properties={}, raw={})
            for key, found in self._everything().items()
            if key.startswith(inside) and len(parse_id(found.id).types) == 1
        )

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        self._read()
        return tuple(
            replace(found, properties={}, raw={})
            for found in self._everything().values()
            if found.type.casefold() == arm_type.casefold()
            and same_id(parse_id(found.id).subscription, subscription)
        )

    async def collection(self, path: str) -> tuple[Json, ...]:
        bare = key_of(path.partition("?")[0])
        self._read(bare)
        if bare in self.world.lists:
            return self.world.lists[bare]
        if bare.endswith("/microsoft.compute/virtualmachines"):
            return tuple(map(_powered, self.world.vms.values()))
        if bare.endswith("/usages"):
            return tuple(_usage(name) for name in ("cores", "virtualMachines", "NetworkInterfaces",
                "VirtualNetworks", "NetworkSecurityGroups", "RouteTables", _FAMILY))  # fmt: skip
        if bare.endswith("/skus"):
            sizes = [vm.size for vm in self.world.vms.values()]
            sizes += [item.recovery_size or "" for item in self.world.items.values()]
            return tuple(map(_sku, dict.fromkeys(sizes)))
        return tuple(
            _row(found)
            for key, found in self._everything().items()
            if key.startswith(bare.rpartition("/providers/")[0]) and _lists(bare, found)
        )

    async def subscriptions(self) -> tuple[str, ...]:
        self._read("/subscriptions")
        return self.world.subscriptions

    async def permissions(self, scope: str) -> tuple[Permission, ...]:
        self._read(scope)
        return self.world.permissions

    def _everything(self) -> dict[str, Resource]:
        kind = "Microsoft.Compute/virtualMachines"
        machines = {
            key: Resource(vm.id, vm.name, kind, vm.location, vm.tags)
            for key, vm in self.world.vms.items()
        }
        return {**self.world.resources, **machines}
