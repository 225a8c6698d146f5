"""What sets a vault up: fabrics, containers, policies, mappings; bodies as recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from muster.clock import Clock
from muster.gateway.accepting import CONTAINER, FABRIC, accepted, place_of
from muster.gateway.connections import Connections
from muster.gateway.ids import parse_id
from muster.gateway.kinds import ResourceFailed
from muster.gateway.parse import parse_resource, text_of
from muster.gateway.resources import ONLY_NEW
from muster.gateway.retry import REPEATABLE
from muster.gateway.translate import in_our_words
from muster.gateway.values import Accepted, Resource, VaultRef
from muster.gateway.waiting import poll_until

AZURE_NETWORK = "azureNetwork"  # the one network of every Azure fabric, literally so
VAULT_TAKES = timedelta(seconds=30)
_SETTLING = {"provisioning", "creating", "updating", "accepted"}


class SetupWrites:
    """Every name is the caller's: what was sent twice is there once."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    async def make_vault(self, vault: VaultRef, region: str, *, within: timedelta) -> Resource:
        """Create a vault; returns when it is usable. It knows no job."""
        client: Any = self._connections.vaults(vault.subscription).vaults
        at = (vault.resource_group, vault.name)
        body: dict[str, Any] = {
            "location": region,
            "sku": {"name": "RS0", "tier": "Standard"},
            "properties": {"publicNetworkAccess": "Enabled"},
        }
        options: dict[str, Any] = {REPEATABLE: True, "polling": False, "headers": ONLY_NEW}
        with in_our_words(f"Creating vault {vault.name}"):
            await client.begin_create_or_update(*at, body, **options)

        async def read() -> Resource:
            with in_our_words(f"Reading vault {vault.name}"):
                return parse_resource((await client.get(*at)).as_dict())

        made = await poll_until(
            self._clock,
            read,
            lambda found: _state(found) not in _SETTLING,
            what=f"Creating vault {vault.name}",
            shown=_state,
            expected=VAULT_TAKES,
            within=within,
        )
        if _state(made) != "succeeded":
            raise ResourceFailed(f"Creating vault {vault.name} ended as {_state(made)}")
        return made

    async def make_fabric(self, vault: VaultRef, name: str, region: str) -> Accepted:
        client = self._connections.site_recovery(vault.subscription).replication_fabrics
        body = {"properties": {"customDetails": {"instanceType": "Azure", "location": region}}}
        return await accepted(
            f"Registering {region} with vault {vault.name} as fabric {name}",
            vault,
            client.begin_create,
            name,
            body,
        )

    async def make_container(self, fabric_id: str, name: str) -> Accepted:
        vault, path = place_of(fabric_id, FABRIC)
        client = self._connections.site_recovery(vault.subscription)
        body = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}
        return await accepted(
            f"Creating protection container {name}",
            vault,
            client.replication_protection_containers.begin_create,
            *path,
            name,
            body,
        )

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
        client = self._connections.site_recovery(vault.subscription).replication_policies
        terms = {
            "instanceType": "A2A",
            "recoveryPointHistory": _minutes(keep_recovery_points),
            "appConsistentFrequencyInMinutes": _minutes(app_consistent_every),
            "crashConsistentFrequencyInMinutes": 5,  # fixed by Azure
            "multiVmSyncStatus": "Enable" if multi_vm_sync else "Disable",
        }
        key = "replicationProviderSettings" if change else "providerSpecificInput"
        begin = client.begin_update if change else client.begin_create
        body = {"properties": {key: terms}}
        return await accepted(
            f"{'Changing' if change else 'Creating'} replication policy {name}",
            vault,
            begin,
            name,
            body,
        )

    async def map_containers(
        self, container_id: str, name: str, target_container_id: str, policy_id: str
    ) -> Accepted:
        vault, path = place_of(container_id, CONTAINER)
        client = self._connections.site_recovery(vault.subscription)
        body = {
            "properties": {
                "policyId": policy_id,
                "targetProtectionContainerId": target_container_id,
                "providerSpecificInput": {
                    "instanceType": "A2A",
                    "agentAutoUpdateStatus": "Disabled",
                },
            }
        }
        return await accepted(
            f"Mapping container {path[-1]} to {parse_id(target_container_id).name}",
            vault,
            client.replication_protection_container_mappings.begin_create,
            *path,
            name,
            body,
        )

    async def map_networks(
        self,
        fabric_id: str,
        name: str,
        recovery_fabric: str,
        networks: tuple[str, str],
        *,
        change: bool,
    ) -> Accepted:
        vault, path = place_of(fabric_id, FABRIC)
        client = self._connections.site_recovery(vault.subscription).replication_network_mappings
        source, target = networks
        body = {
            "properties": {
                "recoveryFabricName": recovery_fabric,
                "recoveryNetworkId": target,
                "fabricSpecificDetails": {
                    "instanceType": "AzureToAzure",
                    "primaryNetworkId": source,
                },
            }
        }
        begin = client.begin_update if change else client.begin_create
        return await accepted(
            f"Mapping network {parse_id(source).name} to {parse_id(target).name}",
            vault,
            begin,
            *path,
            AZURE_NETWORK,
            name,
            body,
        )


def _state(resource: Resource) -> str:
    return text_of(resource.properties.get("provisioningState")).casefold()


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
