"""How a vault is: what is wrong with its items, fabrics and containers."""

from __future__ import annotations

from muster.simulator.asr import item_health, pauses, setup, setup_jobs, setup_tasks
from muster.simulator.asr.configuration import demand_vault, items_in
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World


def get_health(call: Call) -> Answer:
    """GET …/replicationVaultHealth: worked out now."""
    world, vault_id = call.world, vault_id_of(call)
    items = items_in(world, demand_vault(call)["id"])
    told = [(item, item_health.replication_health(world, item)) for item in items]
    issues = [_issue(item, health) for item, health in told if health != pauses.NORMAL]
    return Answer(
        200,
        {
            "id": f"{vault_id}/replicationVaultHealth/Default",
            "name": "Default",
            "type": f"{setup.BASE}/replicationVaultHealth",
            "properties": {
                "vaultErrors": [],
                "protectedItemsHealth": {"resourceCount": len(items), "issues": issues},
                "fabricsHealth": _healthy(world, vault_id, setup.FABRICS),
                "containersHealth": _healthy(world, vault_id, setup.CONTAINERS),
            },
        },
    )


def refresh(call: Call) -> Answer:
    """POST …/replicationVaultHealth/default/refresh: its result is the vault's health."""
    vault_id = vault_id_of(call)
    job = setup_jobs.begin(
        call,
        setup_tasks.REFRESH_HEALTH,
        (call.world.guid("vault", vault_id), call.target.names[0]),
        f"{vault_id}/replicationVaultHealth/Default",
        call.world.takes("health_refresh", call.target.path),
    )
    return setup_jobs.accept(call, job)


def _issue(item: Json, health: str) -> Json:
    return {
        "summaryCode": "10008",
        "category": "Replication",
        "severity": "Error" if health == pauses.CRITICAL else "Warning",
        "summaryMessage": "Replication health is not normal",
        "affectedResourceType": "replicationProtectedItems",
        "affectedResourceSubtype": "",
        "affectedResourceCorrelationIds": [item["entity"]],
    }


def _healthy(world: World, vault_id: str, kind: str) -> Json:
    return {"resourceCount": sum(1 for _ in setup.under(world, vault_id, kind)), "issues": []}


_REFRESH = "That it shows among the jobs, and how long it takes: inferred."
_HEALTH = f"{setup.BASE}/replicationVaultHealth"
ROUTES: Routes = {
    (_HEALTH, "list"): Route(get_health, "specified"),
    (_HEALTH, "get"): Route(get_health, "specified"),  # by the id that its body tells
    (f"{_HEALTH}/refresh", "post"): Route(refresh, "specified", _REFRESH),
}
