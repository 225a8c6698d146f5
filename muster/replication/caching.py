"""Accounts in the source region that changes go through on their way to the target."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from muster.gateway.ids import key_of, lies_in, parse_id, same_id
from muster.gateway.parse import rows, text_of
from muster.gateway.values import Json, ProtectedItem
from muster.replication.found import FoundDisk, FoundStorage, FoundVm
from muster.replication.item_details import details_of
from muster.replication.naming import account_name, account_names, named_id
from muster.replication.setting import Setting
from muster.replication.support import needs_premium_cache
from muster.replication.tables import table
from muster.replication.wanted import Needed, ResourceWanted

STORAGE = "Microsoft.Storage/storageAccounts"
MOST_NAMES = 20
"""How many names of an account are tried; that all of them are taken is beyond belief."""


class Caches:
    """Gives each disk its account, and tells which accounts have to be made.

    A disk that is replicated keeps its account, for it cannot be changed without starting over.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._most = int(table("support")["limits"]["disks_per_cache_account"])
        self._held: dict[str, int] = {}  # disks by key of the account
        self._made: dict[str, ResourceWanted] = {}
        self._needed: dict[str, Needed] = {}
        self._now = dict(_accounts_now(setting))
        for account in self._now.values():
            self._count(account)

    def account_of(self, vm: FoundVm, disk: FoundDisk) -> str:
        """Id of the account that a disk's changes go through."""
        if said := self._setting.plan.replication.cache_storage:
            account = named_id(said, self._group_of(vm), STORAGE)
            self._needed[key_of(account)] = Needed(account, "`replication.cache_storage`")
            return account
        if now := self._now.get(key_of(disk.id)):
            self._recognise(vm, now, is_premium=needs_premium_cache(disk))
            return now
        account = self._with_room(vm, is_premium=needs_premium_cache(disk))
        self._count(account)
        return account

    def resources(self) -> tuple[ResourceWanted, ...]:
        """Accounts to have, those that are there among them."""
        return tuple(self._made.values())

    def needed(self) -> tuple[Needed, ...]:
        """Accounts that the plan names."""
        return tuple(self._needed.values())

    def _count(self, account: str) -> None:
        self._held[key_of(account)] = self._held.get(key_of(account), 0) + 1

    def _recognise(self, vm: FoundVm, account: str, *, is_premium: bool) -> None:
        """Count an account that is in use among those to have, if it is one of ours."""
        if not same_id(parse_id(account).group_id, self._group_of(vm)):
            return
        for number in range(1 + len(self._now) // self._most):
            seed = self._seed(vm, number, is_premium=is_premium)
            # By the names that it may have got: others may have had the first ones then.
            names = islice(account_names(self._of, seed), MOST_NAMES)
            if parse_id(account).name in names:
                self._made[key_of(account)] = self._body(account, is_premium=is_premium)

    def _with_room(self, vm: FoundVm, *, is_premium: bool) -> str:
        """The first account of ours, in the VM's subscription, that can take one more disk."""
        number = 0
        while True:
            account = self._ours(vm, number, is_premium=is_premium)
            if self._held.get(key_of(account.id), 0) < self._most:
                self._made[key_of(account.id)] = account
                return account.id
            number += 1

    def _ours(self, vm: FoundVm, number: int, *, is_premium: bool) -> ResourceWanted:
        setting, group = self._setting, self._group_of(vm)
        seed = self._seed(vm, number, is_premium=is_premium)
        there = {one.name for one in setting.found.storage if same_id(_group(one), group)}
        name = account_name(self._of, seed, setting.found.taken_storage_names, there)
        return self._body(named_id(name, group, STORAGE), is_premium=is_premium)

    @property
    def _of(self) -> str:
        return self._setting.plan.source.resource_group

    def _seed(self, vm: FoundVm, number: int, *, is_premium: bool) -> str:
        """What makes an account's name the one it is, of all groups, vaults and regions."""
        setting = self._setting
        parts = (key_of(self._group_of(vm)), key_of(setting.vault.ref.id))
        kind = "premium" if is_premium else "standard"
        return "/".join((*parts, setting.plan.source.region, kind, str(number)))

    def _body(self, account_id: str, *, is_premium: bool) -> ResourceWanted:
        region = self._setting.plan.source.region
        body = {
            "location": region,
            "sku": {"name": "Premium_LRS" if is_premium else "Standard_LRS"},
            "kind": "BlockBlobStorage" if is_premium else "StorageV2",
            "properties": {
                "allowSharedKeyAccess": True,  # Site Recovery writes with a shared key
                "allowBlobPublicAccess": False,
                "minimumTlsVersion": "TLS1_2",
                "supportsHttpsTrafficOnly": True,
            },
        }
        return ResourceWanted(
            account_id, body, f"cache storage: changes of VMs in {region} go through it"
        )

    def _group_of(self, vm: FoundVm) -> str:
        """The source group; a VM of another subscription has its account in its own group."""
        own, plans = parse_id(vm.id), self._setting.source_group_id
        here = f"/subscriptions/{own.subscription}"
        return plans if lies_in(plans, here) else own.group_id


def _group(account: FoundStorage) -> str:
    return parse_id(account.id).group_id


def _accounts_now(setting: Setting) -> Iterator[tuple[str, str]]:
    """Key of a disk's id -> id of the account that it is replicated through now."""
    for item in setting.found.setup.items:
        for disk in protected_disks(item):
            account = text_of(disk.get("primaryStagingAzureStorageAccountId"))
            if account:
                yield key_of(text_of(disk.get("diskId"))), account


def protected_disks(item: ProtectedItem) -> list[Json]:
    """The managed disks of an item, as Azure tells them."""
    return rows(details_of(item).get("protectedManagedDisks"))
