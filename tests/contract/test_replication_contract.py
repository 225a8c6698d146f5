"""From a vault without set-up to a protected VM: the fake, and the SDKs on the simulator."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from muster.clock import Clock
from muster.gateway.ids import same_id
from muster.gateway.kinds import AzureError
from muster.gateway.open import open_gateway
from muster.gateway.port import Gateway
from muster.gateway.values import Accepted, VaultRef
from muster.settings import settings_from
from tests.builders import a_plan
from tests.fakes.clock import VirtualClock
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import world_for
from tests.simulator_process import PROXIES, WORLDS, running_simulator

HOUR = timedelta(hours=1)
REGIONS = ("eastus", "westus2")


@dataclass(frozen=True)
class Ground:
    """A gateway upon a world in which nothing is protected."""

    gateway: Gateway
    clock: Clock
    vault: VaultRef
    source_group: str
    target_group: str
    networks: tuple[str, str]
    vm_id: str

    def fabric(self, region: str) -> str:
        return f"{self.vault.id}/replicationFabrics/f-{region}"

    def container(self, region: str) -> str:
        return f"{self.fabric(region)}/replicationProtectionContainers/c-{region}"

    @property
    def policy(self) -> str:
        return f"{self.vault.id}/replicationPolicies/daily"

    @property
    def item(self) -> str:
        return f"{self.container('eastus')}/replicationProtectedItems/web1-item"

    async def done(self, accepted: Accepted) -> None:
        job = await self.gateway.job_ended(
            accepted.job_id, expected=timedelta(seconds=60), within=HOUR
        )
        assert job.succeeded, job.errors


@pytest.fixture(scope="module")
def bare_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    state = tmp_path_factory.mktemp("bare")
    text = (WORLDS / "contoso.world.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?ms)^vaults:.*?(?=^automation:)", "", text)
    text = text.replace("client: muster-drill", "client: muster-operator")
    world = state / "bare.world.yaml"
    world.write_text(text, encoding="utf-8")
    with running_simulator(world, state / "state", 600) as settings:
        yield settings


@pytest.fixture(params=["fake", "simulator"])
async def ground(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Ground]:
    if request.param == "fake":
        yield _fake()
        return
    variables: dict[str, str] = request.getfixturevalue("bare_simulator")
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = settings_from(variables, home=tmp_path)
    subscription = settings.subscription_or_error(None)
    async with open_gateway(settings) as gateway:
        vault = VaultRef(subscription, "rg-dr", "rsv-new")
        yield _ground(gateway, settings.clock, vault)


def _fake() -> Ground:
    clock = VirtualClock()
    world = world_for(a_plan(), clock.now())
    world.items.clear()
    world.vault_there = False
    return _ground(FakeGateway(world, clock), clock, world.vault, "small")


def _ground(gateway: Gateway, clock: Clock, vault: VaultRef, name: str = "erp") -> Ground:
    groups = f"/subscriptions/{vault.subscription}/resourceGroups"
    source, target = f"{groups}/rg-{name}", f"{groups}/rg-{name}-asr"
    network = "providers/Microsoft.Network/virtualNetworks"
    return Ground(
        gateway, clock, vault, source, target,
        (f"{source}/{network}/vnet-{name}", f"{target}/{network}/vnet-{name}-asr"),
        f"{source}/providers/Microsoft.Compute/virtualMachines/web1",
    )  # fmt: skip


async def test_a_vault_is_made_set_up_and_protects_a_vm_until_it_is_told_to_stop(
    ground: Ground,
) -> None:
    gateway, vault = ground.gateway, ground.vault
    assert await gateway.vault_setup(vault) is None
    assert (await gateway.eligibility(ground.vm_id)).errors == ()
    await gateway.make_vault(vault, "westus2", within=HOUR)
    for region in REGIONS:
        assert await gateway.setup_part(ground.fabric(region)) is None
        await ground.done(await gateway.make_fabric(vault, f"f-{region}", region))
        await ground.done(await gateway.make_container(ground.fabric(region), f"c-{region}"))
    await ground.done(await _policy(ground, hours=24, change=False))
    await _map_both_ways(ground)
    await _setup_is_told(ground)
    await ground.done(await _policy(ground, hours=48, change=True))
    setup = await gateway.vault_setup(vault)
    assert setup is not None
    assert setup.policies[0].keep_recovery_points == timedelta(hours=48)
    await ground.done(await gateway.enable_protection(ground.item, await _asked(ground)))
    await _is_protected(ground)
    await ground.done(await gateway.disable_protection(ground.item))
    assert await gateway.protected_item(ground.item) is None


async def test_a_mapping_of_what_is_not_there_is_refused(ground: Ground) -> None:
    await ground.gateway.make_vault(ground.vault, "westus2", within=HOUR)
    missing = ground.container("centralus")
    with pytest.raises(AzureError):
        await ground.gateway.map_containers(missing, "m", missing, ground.policy)


async def _policy(ground: Ground, *, hours: int, change: bool) -> Accepted:
    return await ground.gateway.make_policy(
        ground.vault, "daily", app_consistent_every=timedelta(hours=4),
        keep_recovery_points=timedelta(hours=hours), multi_vm_sync=True, change=change,
    )  # fmt: skip


async def _map_both_ways(ground: Ground) -> None:
    for here, there, networks in (
        (*REGIONS, ground.networks),
        (*REGIONS[::-1], ground.networks[::-1]),
    ):
        await ground.done(
            await ground.gateway.map_containers(
                ground.container(here), f"to-{there}", ground.container(there), ground.policy
            )
        )
        await ground.done(
            await ground.gateway.map_networks(
                ground.fabric(here), f"net-to-{there}", f"f-{there}", networks, change=False
            )
        )


async def _setup_is_told(ground: Ground) -> None:
    setup = await ground.gateway.vault_setup(ground.vault)
    assert setup is not None
    assert {(one.name, one.region) for one in setup.fabrics} == {
        (f"f-{region}", region) for region in REGIONS
    }
    assert {one.fabric for one in setup.containers} == {f"f-{region}" for region in REGIONS}
    out = next(one for one in setup.mappings if one.name == "to-westus2")
    assert same_id(out.container_id, ground.container("eastus"))
    assert same_id(out.target_container_id, ground.container("westus2"))
    assert same_id(out.policy_id, ground.policy)
    assert out.state == "Paired"
    (policy,) = setup.policies
    assert policy.app_consistent_every == timedelta(hours=4)
    assert policy.keep_recovery_points == timedelta(hours=24)
    assert policy.multi_vm_sync
    back = next(one for one in setup.network_mappings if one.name == "net-to-eastus")
    assert (back.fabric, back.state) == ("f-westus2", "Paired")
    assert same_id(back.source_network_id, ground.networks[1])
    assert same_id(back.target_network_id, ground.networks[0])
    assert setup.items == ()


async def _asked(ground: Ground) -> dict[str, object]:
    cache = f"{ground.source_group}/providers/Microsoft.Storage/storageAccounts/contractcache"
    body = {"location": "eastus", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
    await ground.gateway.put_resource(cache, {**body, "properties": {}}, within=HOUR)
    vm = await ground.gateway.vm(ground.vm_id)
    assert vm is not None
    disks = [
        {
            "diskId": disk,
            "primaryStagingAzureStorageAccountId": cache,
            "recoveryResourceGroupId": ground.target_group,
        }
        for disk in vm.disk_ids
    ]
    return {
        "policyId": ground.policy,
        "providerSpecificDetails": {
            "instanceType": "A2A",
            "fabricObjectId": ground.vm_id,
            "recoveryContainerId": ground.container("westus2"),
            "recoveryResourceGroupId": ground.target_group,
            "recoveryAzureNetworkId": ground.networks[1],
            "recoverySubnetName": "web",
            "vmManagedDisks": disks,
        },
    }


async def _is_protected(ground: Ground) -> None:
    """Not by the job's success: by the item's own state, some time later."""
    item = await ground.gateway.protected_item(ground.item)
    assert item is not None
    assert item.protection_state == "InitialReplicationInProgress"
    deadline = ground.clock.now() + 4 * HOUR
    while item is not None and item.protection_state != "Protected":
        assert ground.clock.now() < deadline
        await ground.clock.sleep(timedelta(minutes=1))
        item = await ground.gateway.protected_item(ground.item)
    assert item is not None
    assert same_id(item.source_vm_id, ground.vm_id)
    assert "TestFailover" in item.allowed_operations


async def test_a_storage_name_is_taken_once_anybody_has_it(ground: Ground) -> None:
    subscription = ground.source_group.split("/")[2]
    assert not await ground.gateway.is_storage_name_taken(subscription, "stcontract1")
    account = f"{ground.source_group}/providers/Microsoft.Storage/storageAccounts/stcontract1"
    body = {"location": "eastus", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
    await ground.gateway.put_resource(account, body, within=HOUR)
    assert await ground.gateway.is_storage_name_taken(subscription, "stcontract1")
    assert not await ground.gateway.is_storage_name_taken(subscription, "stcontract2")
