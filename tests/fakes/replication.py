"""The fake's set-up of a vault, and the protection of its VMs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from muster.gateway.ids import key_of, parse_id
from muster.gateway.kinds import NotFound, Refused
from muster.gateway.parse_item import parse_item
from muster.gateway.parse_setup import (
    parse_container,
    parse_fabric,
    parse_mapping,
    parse_network_mapping,
    parse_policy,
)
from muster.gateway.values import Accepted, Job, Json, Resource, VaultRef
from muster.gateway.values_setup import Eligibility, VaultSetup
from tests.fakes.site_recovery import FakeSiteRecovery, _Running

SETUP_TAKES = timedelta(seconds=60)
ENABLING_TAKES = timedelta(minutes=7)
FIRST_COPY_TAKES = timedelta(minutes=20)
IDLE = ("UnplannedFailover", "DisableProtection", "TestFailover")


class FakeReplication(FakeSiteRecovery):
    """Set-up is kept as ARM bodies in `world.setup`, by `key_of(id)`."""

    async def vault_setup(self, vault: VaultRef) -> VaultSetup | None:
        self._read()
        if await self.vault(vault) is None:
            return None
        kept = list(self.world.setup.values())

        def of(kind: str) -> list[Json]:
            return [raw for raw in kept if parse_id(str(raw["id"])).types[-1] == kind]

        return VaultSetup(
            fabrics=tuple(map(parse_fabric, of("replicationFabrics"))),
            containers=tuple(map(parse_container, of("replicationProtectionContainers"))),
            mappings=tuple(map(parse_mapping, of("replicationProtectionContainerMappings"))),
            policies=tuple(map(parse_policy, of("replicationPolicies"))),
            network_mappings=tuple(map(parse_network_mapping, of("replicationNetworkMappings"))),
            items=tuple(self.world.items.values()),
        )

    async def setup_part(self, part_id: str) -> Resource | None:
        self._read()
        raw = self.world.setup.get(key_of(part_id))
        if raw is None:
            return None
        arm = parse_id(part_id)
        return Resource(part_id, arm.name, arm.type, None, {}, raw["properties"], raw)

    async def eligibility(self, vm_id: str) -> Eligibility:
        self._read()
        if key_of(vm_id) not in self.world.vms:
            raise NotFound(f"VM {vm_id} does not exist", status=404)
        return Eligibility(vm_id, self.world.ineligible.get(parse_id(vm_id).name, ()))

    async def is_storage_name_taken(self, subscription: str, name: str) -> bool:
        self._read()
        accounts = (one for one in self.world.resources.values() if "/storageAccounts/" in one.id)
        return any(one.name == name for one in accounts)

    async def make_vault(self, vault: VaultRef, region: str, *, within: timedelta) -> Resource:
        self._act("make_vault", vault.id, region=region)
        self.world.vault_there = True
        found = await self.vault(vault)
        assert found is not None
        return found

    async def make_fabric(self, vault: VaultRef, name: str, region: str) -> Accepted:
        part_id = f"{vault.id}/replicationFabrics/{name}"
        details = {"instanceType": "Azure", "location": region}
        return self._setting_up("make_fabric", "CreateSite", part_id, {"customDetails": details})

    async def make_container(self, fabric_id: str, name: str) -> Accepted:
        self._known(fabric_id)
        part_id = f"{fabric_id}/replicationProtectionContainers/{name}"
        return self._setting_up("make_container", "CreateCloud", part_id, {"friendlyName": name})

    async def make_policy(
        self,
        vault: VaultRef,
        name: str,
        *,
        app_consistent_every: timedelta,
        keep_recovery_points: timedelta,
        multi_vm_sync: bool,
        change: bool,
    ) -> Accepted:
        part_id = f"{vault.id}/replicationPolicies/{name}"
        details = {
            "instanceType": "A2A",
            "appConsistentFrequencyInMinutes": app_consistent_every / timedelta(minutes=1),
            "recoveryPointHistory": keep_recovery_points / timedelta(minutes=1),
            "multiVmSyncStatus": "Enabled" if multi_vm_sync else "Disabled",
        }
        scenario = "ModifyProtectionProfile" if change else "AddProtectionProfile"
        body = {"providerSpecificDetails": details}
        return self._setting_up("make_policy", scenario, part_id, body)

    async def map_containers(
        self, container_id: str, name: str, target_container_id: str, policy_id: str
    ) -> Accepted:
        for needed in (container_id, target_container_id, policy_id):
            self._known(needed)
        part_id = f"{container_id}/replicationProtectionContainerMappings/{name}"
        body = {
            "targetProtectionContainerId": target_container_id,
            "policyId": policy_id,
            "state": "Paired",
        }
        return self._setting_up("map_containers", "AssociateProtectionProfile", part_id, body)

    async def map_networks(
        self,
        fabric_id: str,
        name: str,
        recovery_fabric: str,
        networks: tuple[str, str],
        *,
        change: bool,
    ) -> Accepted:
        self._known(fabric_id)
        part_id = f"{fabric_id}/replicationNetworks/azureNetwork/replicationNetworkMappings/{name}"
        body = {
            "primaryNetworkId": networks[0].lower(),
            "recoveryNetworkId": networks[1].lower(),
            "state": "Paired",
        }
        return self._setting_up("map_networks", "NetworkPairing", part_id, body)

    async def enable_protection(self, item_id: str, properties: Json) -> Accepted:
        self._act("enable_protection", item_id, properties=properties)
        asked = properties["providerSpecificDetails"]
        vm_id = str(asked["fabricObjectId"])
        name = parse_id(vm_id).name
        if name in self.world.items or key_of(vm_id) not in self.world.vms:
            raise Refused(f"{name} cannot be protected", status=400)
        item = parse_item(_draft(item_id, name, asked))
        self.world.items[name] = item
        error = self.world.failing_enables.get(name)

        def enabled() -> None:
            if error is not None:
                del self.world.items[name]
                return
            due = self.clock.now() + FIRST_COPY_TAKES
            self.world.first_copies[name] = due
            self._change(self.world.items[name], current_job_id=None,
                protection_state="InitialReplicationInProgress")  # fmt: skip

        return self._begun("EnableDr", name, ENABLING_TAKES, enabled, error)

    async def update_item(self, item_id: str, properties: Json) -> Accepted:
        self._act("update_item", item_id, properties=properties)
        item = self._must("TestFailover", item_id)
        return self._begun("UpdateVmProperties", item.friendly_name, SETUP_TAKES, lambda: None)

    async def add_disks(self, item_id: str, disks: tuple[Json, ...]) -> Accepted:
        self._act("add_disks", item_id, disks=disks)
        item = self._must("TestFailover", item_id)
        ids = tuple(str(disk["diskId"]) for disk in disks)

        def added() -> None:
            now = self.world.items[item.friendly_name]
            self._change(now, source_disk_ids=(*now.source_disk_ids, *ids))

        return self._begun("AddDisks", item.friendly_name, SETUP_TAKES, added)

    async def disable_protection(self, item_id: str) -> Accepted:
        self._act("disable_protection", item_id)
        item = self._must("DisableProtection", item_id)
        name = item.friendly_name
        return self._begun(
            "DisableDr", name, SETUP_TAKES, lambda: self.world.items.pop(name) and None
        )

    def _setting_up(self, kind: str, scenario: str, part_id: str, body: Json) -> Accepted:
        self._act(kind, part_id, body=body)
        raw = {"id": part_id, "name": parse_id(part_id).name, "properties": dict(body)}

        def there() -> None:
            self.world.setup[key_of(part_id)] = raw

        return self._begun(scenario, raw["name"], SETUP_TAKES, there)

    def _begun(
        self,
        scenario: str,
        about: str,
        takes: timedelta,
        effect: Callable[[], None],
        error: str | None = None,
    ) -> Accepted:
        number = len(self.all_jobs) + 1
        name = f"{scenario.casefold()}-{number}"
        job_id = f"{self.world.vault.id}/replicationJobs/{name}"
        now = self.clock.now()
        job = Job(
            job_id, name, scenario, "InProgress", now, None, about, None, (), (), (),
            {"id": job_id},
        )  # fmt: skip
        hangs = about in self.world.jobs_that_hang
        due = now + (timedelta(days=365) if hangs else takes)
        self.all_jobs[key_of(job_id)] = _Running(about, scenario, job, due, "", "", effect, error)
        return Accepted(job_id, f"correlation-{name}", job_id)

    def _known(self, part_id: str) -> None:
        if key_of(part_id) not in self.world.setup:
            raise NotFound(f"{part_id} does not exist", status=404)

    def _settle(self) -> None:
        super()._settle()
        for name, due in list(self.world.first_copies.items()):
            if due <= self.clock.now() and name in self.world.items:
                del self.world.first_copies[name]
                item = self.world.items[name]
                self._change(item, protection_state="Protected", allowed_operations=IDLE)


def _draft(item_id: str, name: str, asked: Json) -> Json:
    disks = [{"diskId": disk["diskId"]} for disk in asked["vmManagedDisks"]]
    details = {
        "instanceType": "A2A",
        "fabricObjectId": asked["fabricObjectId"],
        "recoveryAzureResourceGroupId": asked["recoveryResourceGroupId"],
        "protectedManagedDisks": disks,
        "osType": "Linux",
    }
    return {
        "id": item_id,
        "name": parse_id(item_id).name,
        "properties": {
            "friendlyName": name,
            "protectionState": "UnprotectedStatesBegin",
            "allowedOperations": ["DisableProtection"],
            "providerSpecificDetails": details,
        },
    }
