"""What the support matrix says about a VM, and about the account its changes go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from muster.gateway.ids import parse_id
from muster.plan.model import RecoveryPlan
from muster.plan.sizes import is_arm
from muster.replication.found import Found, FoundDisk, FoundSize, FoundStorage, FoundVm
from muster.replication.judgement import Judgement, judged
from muster.replication.systems import judge_system
from muster.replication.tables import table
from muster.replication.terms import Terms, terms_of

ULTRA, PREMIUM_V2 = "ultrassd_lrs", "premiumv2_lrs"
_ALREADY = "alreadyprotected"
CACHE_KINDS = frozenset({"storagev2", "storage", "blockblobstorage"})
"""Kinds of storage account, in small letters, that can be a cache."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules look at."""

    plan: RecoveryPlan
    vm: FoundVm
    size: FoundSize | None
    terms: Terms

    @property
    def disks(self) -> tuple[FoundDisk, ...]:
        return tuple(disk for disk in self.vm.disks if self.terms.replicates(disk))


def judge_support(plan: RecoveryPlan, found: Found, vm: FoundVm) -> tuple[Judgement, ...]:
    """Everything that the matrix says about a VM: refusals, what to wait for, what to know.

    Disks that the plan excludes count for nothing. No judgement: nothing is known against it.
    """
    size = found.sizes.get(vm.size.casefold())
    case = _Case(plan, vm, size, terms_of(plan, vm, found.subscription))
    return tuple(one for rule in _RULES for one in rule(case))


def account_problems(source_region: str, account: FoundStorage) -> Iterator[Judgement]:
    """What speaks against an account as cache storage of a region's VMs."""
    if not account.allows_shared_key:
        yield judged("cache-shared-key", account.name, part="cache")
    if account.region.casefold() != source_region:
        yield judged("cache-region", account.name, source_region, part="cache")
    if account.kind.casefold() not in CACHE_KINDS:
        yield judged("cache-kind", account.name, account.kind, part="cache")
    if account.soft_delete_days:
        yield judged("cache-soft-delete", account.name, part="cache")
    if account.default_action.casefold() == "deny" and not account.bypasses_azure_services:
        yield judged("cache-firewall", account.name, part="cache")


def needs_premium_cache(disk: FoundDisk) -> bool:
    """Whether a disk's changes go through a premium block blob account."""
    return (disk.sku or "").casefold() in (ULTRA, PREMIUM_V2)


def may_be_protected(vm: FoundVm) -> bool:
    """Whether anything hints that some vault protects a VM, so that all of them are asked.

    Azure's own endpoint calls it eligible, or not; which code it has for a VM that is protected is
    not known, and it may not answer. Site Recovery's extension may have stayed behind, too.
    """
    has_extension = any("siterecovery" in one.type.casefold() for one in vm.extensions)
    return has_extension or vm.eligibility is None or bool(vm.eligibility)


def says_already_protected(code: str) -> bool:
    """Whether an error of the eligibility endpoint says that a VM is protected already."""
    return _ALREADY in code.casefold()


def _place(case: _Case) -> Iterator[Judgement]:
    provider = (parse_id(case.vm.id).provider or "").casefold()
    if provider == "microsoft.classiccompute":
        yield judged("classic")
    if case.vm.region.casefold() != case.plan.source.region:
        yield judged("region", case.vm.region, case.plan.source.region)


def _eligibility(case: _Case) -> Iterator[Judgement]:
    if case.vm.eligibility is None:
        yield judged("eligibility-unknown")
    for error in case.vm.eligibility or ():
        code = error.code.casefold()
        if says_already_protected(code) or "desiredpowerstate" in code:
            continue  # told by the item, and by the power state, better than here
        yield judged("eligibility", f"{error.message} [{error.code}]", error.action)


def _state(case: _Case) -> Iterator[Judgement]:
    vm = case.vm
    if vm.provisioning.casefold() != "succeeded":
        yield judged("provisioning", vm.provisioning)
    if vm.power is not None and vm.power.casefold() != "running":
        yield judged("power", vm.power)
    elif vm.agent_ready is False:
        yield judged("agent")
    for extension in vm.extensions:
        is_ours = "siterecovery" in extension.type.casefold()
        if is_ours and extension.state.casefold() == "failed":
            yield judged("extension", extension.name)


def _machine(case: _Case) -> Iterator[Judgement]:
    vm, size = case.vm, case.size
    told = vm.architecture or (size.architecture if size else None)
    if is_arm(vm.size, told):
        yield judged("architecture", vm.size)
    limits = table("support")["limits"]
    if size and (
        (size.cores is not None and size.cores < limits["least_cores"])
        or (size.memory_gb is not None and size.memory_gb < limits["least_memory_gb"])
    ):
        yield judged("cores", vm.size)
    if _controller(vm, size).casefold() == "nvme":
        yield judged("nvme")
    for rule, holds in (
        ("dedicated-host", vm.dedicated_host_id),
        ("scale-set", vm.scale_set_id),
        ("confidential", vm.is_confidential),
        ("host-encryption", vm.is_host_encrypted),
    ):
        if holds:
            yield judged(rule)


def _controller(vm: FoundVm, size: FoundSize | None) -> str:
    """How disks are attached: as the VM says, else by the only way that its size has."""
    ways = size.disk_controllers if size else ()
    return vm.disk_controller or (ways[0] if len(ways) == 1 else "")


def _disks(case: _Case) -> Iterator[Judgement]:
    limits = table("support")["limits"]
    data = [disk for disk in case.disks if not disk.is_os]
    if len(data) > limits["data_disks"]:
        yield judged("data-disk-count", len(data), limits["data_disks"])
    for disk in case.disks:
        if not disk.managed:
            yield judged("unmanaged-disk", disk.name)
        if disk.is_ephemeral:
            yield judged("ephemeral-os-disk", disk.name)
        kind = "os" if disk.is_os else "data"
        most = limits[f"{kind}_disk_gib"]
        if disk.size_gb is not None and disk.size_gb > most:
            yield judged(f"{kind}-disk-size", disk.name, most)
        if disk.write_accelerated:
            yield judged("write-accelerator", disk.name)
        if disk.max_shares > 1:
            is_windows = case.vm.os.casefold() == "windows"
            yield judged("shared-disk-cluster" if is_windows else "shared-disk", disk.name)
        yield from _encryption(case, disk)


def _encryption(case: _Case, disk: FoundDisk) -> Iterator[Judgement]:
    if "customerkey" in (disk.encryption or "").casefold() and not case.terms.encryption_set:
        yield judged("customer-key", disk.name)
    if disk.is_guest_encrypted:
        yield judged("disk-encryption", disk.name)


def _zonal(case: _Case) -> Iterator[Judgement]:
    """What holds from zone to zone only."""
    if not case.plan.is_zonal:
        return
    if case.vm.zone is None:
        yield judged("zone-missing")
    elif case.terms.zone == case.vm.zone:
        yield judged("zone-same", case.vm.zone)
    for disk in case.disks:
        sku = (disk.sku or "").casefold()
        if sku == ULTRA or sku.endswith("_zrs"):
            yield judged("ultra-zonal" if sku == ULTRA else "zrs-zonal", disk.name)
    several = (card for card in case.vm.cards if len(card.ips) > 1)
    yield from (judged("several-addresses-zonal", card.name) for card in several)


def _system(case: _Case) -> Iterator[Judgement]:
    yield from judge_system(case.vm, case.terms.kernel)


_RULES: tuple[Callable[[_Case], Iterator[Judgement]], ...] = (
    _place, _eligibility, _state, _machine, _disks, _zonal, _system,
)  # fmt: skip
