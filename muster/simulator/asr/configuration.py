"""What a vault is set up with: fabrics, containers, policies, mappings, and the vault's health."""

from __future__ import annotations

from muster.simulator.arm.errors import resource_not_found, site_recovery_not_found
from muster.simulator.arm.ids import parse, same
from muster.simulator.asr import items as asr_items
from muster.simulator.asr.setup import BASE, CONTAINERS
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json


def demand_vault(call: Call) -> Json:
    """The vault a path lies in, or ARM's own 404."""
    path = "/".join(call.target.path.split("/")[:9])
    vault = call.world.resource(path)
    if vault is None:
        raise resource_not_found(parse(path))
    return vault


def get(call: Call) -> Answer:
    """GET a fabric, container, policy or mapping."""
    entry = call.world.table("asr").get(call.target.path.lower())
    if entry is None:
        raise site_recovery_not_found(call.target.name)
    return Answer(200, _shown(call, entry))


def list_entries(call: Call) -> Answer:
    """GET a list, in its parent or in the whole vault.

    The mappings of a container are those in both directions [CLI].
    """
    owner, wanted = call.target.owner.lower(), call.target.types[-1].lower()
    table = call.world.table("asr")
    if len(call.target.names) > 1 and owner not in table and "replicationnetworks" not in owner:
        raise site_recovery_not_found(call.target.name)
    return listed(
        [
            _shown(call, entry)
            for key, entry in table.items()
            if entry["type"].rpartition("/")[2].lower() == wanted
            and (key.startswith(owner + "/") or _points_at(entry, owner))
        ]
    )


def get_health(call: Call) -> Answer:
    """GET …/replicationVaultHealth."""
    vault = demand_vault(call)
    items = asr_items.in_vault(call.world, call.target)
    sick = [item for item in items if item["replication_health"] != "Normal"]
    issues = [
        {
            "summaryCode": "10008",
            "category": "Replication",
            "severity": "Error" if item["replication_health"] == "Critical" else "Warning",
            "summaryMessage": "Replication health is not normal",
            "affectedResourceType": "replicationProtectedItems",
            "affectedResourceSubtype": "",
            "affectedResourceCorrelationIds": [item["entity"]],
        }
        for item in sick
    ]
    fabrics = [
        entry
        for entry in call.world.table("asr").values()
        if entry["type"] == f"{BASE}/replicationFabrics"
    ]
    return Answer(
        200,
        {
            "id": f"{vault['id']}/replicationVaultHealth/Default",
            "name": "Default",
            "type": f"{BASE}/replicationVaultHealth",
            "properties": {
                "vaultErrors": [],
                "protectedItemsHealth": {"resourceCount": len(items), "issues": issues},
                "fabricsHealth": {"resourceCount": len(fabrics), "issues": []},
                "containersHealth": {"resourceCount": len(fabrics), "issues": []},
            },
        },
    )


def _points_at(entry: Json, owner: str) -> bool:
    return same(str(entry["properties"].get("targetProtectionContainerId")), owner)


def _shown(call: Call, entry: Json) -> Json:
    if entry["type"] != f"{BASE}/{CONTAINERS}":
        return entry
    held = [
        item
        for item in asr_items.in_vault(call.world, call.target)
        if item["id"].lower().startswith(entry["id"].lower() + "/")
    ]
    return entry | {"properties": entry["properties"] | {"protectedItemCount": len(held)}}


_KINDS = (
    "replicationFabrics",
    "replicationFabrics/replicationProtectionContainers",
    "replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings",
    "replicationFabrics/replicationNetworks/replicationNetworkMappings",
    "replicationPolicies",
)
_VAULT_WIDE = (
    "replicationProtectionContainers",
    "replicationProtectionContainerMappings",
    "replicationNetworkMappings",
)
_MADE = "Fabrics, protection containers, policies and mappings: read only, as the world has them."
ROUTES: Routes = {
    **{(f"{BASE}/{kind}", "get"): Route(get, "recorded", _MADE) for kind in _KINDS},
    **{(f"{BASE}/{kind}", "list"): Route(list_entries, "recorded", _MADE) for kind in _KINDS},
    **{(f"{BASE}/{kind}", "list"): Route(list_entries, "specified") for kind in _VAULT_WIDE},
    (f"{BASE}/replicationVaultHealth", "list"): Route(get_health, "specified"),
}
