"""The unmodified SDK sets up a vault, reads it all back without loss, and takes it down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservices.aio import RecoveryServicesClient
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient

from .conftest import CONTAINER, FABRIC, ITEMS, Azure, running
from .vault_setup import (
    A2A_CONTAINER,
    MAPPINGS,
    NETWORK_MAPPINGS,
    NEW,
    POLICY,
    SOURCE,
    TARGET,
    VNET_ASR,
    become_operator,
    fabric,
    mapping,
    networks,
    operator,
    policy,
)

FRESH, RSV = ("rg-dr", "fresh"), ("rg-dr", "rsv")


@pytest.fixture
async def fast_azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """Several minutes of Azure pass in this test."""
    async with running(tmp_path / "state", speed=3600.0) as found:
        yield found


async def result(operation: Any) -> Any:
    return await (await operation).result()


async def all_of(pages: Any) -> list[Any]:
    return [each async for each in pages]


async def set_up(azure: Azure, client: Any) -> None:
    """Everything that a vault needs before a VM is protected, in both directions."""
    vaults = await operator(azure, RecoveryServicesClient)
    body = {"location": "westus2", "sku": {"name": "Standard"}, "properties": {}}
    await result(vaults.vaults.begin_create_or_update(*FRESH, body))
    for name, location in (("east", "eastus"), ("west", "westus2")):
        made = await result(
            client.replication_fabrics.begin_create(*FRESH, name, fabric(location))
        )
        assert made.properties.custom_details.location == location
    containers = client.replication_protection_containers
    await result(containers.begin_create(*FRESH, "east", "source", A2A_CONTAINER))
    await result(containers.begin_create(*FRESH, "west", "target", A2A_CONTAINER))
    made = await result(client.replication_policies.begin_create(*FRESH, "daily", policy()))
    assert made.properties.provider_specific_details.multi_vm_sync_status == "Enabled"
    mappings = client.replication_protection_container_mappings
    await result(mappings.begin_create(*FRESH, "east", "source", "there", mapping()))
    await result(mappings.begin_create(*FRESH, "west", "target", "back", mapping(SOURCE)))
    await result(
        client.replication_network_mappings.begin_create(
            *FRESH, "east", "azureNetwork", "net", networks()
        )
    )


async def test_the_sdk_sets_up_a_vault_and_takes_it_down(fast_azure: Azure) -> None:
    azure = fast_azure
    await become_operator(azure)
    client = await operator(azure, SiteRecoveryManagementClient)
    await set_up(azure, client)

    for model, path in (
        (await client.replication_fabrics.get(*FRESH, "east"), f"{NEW}/replicationFabrics/east"),
        (await client.replication_protection_containers.get(*FRESH, "east", "source"), SOURCE),
        (await client.replication_policies.get(*FRESH, "daily"), POLICY),
        (
            await client.replication_protection_container_mappings.get(
                *FRESH, "west", "target", "back"
            ),
            f"{TARGET}/{MAPPINGS}/back",
        ),
        (
            await client.replication_network_mappings.get(*FRESH, "east", "azureNetwork", "net"),
            f"{NETWORK_MAPPINGS}/net",
        ),
    ):
        assert model.as_dict() == await azure.get(path), path

    mappings = client.replication_protection_container_mappings
    assert len(await all_of(client.replication_fabrics.list(*FRESH))) == 2
    assert len(await all_of(client.replication_policies.list(*FRESH))) == 1
    assert len(await all_of(client.replication_protection_containers.list(*FRESH))) == 2
    by_container = mappings.list_by_replication_protection_containers(*FRESH, "east", "source")
    assert len(await all_of(by_container)) == 2
    assert len(await all_of(mappings.list(*FRESH))) == 2
    assert len(await all_of(client.replication_network_mappings.list(*FRESH))) == 1
    jobs = await all_of(client.replication_jobs.list(*FRESH))
    assert [job.properties.scenario_name for job in jobs] == [
        "NetworkPairing",
        "AssociateProtectionProfile",
        "AssociateProtectionProfile",
        "AddProtectionProfile",
        "CreateCloud",
        "CreateCloud",
        "CreateSite",
        "CreateSite",
    ]

    await result(mappings.begin_delete(*FRESH, "east", "source", "there", {"properties": {}}))
    await result(mappings.begin_purge(*FRESH, "west", "target", "back"))
    await result(
        client.replication_network_mappings.begin_delete(*FRESH, "east", "azureNetwork", "net")
    )
    containers = client.replication_protection_containers
    await result(containers.begin_delete(*FRESH, "east", "source"))
    await result(containers.begin_delete(*FRESH, "west", "target"))
    await result(client.replication_policies.begin_delete(*FRESH, "daily"))
    await result(client.replication_fabrics.begin_delete(*FRESH, "east"))
    await result(client.replication_fabrics.begin_purge(*FRESH, "west"))
    assert await all_of(client.replication_fabrics.list(*FRESH)) == []
    vaults = await operator(azure, RecoveryServicesClient)
    await result(vaults.vaults.begin_delete(*FRESH))


async def test_set_up_of_a_world_file_looks_like_set_up_that_was_made(fast_azure: Azure) -> None:
    azure = fast_azure
    client = await operator(azure, SiteRecoveryManagementClient)
    await set_up(azure, client)

    def shape(value: Any) -> Any:
        """Keys and types, all the way down; a text and none of it count as the same."""
        if isinstance(value, dict):
            return {key: shape(each) for key, each in value.items()}
        if isinstance(value, list):
            return [shape(value[0])] if value else []
        return "text" if value is None or isinstance(value, str) else type(value).__name__

    for operations in (
        client.replication_fabrics,
        client.replication_policies,
        client.replication_protection_containers,
        client.replication_protection_container_mappings,
        client.replication_network_mappings,
        client.replication_recovery_services_providers,
        client.replication_networks,
    ):
        mine, theirs = await all_of(operations.list(*FRESH)), await all_of(operations.list(*RSV))
        assert len({str(shape(each.as_dict())) for each in (*mine, *theirs)}) == 1, operations


async def test_changes_come_through_the_sdk(fast_azure: Azure) -> None:
    azure = fast_azure
    client = await operator(azure, SiteRecoveryManagementClient)
    await set_up(azure, client)
    given = {"instanceType": "A2A", "multiVmSyncStatus": "Disable", "recoveryPointHistory": 60}
    changed = await result(
        client.replication_policies.begin_update(
            *FRESH, "daily", {"properties": {"replicationProviderSettings": given}}
        )
    )
    details = changed.properties.provider_specific_details
    assert (details.multi_vm_sync_status, details.recovery_point_history) == ("Disabled", 60)
    body = {
        "properties": {
            "providerSpecificInput": {"instanceType": "A2A", "agentAutoUpdateStatus": "Enabled"}
        }
    }
    changed = await result(
        client.replication_protection_container_mappings.begin_update(
            *FRESH, "east", "source", "there", body
        )
    )
    assert changed.properties.provider_specific_details.agent_auto_update_status == "Enabled"
    drill = VNET_ASR.replace("vnet-asr", "drill")
    changed = await result(
        client.replication_network_mappings.begin_update(
            *FRESH, "east", "azureNetwork", "net", {"properties": {"recoveryNetworkId": drill}}
        )
    )
    assert changed.properties.recovery_network_friendly_name == "drill"
    checked = await result(client.replication_fabrics.begin_check_consistency(*FRESH, "east"))
    assert checked.properties.friendly_name == "East US"


async def test_refusals_come_through_the_sdk(azure: Azure) -> None:
    client = await operator(azure, SiteRecoveryManagementClient)
    with pytest.raises(ResourceNotFoundError, match="could not be located"):
        await client.replication_fabrics.get(*RSV, "nowhere")
    with pytest.raises(HttpResponseError) as caught:
        await result(
            client.replication_policies.begin_create(
                *RSV, "rare", policy(appConsistentFrequencyInMinutes=1440)
            )
        )
    assert caught.value.status_code == 200  # the operation was accepted, and failed
    assert caught.value.error is not None
    assert caught.value.error.code == "150261"
    with pytest.raises(HttpResponseError, match="fabrics of type 'Azure'") as caught:
        await client.replication_fabrics.begin_migrate_to_aad(*RSV, FABRIC)
    assert caught.value.status_code == 400


async def test_everything_else_of_a_vault_is_read_through_the_sdk(azure: Azure) -> None:
    await become_operator(azure)
    client = await operator(azure, SiteRecoveryManagementClient)
    health = await client.replication_vault_health.get(*RSV)
    assert health.properties.protected_items_health.resource_count == 4
    refreshed = await result(client.replication_vault_health.begin_refresh(*RSV))
    assert refreshed.name == "Default"
    alert = await client.replication_alert_settings.create(
        *RSV, "defaultAlertSetting", {"properties": {"sendToOwners": "Send"}}
    )
    assert alert.properties.send_to_owners == "Send"
    assert len(await all_of(client.replication_alert_settings.list(*RSV))) == 1
    assert (await client.replication_alert_settings.get(*RSV, "defaultAlertSetting")) == alert
    setting = await result(
        client.replication_vault_setting.begin_create(
            *RSV, "default", {"properties": {"migrationSolutionId": "one"}}
        )
    )
    assert setting.properties.migration_solution_id == "one"
    assert len(await all_of(client.replication_vault_setting.list(*RSV))) == 1
    assert (await client.replication_vault_setting.get(*RSV, "default")) == setting
    systems = await client.supported_operating_systems.get(*RSV, instance_type="A2A")
    assert systems.properties.supported_os_list[0].instance_type == "A2A"
    assert await all_of(client.replication_events.list(*RSV)) == []
    assert await all_of(client.replication_protection_intents.list(*RSV)) == []
    sizes = client.target_compute_sizes.list_by_replication_protected_items(
        *RSV, FABRIC, CONTAINER, ITEMS["web1"]
    )
    assert "Standard_D2s_v5" in {size.name for size in await all_of(sizes)}
    found = await client.replication_eligibility_results.get("rg-app", "web1")
    assert found.properties.errors[0].status == "Error"
    assert len((await client.replication_eligibility_results.list("rg-app", "web1")).value) == 1
    operations = await all_of(client.operations.list("rg-dr"))
    assert any(each.name.endswith("/testFailover/action") for each in operations)
    network = await client.replication_networks.get(*RSV, FABRIC, "azureNetwork")
    assert network.properties.fabric_type == "Azure"
    in_fabric = client.replication_networks.list_by_replication_fabrics(*RSV, FABRIC)
    assert [each.name for each in await all_of(in_fabric)] == ["azureNetwork"]
    providers = client.replication_recovery_services_providers
    [provider] = await all_of(providers.list_by_replication_fabrics(*RSV, FABRIC))
    assert (await providers.get(*RSV, FABRIC, provider.name)).name == provider.name
    protectable = client.replication_protectable_items.list_by_replication_protection_containers(
        *RSV, FABRIC, CONTAINER
    )
    assert await all_of(protectable) == []
