"""The small simulated world, read as the gateway would read it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from muster.errors import GatewayError
from muster.gateway.parse import parse_resource
from muster.gateway.parse_compute import parse_vm
from muster.gateway.parse_item import parse_item
from muster.gateway.parse_setup import (
    parse_container,
    parse_eligibility,
    parse_fabric,
    parse_mapping,
    parse_network_mapping,
    parse_policy,
)
from muster.gateway.values import ProtectedItem, Resource, VaultRef, VirtualMachine
from muster.gateway.values_setup import Eligibility, VaultSetup
from muster.plan.model import RecoveryPlan
from muster.replication.found import Found
from muster.replication.surveying import read_found
from tests.unit.replication.source_world import small_plan
from tests.unit.simulator.bench import Bench
from tests.unit.simulator.conftest import SUBSCRIPTION

ELIGIBILITY = "Microsoft.RecoveryServices/replicationEligibilityResults"
MISSING = (404,)


class Simulated:
    """The small simulated world, read as the gateway would; what `barred` names is refused."""

    def __init__(self, *barred: str) -> None:
        self._bench = Bench()
        self._barred = tuple(map(str.casefold, barred))
        self.asked: list[str] = []

    def _get(self, path: str, **query: str) -> Any:
        self.asked.append(path)
        if any(word in path.casefold() for word in self._barred):
            raise GatewayError(f"{path}: AuthorizationFailed")
        status, body, _ = self._bench.ask("GET", path, **query)
        return None if status in MISSING else body

    def _list(self, path: str) -> list[Any]:
        return list((self._get(path) or {"value": []})["value"])

    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None:
        expand = {"$expand": "instanceView"} if instance_view else {}
        raw = self._get(vm_id, **expand)
        return parse_vm(raw, instance_view=instance_view) if raw else None

    async def resource(self, resource_id: str) -> Resource | None:
        raw = self._get(resource_id)
        return parse_resource(raw) if raw else None

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        return tuple(map(parse_resource, self._list(f"{group_id}/resources")))

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        every = self._list(f"/subscriptions/{subscription}/resources")
        return tuple(
            parse_resource(one) for one in every if one["type"].casefold() == arm_type.casefold()
        )

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        return tuple(map(parse_item, self._list(f"{vault.id}/replicationProtectedItems")))

    async def vault_setup(self, vault: VaultRef) -> VaultSetup | None:
        if self._get(vault.id) is None:
            return None
        listed = partial(self._part, vault.id)
        return VaultSetup(
            fabrics=listed("replicationFabrics", parse_fabric),
            containers=listed("replicationProtectionContainers", parse_container),
            mappings=listed("replicationProtectionContainerMappings", parse_mapping),
            policies=listed("replicationPolicies", parse_policy),
            network_mappings=listed("replicationNetworkMappings", parse_network_mapping),
            items=listed("replicationProtectedItems", parse_item),
        )

    def _part(self, vault_id: str, name: str, parse: Callable[[Any], Any]) -> tuple[Any, ...]:
        return tuple(map(parse, self._list(f"{vault_id}/{name}")))

    async def subscriptions(self) -> tuple[str, ...]:
        return tuple(one["subscriptionId"] for one in self._list("/subscriptions"))

    async def eligibility(self, vm_id: str) -> Eligibility:
        return parse_eligibility(vm_id, self._get(f"{vm_id}/providers/{ELIGIBILITY}/default"))

    async def is_storage_name_taken(self, subscription: str, name: str) -> bool:
        path = f"/subscriptions/{subscription}/providers/Microsoft.Storage/checkNameAvailability"
        if any(word in path.casefold() for word in self._barred):
            raise GatewayError(f"{path}: AuthorizationFailed")
        _, body, _ = self._bench.ask("POST", path, {"name": name})
        return body["nameAvailable"] is False


PLACES = {
    "source": {"region": "eastus", "resource_group": "rg-app", "network": "vnet"},
    "target": {"region": "westus2", "resource_group": "rg-asr"},
    "vault": {"resource_group": "rg-dr", "name": "rsv"},
}
SUB_ID = SUBSCRIPTION.rpartition("/")[2]


async def surveyed(reads: Simulated, *vms: Any, **keys: Any) -> tuple[RecoveryPlan, Found]:
    plan = small_plan(*(vms or ("Sql1", "web1")), **{**PLACES, **keys})
    return plan, await read_found(reads, plan, SUB_ID)
