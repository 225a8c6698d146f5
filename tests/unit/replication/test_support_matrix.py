"""Every row of the support matrix holds for a VM that is so, and for no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.values import JobError
from muster.plan.model import RecoveryPlan
from muster.replication.found import FoundDisk, FoundExtension, FoundSize, FoundVm
from muster.replication.judgement import Judgement, judged
from muster.replication.selection import told_of
from muster.replication.support import account_problems, judge_support, may_be_protected
from muster.replication.systems import system_of
from muster.replication.tables import UNCERTAIN, table
from tests.unit.replication.source_world import a_found, a_vm, arm_id, settled_account, small_plan

Change = Callable[[FoundVm], FoundVm]
ZONAL = {"target": {"region": "eastus"}}


def judge(vm: FoundVm, plan: RecoveryPlan | None = None, **found: Any) -> list[str]:
    judgements = judge_support(plan or known_plan(), a_found(vm, **found), vm)
    return [one.rule for one in judgements]


def known_plan(kernel: str | None = "5.15.0-1099-azure", **keys: Any) -> RecoveryPlan:
    """A plan that says which kernel db1 runs: Azure does not."""
    return small_plan({"name": "db1", "kernel": kernel}, **keys)


def vm_with(**changed: Any) -> FoundVm:
    return a_vm("db1", **changed)


def disk_with(number: int = 1, **changed: Any) -> FoundVm:
    vm = a_vm("db1", zone="1")
    disks = list(vm.disks)
    disks[number] = replace(disks[number], **changed)
    return replace(vm, disks=tuple(disks))


def refusal(code: str) -> tuple[JobError, ...]:
    return (JobError(code, "It cannot be.", "", "Mend it."),)


def many_disks() -> FoundVm:
    vm = a_vm("db1")
    more = tuple(FoundDisk(f"{vm.id}/{n}", f"d{n}", is_os=False) for n in range(65))
    return replace(vm, disks=(vm.disks[0], *more))


def two_addresses() -> FoundVm:
    vm = a_vm("db1", zone="1")
    card = vm.cards[0]
    return replace(vm, cards=(replace(card, ips=card.ips * 2),))


SMALL = {"standard_d2s_v5": FoundSize("Standard_D2s_v5", cores=1, memory_gb=4)}
ARM = {"standard_d2s_v5": FoundSize("Standard_D2s_v5", cores=2, architecture="Arm64")}
CASES: dict[str, tuple[FoundVm, dict[str, Any], dict[str, Any]]] = {
    # rule: (VM, top-level keys of the plan, what else was found)
    "classic": (
        vm_with(
            id=arm_id("Microsoft.ClassicCompute/virtualMachines", "db1"),
            os="Windows", os_name="Windows Server 2022",
        ), {}, {},
    ),
    "region": (vm_with(region="westus"), {}, {}),
    "eligibility": (vm_with(eligibility=refusal("SomethingElse")), {}, {}),
    "eligibility-unknown": (vm_with(eligibility=None), {}, {}),
    "provisioning": (vm_with(provisioning="Updating"), {}, {}),
    "power": (vm_with(power="deallocated"), {}, {}),
    "agent": (vm_with(agent_ready=False), {}, {}),
    "extension": (
        vm_with(extensions=(FoundExtension("x", "SiteRecovery-Linux", "Failed"),)), {}, {},
    ),
    "architecture": (vm_with(), {}, {"sizes": ARM}),
    "cores": (vm_with(), {}, {"sizes": SMALL}),
    "dedicated-host": (vm_with(dedicated_host_id="/host"), {}, {}),
    "scale-set": (vm_with(scale_set_id="/set"), {}, {}),
    "confidential": (vm_with(is_confidential=True), {}, {}),
    "host-encryption": (vm_with(is_host_encrypted=True), {}, {}),
    "nvme": (vm_with(disk_controller="NVMe"), {}, {}),
    "unmanaged-disk": (disk_with(managed=False), {}, {}),
    "ephemeral-os-disk": (disk_with(0, is_ephemeral=True), {}, {}),
    "os-disk-size": (disk_with(0, size_gb=4096), {}, {}),
    "data-disk-size": (disk_with(size_gb=32768), {}, {}),
    "data-disk-count": (many_disks(), {}, {}),
    "write-accelerator": (disk_with(write_accelerated=True), {}, {}),
    "ultra-zonal": (disk_with(sku="UltraSSD_LRS"), ZONAL, {}),
    "zrs-zonal": (disk_with(sku="Premium_ZRS"), ZONAL, {}),
    "shared-disk": (disk_with(max_shares=2), {}, {}),
    "shared-disk-cluster": (
        replace(disk_with(max_shares=2), os="Windows", os_name="Windows Server 2022"), {}, {},
    ),
    "customer-key": (disk_with(encryption="EncryptionAtRestWithPlatformAndCustomerKeys"), {}, {}),
    "disk-encryption": (disk_with(is_guest_encrypted=True), {}, {}),
    "zone-missing": (vm_with(zone=None), ZONAL, {}),
    "zone-same": (
        vm_with(zone="1"), ZONAL | {"replication": {"availability": {"zone": 1}}}, {},
    ),
    "several-addresses-zonal": (two_addresses(), ZONAL, {}),
    "system": (vm_with(os_name="FreeBSD", os_version="14.1"), {}, {}),
    "system-old": (vm_with(os_name="redhat", os_version="6.5"), {}, {}),
    "system-new": (vm_with(os_name="ubuntu", os_version="26.04"), {}, {}),
    "system-unknown": (vm_with(os_name=None, image="contoso:own:image:1"), {}, {}),
    "kernel-unknown": (a_vm("db1"), {"kernel": None}, {}),
    "kernel-old": (
        vm_with(os_name="redhat", os_version="8.4"),
        {"kernel": "4.18.0-305.19.1.el8_4.x86_64"},
        {},
    ),
    "kernel": (a_vm("db1"), {"kernel": "6.11.0-1008-azure"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_holds_for_a_vm_that_is_so(rule: str) -> None:
    vm, keys, found = CASES[rule]
    assert judge(vm, known_plan(**keys), **found) == [rule]


def test_every_row_of_the_matrix_has_a_case() -> None:
    assert set(CASES) == set(table("support")["rows"])


def test_nothing_is_said_of_an_ordinary_vm() -> None:
    assert judge(a_vm("db1")) == []
    assert judge(a_vm("db1", zone="1"), known_plan(**ZONAL)) == []
    windows = a_vm("db1", os="Windows", os_name="Windows Server 2022 Datacenter")
    assert judge(windows, known_plan(kernel=None)) == []


def test_an_excluded_disk_counts_for_nothing() -> None:
    vm = disk_with(write_accelerated=True)
    plan = known_plan(replication={"disks": {"exclude": ["DB1-DATA0"]}})
    assert judge(vm, plan) == []


def test_an_encryption_set_of_the_plan_serves_disks_under_a_customers_key() -> None:
    vm = disk_with(encryption="EncryptionAtRestWithCustomerKey")
    plan = known_plan(replication={"disks": {"encryption_set": "des"}})
    assert judge(vm, plan) == []


def test_an_ultra_disk_is_no_matter_between_regions() -> None:
    assert judge(disk_with(sku="UltraSSD_LRS")) == []


def test_what_rests_on_nothing_is_told_and_never_refused() -> None:
    rows = table("support")
    every = {**rows["rows"], **rows["cache"]}
    for name, row in every.items():
        assert row["rests"] in rows["sources"], name
        if row["rests"] == UNCERTAIN:
            assert row["verdict"] in ("tell", "wait"), name


def test_a_judgement_names_what_was_found_the_remedy_and_what_says_so() -> None:
    one = judged("os-disk-size", "db1-os", 4095)
    assert one == Judgement(
        "os-disk-size",
        "refuse",
        "its OS disk db1-os is larger than 4095 GiB",
        "Move data to a data disk.",
        table("support")["sources"]["matrix"],
    )
    assert "{wanted}" not in "".join(judged(rule, 1, 2).remedy for rule in CASES)


@pytest.mark.parametrize(("image", "os", "expected"), [
    ("Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest", "Linux", "ubuntu 22.04"),
    ("Canonical:ubuntu-24_04-lts:server:latest", "Linux", "ubuntu 24.04"),
    ("RedHat:RHEL:86-gen2:latest", "Linux", "redhat 8.6"),
    ("RedHat:RHEL:8_10:latest", "Linux", "redhat 8.10"),
    ("Debian:debian-12:12-gen2:latest", "Linux", "debian 12"),
    ("SUSE:sles-15-sp5:gen2:latest", "Linux", "suse 15"),
    ("MicrosoftWindowsServer:WindowsServer:2019-datacenter:latest", "Windows", "server 2019"),
    ("MicrosoftWindowsDesktop:windows-11:win11-23h2:latest", "Windows", "client 11"),
])  # fmt: skip
def test_an_image_tells_the_system_of_a_vm_whose_agent_does_not(
    image: str, os: str, expected: str
) -> None:
    system = system_of(vm_with(os=os, os_name=None, os_version=None, image=image))
    assert system is not None
    assert f"{system.family} {system.release}" == expected


@pytest.mark.parametrize(("name", "version", "os", "expected"), [
    ("ubuntu", "22.04", "Linux", "ubuntu 22.04"),
    ("debian", "12.4", "Linux", "debian 12"),
    ("almalinux", "9.5", "Linux", "alma 9.5"),
    ("Windows Server 2012 R2 Datacenter", "6.3.9600", "Windows", "server 2012 R2"),
    ("Windows Server 2022 Datacenter", "10.0.20348", "Windows", "server 2022"),
    ("Windows 10 Enterprise", "10.0", "Windows", "client 10"),
])  # fmt: skip
def test_the_agent_tells_the_system(name: str, version: str, os: str, expected: str) -> None:
    system = system_of(vm_with(os=os, os_name=name, os_version=version))
    assert system is not None
    assert f"{system.family} {system.release}" == expected


@pytest.mark.parametrize(("size", "is_arm"), [
    ("Standard_D2ps_v5", True), ("Standard_B2pts_v2", True), ("Standard_E4-2pds_v5", True),
    ("Standard_D2plds_v6", True), ("standard_d2ps_v5", True),
    ("Standard_D2s_v5", False), ("Standard_NP10s", False),
    ("Standard_D4as_v5", False), ("Standard_B1ms", False),
])  # fmt: skip
def test_a_size_tells_its_architecture_by_its_name_where_nothing_else_does(
    size: str,
    is_arm: bool,
) -> None:
    assert ("architecture" in judge(vm_with(size=size))) == is_arm
    assert "architecture" not in judge(vm_with(size=size, architecture="x64"))


def test_a_size_that_has_nvme_alone_tells_how_disks_are_attached() -> None:
    for ways, told, rules in (
        (("NVMe",), None, ["nvme"]),
        (("SCSI", "NVMe"), None, []),
        (("NVMe",), "SCSI", []),
    ):
        size = FoundSize("Standard_D2s_v5", cores=2, disk_controllers=ways)
        vm = vm_with(disk_controller=told)
        assert judge(vm, sizes={"standard_d2s_v5": size}) == rules


def test_centos_by_its_image_is_refused() -> None:
    vm = vm_with(os_name=None, os_version=None, image="OpenLogic:CentOS:7_9:latest")
    assert judge(vm) == ["system"]


CACHES = {
    "cache-shared-key": {"allows_shared_key": False},
    "cache-region": {"region": "westus"},
    "cache-kind": {"kind": "FileStorage"},
    "cache-soft-delete": {"soft_delete_days": 7},
    "cache-firewall": {"default_action": "Deny", "bypasses_azure_services": False},
}


@pytest.mark.parametrize("rule", CACHES)
def test_an_account_that_cannot_be_cache_storage_is_told(rule: str) -> None:
    account = replace(settled_account(), **CACHES[rule])
    assert [one.rule for one in account_problems("eastus", account)] == [rule]
    assert list(account_problems("eastus", settled_account())) == []


def test_every_row_about_accounts_has_a_case() -> None:
    assert {*CACHES, "cache-premium"} == set(table("support")["cache"])


def test_what_to_know_of_the_plans_own_account_is_told() -> None:
    vm = a_vm("db1", data_disks=("UltraSSD_LRS",))
    account = replace(settled_account(), soft_delete_days=7)
    plan = known_plan(replication={"cache_storage": "stcache"})
    told = told_of(plan, a_found(vm, storage=(account,)), (vm,))
    assert [(name, one.rule) for name, one in told] == [
        ("stcache", "cache-soft-delete"),
        ("db1", "cache-premium"),
    ]
    assert told_of(known_plan(), a_found(vm, storage=(account,)), (vm,)) == ()


@pytest.mark.parametrize(("vm", "may_be"), [
    (a_vm("db1"), False),
    (vm_with(extensions=(FoundExtension("x", "CustomScript", "Succeeded"),)), False),
    (vm_with(extensions=(FoundExtension("x", "SiteRecovery-Linux", "Succeeded"),)), True),
    (vm_with(eligibility=None), True),
    (vm_with(eligibility=refusal("150052")), True),
])  # fmt: skip
def test_other_vaults_are_asked_wherever_anything_hints_at_one(vm: FoundVm, may_be: bool) -> None:
    assert may_be_protected(vm) is may_be
