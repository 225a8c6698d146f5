"""What stands in a vault: items keep it from being deleted, all else goes with it."""

from __future__ import annotations

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import same
from muster.simulator.json_types import Json
from muster.simulator.world import World


def demand_empty(world: World, vault: Json) -> None:
    """Refuse to delete a vault while items are protected in it. Raises: AzureError 400."""
    inside = vault["id"].lower() + "/"
    if held := [item["vm_name"] for key, item in world.items.items() if key.startswith(inside)]:
        raise AzureError(
            400,
            "ServiceResourceNotEmptyWithBackendMessage",
            "Recovery Services vault cannot be deleted as there are replicated items still "
            f"present: {', '.join(held)}. Disable their replication and try again.",
        )


def gone(world: World, vault: Json) -> None:
    """Its jobs go, and what was still to come of them; what is kept under its id goes anyway."""
    jobs = world.table("jobs")
    mine = [key for key, job in jobs.items() if same(job["vault_id"], vault["id"])]
    world.forget(mine)
    for key in mine:
        del jobs[key]
