"""Groups of a recovery plan as a client sends them: read, checked, put in Azure's order."""

from __future__ import annotations

from collections import Counter
from typing import Any

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import same
from muster.simulator.asr.plan_actions import read_actions
from muster.simulator.json_types import Json
from muster.simulator.world import World

MOST_ITEMS, MOST_GROUPS = 100, 7  # [DOC:recovery-plan-overview, create-recovery-plans]
_FIRST = ("Shutdown", "Failover")


class NotAllowed(Exception):
    """Well-formed, and against the rules of recovery plans; the text says which."""


def read_groups(given: Any, vault_id: str) -> list[Json]:
    """Groups in the form that GET tells them: Shutdown and Failover in front, always [CLI].

    Raises: AzureError for a malformed body.
    """
    if not isinstance(given, list) or not all(isinstance(group, dict) for group in given):
        raise bad_input("'properties.groups' has to be a list of groups.")
    groups = [_read(group, vault_id) for group in given]
    kinds = [group["groupType"] for group in groups]
    for kind in _FIRST:
        if kinds.count(kind) > 1:
            raise bad_input(f"A plan has one group of type '{kind}'.")
    front = [_only(groups, kind) or _empty(kind) for kind in _FIRST]
    return front + [group for group in groups if group["groupType"] == "Boot"]


def check_groups(world: World, plan: Json, groups: list[Json]) -> None:
    """Hold the groups against the rules, and put the items' own GUIDs in. Raises: NotAllowed.

    The limits are documented; in which words and form Azure refuses is not known.
    """
    boot = [group for group in groups if group["groupType"] == "Boot"]
    if len(boot) > MOST_GROUPS:
        raise NotAllowed(f"A recovery plan holds at most {MOST_GROUPS} groups.")
    if any(group["replicationProtectedItems"] for group in groups if group not in boot):
        raise NotAllowed("The groups 'Shutdown' and 'Failover' hold no items of their own.")
    entries = [entry for group in boot for entry in group["replicationProtectedItems"]]
    if not entries:
        raise NotAllowed("A recovery plan needs at least one protected item.")
    if len(entries) > MOST_ITEMS:
        raise NotAllowed(f"A recovery plan holds at most {MOST_ITEMS} protected items.")
    counts = Counter(entry["id"].lower() for entry in entries)
    for entry in entries:
        if counts[entry["id"].lower()] > 1:
            raise NotAllowed(f"The protected item '{entry['id']}' is in the plan more than once.")
    for entry in entries:
        _check_item(world, plan, entry)
    _check_replication_groups(world, boot)


def _check_item(world: World, plan: Json, entry: Json) -> None:
    """An item exists and lies between the plan's two fabrics, in either direction."""
    item = world.items.get(entry["id"].lower())
    if item is None:
        raise NotAllowed(f"The protected item '{entry['id']}' does not exist.")
    fabrics = f"{item['vault_id']}/replicationFabrics"
    here, there = f"{fabrics}/{item['fabric']}", f"{fabrics}/{item['recovery_fabric']}"
    pair = (plan["primary_fabric"], plan["recovery_fabric"])
    if not any(same(here, a) and same(there, b) for a, b in (pair, pair[::-1])):
        raise NotAllowed(
            f"The protected item '{item['name']}' does not replicate between the fabrics of the "
            "plan: a recovery plan has one source and one target."
        )
    # virtualMachineId is the item's own GUID, whatever was sent [CLI].
    entry |= {
        "id": item["id"],
        "virtualMachineId": item["entity"],
        "lifecycle": item["ids"]["lifecycle"],
    }


def _check_replication_groups(world: World, boot: list[Json]) -> None:
    """Machines of one replication group belong to one group of a plan [DOC]."""
    seen: dict[str, int] = {}
    for n, group in enumerate(boot):
        for entry in group["replicationProtectedItems"]:
            name = world.items[entry["id"].lower()]["multi_vm_group"]
            if name and seen.setdefault(name, n) != n:
                raise NotAllowed(f"The replication group '{name}' is in two groups of the plan.")


def _read(group: Json, vault_id: str) -> Json:
    kind = str(group.get("groupType") or "")
    proper = next((one for one in (*_FIRST, "Boot") if same(one, kind)), None)
    if proper is None:
        raise bad_input(f"'{kind}' is no type of a group.")
    entries = group.get("replicationProtectedItems") or []
    if not all(isinstance(entry, dict) and entry.get("id") for entry in entries):
        raise bad_input("Each protected item of a group needs its 'id'.")
    return {
        "groupType": proper,
        "replicationProtectedItems": [
            {"id": str(entry["id"]), "virtualMachineId": entry.get("virtualMachineId")}
            for entry in entries
        ],
        **{
            name: read_actions(group.get(name) or [], vault_id)
            for name in ("startGroupActions", "endGroupActions")
        },
    }


def _only(groups: list[Json], kind: str) -> Json | None:
    return next((group for group in groups if group["groupType"] == kind), None)


def _empty(kind: str) -> Json:
    return {
        "groupType": kind,
        "replicationProtectedItems": [],
        "startGroupActions": [],
        "endGroupActions": [],
    }


def boot_groups(plan: Json) -> list[Json]:
    """The groups that machines start in, in their order."""
    return [group for group in plan["groups"] if group["groupType"] == "Boot"]
