"""One suite for both: the fake that unit tests use, and the real SDKs on the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from muster.clock import Clock
from muster.gateway.ids import lies_in, parse_id, same_id
from muster.gateway.kinds import AzureError, NotFound
from muster.gateway.open import open_gateway
from muster.gateway.port import Gateway
from muster.gateway.values import Accepted, ProtectedItem, VaultRef
from muster.settings import settings_from
from tests.builders import a_plan
from tests.fakes.clock import VirtualClock
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import world_for
from tests.simulator_process import PROXIES, WORLDS, running_simulator

HOUR = timedelta(hours=1)
EXPECTED = timedelta(minutes=4)


@dataclass(frozen=True)
class Subject:
    """A gateway, and what of its world the suite may use."""

    gateway: Gateway
    clock: Clock
    vault: VaultRef
    vm: str  # a protected VM that nothing ails
    target_group: str  # ARM id
    account: str  # Automation account's ARM id
    runbook: str

    async def item(self) -> ProtectedItem:
        items = await self.gateway.protected_items(self.vault)
        return next(item for item in items if item.friendly_name == self.vm)

    @property
    def drill_network(self) -> str:
        return f"{self.target_group}/providers/Microsoft.Network/virtualNetworks/contract-drill"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    state = tmp_path_factory.mktemp("simulator")
    with running_simulator(WORLDS / "contoso.world.yaml", state, 600) as settings:
        yield settings


@pytest.fixture(params=["fake", "simulator"])
async def subject(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Subject]:
    if request.param == "fake":
        yield _fake()
        return
    variables: dict[str, str] = request.getfixturevalue("simulator")
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = settings_from(variables, home=tmp_path)
    subscription = settings.subscription_or_error(None)
    vault = VaultRef(subscription, "rg-dr", "rsv-contoso")
    group = f"/subscriptions/{subscription}/resourceGroups"
    async with open_gateway(settings) as gateway:
        yield Subject(
            gateway, settings.clock, vault, "web1", f"{group}/rg-erp-asr",
            f"{group}/rg-dr/providers/Microsoft.Automation/automationAccounts/aa-dr-drill",
            "Register-TestCopies",
        )  # fmt: skip


def _fake() -> Subject:
    clock = VirtualClock()
    world = world_for(a_plan(), clock.now())
    world.runbooks["Register"] = ("Completed", "registered\n")
    group = world.items["web1"].recovery_resource_group_id
    account = f"{group}/providers/Microsoft.Automation/automationAccounts/aa"
    return Subject(
        FakeGateway(world, clock), clock, world.vault, "web1", group, account, "Register"
    )


async def make_network(subject: Subject, subnet: str) -> str:
    body = {
        "location": "westus2",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [{"name": subnet, "properties": {"addressPrefix": "10.1.2.0/24"}}],
        },
    }
    made = await subject.gateway.put_resource(subject.drill_network, body, within=HOUR)
    return made.id


async def test_the_caller_and_the_vault_are_known(subject: Subject) -> None:
    caller = await subject.gateway.caller()
    assert caller.object_id
    assert caller.app_id
    vault = await subject.gateway.vault(subject.vault)
    assert vault is not None
    assert same_id(vault.id, subject.vault.id)


async def test_a_vault_that_is_not_there_is_none_and_listing_it_an_error(
    subject: Subject,
) -> None:
    missing = VaultRef(subject.vault.subscription, subject.vault.resource_group, "nothing")
    assert await subject.gateway.vault(missing) is None
    with pytest.raises(AzureError) as caught:
        await subject.gateway.protected_items(missing)
    assert caught.value.shown_code == "AZ-404"


async def test_an_idle_item_is_read_whole(subject: Subject) -> None:
    item = await subject.item()
    assert item.protection_state == "Protected"
    assert item.active_location == "Primary"
    assert "TestFailover" in item.allowed_operations
    assert item.test_failover_state is None
    assert item.current_job_id is None
    assert item.multi_vm_group_name is None
    assert item.rpo is not None
    assert item.rpo_at is not None
    assert abs(subject.clock.now() - item.rpo_at) < HOUR
    assert same_id(item.recovery_resource_group_id, subject.target_group)
    assert item.nics[0].ip_configs[0].subnet
    assert item.source_disk_ids
    assert item.test_disk_names
    again = await subject.gateway.protected_item(item.id)
    assert again is not None
    assert same_id(again.id, item.id)
    assert await subject.gateway.protected_item(item.id + "x") is None


async def test_recovery_points_come_oldest_first(subject: Subject) -> None:
    points = await subject.gateway.recovery_points((await subject.item()).id)
    assert len(points) > 10
    assert [point.time for point in points] == sorted(point.time for point in points)
    assert {point.type for point in points} >= {"CrashConsistent", "AppConsistent"}


async def test_a_test_failover_goes_its_whole_way_and_leaves_nothing(subject: Subject) -> None:
    gateway = subject.gateway
    item = await subject.item()
    began = subject.clock.now()
    before = {
        resource.id.casefold()
        for resource in await gateway.resources_of_group(subject.target_group)
    }
    subnet = item.nics[0].ip_configs[0].subnet or ""
    network = await make_network(subject, subnet)
    point = (await gateway.recovery_points(item.id))[-1]

    accepted = await gateway.start_test_failover(item.id, network, point.id)
    assert lies_in(accepted.job_id, subject.vault.id)
    running = await gateway.job(accepted.job_id)
    assert running is not None
    job = await gateway.job_ended(accepted.job_id, expected=EXPECTED, within=HOUR)
    assert job.succeeded, job.errors
    assert job.scenario == "TestFailover"
    assert timedelta(minutes=1) < subject.clock.now() - began < timedelta(minutes=20)
    listed = await gateway.jobs(subject.vault, began - timedelta(seconds=1))
    assert [one.name for one in listed if one.scenario == "TestFailover"] == [job.name]

    pending = await gateway.protected_item(item.id)
    assert pending is not None
    assert pending.allowed_operations == ("TestFailoverCleanup",)
    assert pending.test_failover_state == "WaitingForCompletion"
    copy_id = (
        f"{subject.target_group}/providers/Microsoft.Compute/virtualMachines/{item.test_vm_name}"
    )
    await _copy_is_right(subject, copy_id, network, item)
    await _commands_run(subject, copy_id)

    cleanup = await gateway.start_cleanup(item.id, "contract")
    ended = await gateway.job_ended(cleanup.job_id, expected=timedelta(seconds=90), within=HOUR)
    assert ended.succeeded, ended.errors
    assert await gateway.vm(copy_id) is None
    await gateway.delete_resource(network, within=HOUR)
    assert await gateway.resource(network) is None
    after = await gateway.resources_of_group(subject.target_group)
    assert {resource.id.casefold() for resource in after} == before


async def _copy_is_right(
    subject: Subject, copy_id: str, network: str, item: ProtectedItem
) -> None:
    vm = await subject.gateway.vm(copy_id, instance_view=True)
    assert vm is not None
    for _ in range(120):
        if vm is not None and vm.agent_ready:
            break
        await subject.clock.sleep(timedelta(seconds=5))
        vm = await subject.gateway.vm(copy_id, instance_view=True)
    assert vm is not None
    assert vm.agent_ready
    assert vm.power_state == "running"
    assert vm.size == item.recovery_size
    plain = await subject.gateway.vm(copy_id)
    assert plain is not None
    assert plain.agent_ready is None
    nic = await subject.gateway.resource(vm.nic_ids[0])
    assert nic is not None
    config = nic.properties["ipConfigurations"][0]["properties"]
    assert lies_in(config["subnet"]["id"], network)
    assert config["privateIPAddress"]
    kinds = {
        resource.type.casefold()
        for resource in await subject.gateway.resources_of_group(subject.target_group)
    }
    assert {"microsoft.compute/virtualmachines", "microsoft.network/networkinterfaces"} <= kinds


async def _commands_run(subject: Subject, vm_id: str) -> None:
    gateway, name = subject.gateway, "muster-contract"
    assert await gateway.command(vm_id, name) is None
    await gateway.start_command(vm_id, name, "echo hello", timedelta(minutes=5))
    result = await gateway.command_ended(
        vm_id, name, expected=timedelta(seconds=20), within=timedelta(minutes=30)
    )
    assert result.ended
    assert result.started_at is not None
    await gateway.delete_command(vm_id, name)
    assert await gateway.command(vm_id, name) is None


async def test_a_cleanup_with_nothing_to_clean_is_refused_or_fails(subject: Subject) -> None:
    item = await subject.item()
    accepted: Accepted | None = None
    refusal: AzureError | None = None
    try:
        accepted = await subject.gateway.start_cleanup(item.id, "nothing there")
    except AzureError as error:
        refusal = error
    if refusal is not None:
        assert refusal.status in {400, 409}
        assert not refusal.maybe_accepted
    elif accepted is not None:
        job = await subject.gateway.job_ended(
            accepted.job_id, expected=timedelta(seconds=5), within=HOUR
        )
        assert not job.succeeded
        assert job.errors[0].message


async def test_networks_come_and_go_by_id(subject: Subject) -> None:
    gateway = subject.gateway
    assert await gateway.resource(subject.drill_network) is None
    network = await make_network(subject, "web")
    found = await gateway.resource(network)
    assert found is not None
    assert found.type.casefold() == "microsoft.network/virtualnetworks"
    assert found.properties["subnets"][0]["name"] == "web"
    assert found.properties["addressSpace"]["addressPrefixes"] == ["10.1.0.0/16"]
    arm = parse_id(network)
    of_type = await gateway.resources_of_type(
        arm.subscription or "", "Microsoft.Network/virtualNetworks"
    )
    assert any(same_id(other.id, network) for other in of_type)
    await gateway.delete_resource(network, within=HOUR)
    await gateway.delete_resource(network, within=HOUR)
    assert await gateway.resource(network) is None


async def test_a_group_that_is_not_there_is_no_empty_group(subject: Subject) -> None:
    with pytest.raises(NotFound):
        await subject.gateway.resources_of_group(subject.target_group + "-nothing")


async def test_the_subscriptions_that_the_caller_sees_are_listed(subject: Subject) -> None:
    found = await subject.gateway.subscriptions()
    assert any(same_id(one, subject.vault.subscription) for one in found)
    assert all("/" not in one for one in found)


async def test_permissions_at_a_scope_are_listed(subject: Subject) -> None:
    permissions = await subject.gateway.permissions(subject.target_group)
    assert any("*" in action for one in permissions for action in one.actions)


async def test_a_runbook_runs_once_under_a_name_of_ours(subject: Subject) -> None:
    gateway, account = subject.gateway, subject.account
    assert await gateway.runbook(account, "No-Such") is None
    assert await gateway.runbook(account, subject.runbook) is not None
    name = "0f7ad1c5-3c0e-5b43-9b4a-1c5e7f3a9d11"
    assert await gateway.automation_job(account, name) is None
    for _ in range(2):  # sent again it is the same job
        await gateway.start_runbook(account, name, subject.runbook, {"Drill": "yes"}, None)
    job = await gateway.automation_job_ended(account, name, start_within=HOUR, within=HOUR)
    assert job.status == "Completed"
    assert job.started_at is not None
    assert job.ended_at is not None
    assert await gateway.automation_output(account, name) != ""


async def test_what_was_spent_is_counted(subject: Subject) -> None:
    before = subject.gateway.usage()
    await subject.item()
    after = subject.gateway.usage()
    assert after.reads > before.reads
    assert after.writes == before.writes


async def test_a_network_that_is_there_is_not_created_anew(subject: Subject) -> None:
    await make_network(subject, "web")
    body = {"location": "westus2", "properties": {"addressSpace": {"addressPrefixes": []}}}
    with pytest.raises(AzureError) as caught:
        await subject.gateway.put_resource(subject.drill_network, body, within=HOUR, only_new=True)
    assert (caught.value.status, caught.value.shown_code) == (412, "AZ-409")
    kept = await subject.gateway.resource(subject.drill_network)
    assert kept is not None
    assert [one["name"] for one in kept.properties["subnets"]] == ["web"]
