"""Names of what replication makes: the portal's where it has some, else told by what they are of.

Pure, and the same on every run. A name that would be too long, or that two things would have, gets
a few signs of a hash behind it, worked out from the ids of what it is of.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import count

from muster.gateway.ids import key_of, parse_id

LONGEST_ACCOUNT = 24
_LONGEST_IN_VAULT = 63
_HASH = 10


def fabric_name(region: str) -> str:
    """The portal's name of a region's fabric [PS-CL]."""
    return f"asr-a2a-default-{region}"


def container_name(fabric: str, *, second: bool = False) -> str:
    """The portal's name of a fabric's container [PS-CL].

    `second`: of the one that VMs of another zone of the same region recover into
    [DOC:azure-to-azure-powershell].
    """
    return f"{fabric}-t-container" if second else f"{fabric}-container"


def policy_name(keep: timedelta, app_consistent_every: timedelta, *, multi_vm_sync: bool) -> str:
    """`24-hour-retention-policy` as the portal's [PS-CL]; other terms are told by the name."""
    hours = keep.total_seconds() / 3600
    name = f"{hours:g}-hour-retention-policy"
    if app_consistent_every != timedelta(hours=4):
        name += f"-app-{app_consistent_every.total_seconds() / 3600:g}h"
    return f"{name}-multi-vm" if multi_vm_sync else name


def mapping_name(source: str, target: str, policy: str) -> str:
    """Name of a container mapping, from region to region under a policy."""
    return shortened(f"{source}-{target}-{policy}", _LONGEST_IN_VAULT)


def copy_name(name: str, suffix: str, longest: int = 80) -> str:
    """Name of a copy: the source's with the plan's suffix; never longer than Azure takes."""
    whole = f"{name}{suffix}"
    if len(whole) <= longest:
        return whole
    return f"{name[: longest - len(suffix) - _HASH - 1]}-{digest(name)}{suffix}"


def shortened(name: str, longest: int) -> str:
    """A name as it is, or its beginning with a hash of the whole."""
    if len(name) <= longest:
        return name
    return f"{name[: longest - _HASH - 1].rstrip('-')}-{digest(name)}"


def unique_names(ids: Iterable[str], longest: int = _LONGEST_IN_VAULT) -> Mapping[str, str]:
    """A name for each ARM id: its own last part; with a hash if two would have the same.

    Returns:
        By `key_of` the id. Adding an id changes no other's name unless both have the same name.
    """
    by_key = {key_of(one): parse_id(one).name for one in ids}
    counts: dict[str, int] = {}
    for name in by_key.values():
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    return {
        key: shortened(name, longest)
        if counts[name.casefold()] == 1
        else shortened(f"{name}-{digest(key)}", longest)
        for key, name in by_key.items()
    }


def account_name(of: str, seed: str, taken: Collection[str], ours: Collection[str]) -> str:
    """Name of a storage account: at most 24 small letters and digits, unique in all of Azure.

    Args:
        of: What it is for, such as a resource group's name; its letters stand in front.
        seed: What makes the name this one: subscription, vault, region.
        taken: Names that others have.
        ours: Names of accounts that are there and ours, which are taken by nobody else.
    """
    free = (name for name in account_names(of, seed) if name in ours or name not in taken)
    return next(free)


def account_names(of: str, seed: str) -> Iterator[str]:
    """The names that an account may get, the first choice first; always the same ones."""
    letters = re.sub(r"[^a-z0-9]", "", of.casefold())[: LONGEST_ACCOUNT - _HASH - 3]
    for attempt in count():
        yield f"{letters}asr{digest(f'{seed}/{attempt}' if attempt else seed)}"


def digest(text: str) -> str:
    """Ten signs that tell a text from others."""
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH]


def named_id(name: str, group_id: str, arm_type: str) -> str:
    """The ARM id of a thing that a plan names: as it is, or in a resource group."""
    if name.startswith("/"):
        return name
    return f"{group_id}/providers/{arm_type}/{name}"


def group_id_of(name: str, subscription: str) -> str:
    """The ARM id of a resource group that a plan names."""
    if name.startswith("/"):
        return name
    return f"/subscriptions/{subscription}/resourceGroups/{name}"
