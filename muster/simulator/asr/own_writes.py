"""What stands against the writes that Site Recovery does in a customer's groups.

Azure judges them as everybody's: quotas, policies that deny, and locks hold for them too. The two
codes of Microsoft's page [DOC:site-recovery-failover-to-azure-troubleshoot] are told where they
fit; the others are ours, as is everything else about how such a job fails.
"""

from __future__ import annotations

from collections.abc import Iterable

from muster.simulator.arm import locks, policy, quota
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr.placement import NoPlace
from muster.simulator.json_types import Json
from muster.simulator.world import World

NO_VM, NO_NIC = "28031", "28092"  # Microsoft's
NO_DISK, NOT_DELETED, NOT_STOPPED = "990020", "990021", "990022"  # ours
QUOTA = 150097  # Microsoft's code for a used up quota, told of enabling; here: inferred
_VM, _NIC = "Microsoft.Compute/virtualMachines", "Microsoft.Network/networkInterfaces"
_WORDS = {
    NO_VM: ("create the virtual machine", "There is no quota left for it, a policy denies it"),
    NO_NIC: ("create the network interface", "There is no quota left for it, a policy denies it"),
    NO_DISK: ("create the disk", "A policy denies it"),
    NOT_DELETED: ("delete", "It was locked meanwhile"),
}


class Barred(NoPlace):
    """Azure Resource Manager refuses a write of Site Recovery's."""

    def __init__(self, code: str, arm_id: str, error: AzureError) -> None:
        act, causes = _WORDS[code]
        super().__init__(f"Site Recovery could not {act} '{name_of(arm_id)}'.")
        self._told: Json = {
            "code": code,
            "message": str(self),
            "causes": f"{causes}, or a lock is on it or its resource group. Check the Provider "
            "error for more information.",
            "action": "Mend what the Provider error names and try again.",
            "provider": {
                "code": QUOTA if error.code in _OF_QUOTAS else 0,
                "message": f"{error.code}: {error.message}",
            },
        }

    def fault(self) -> Json:
        """As a job tells it, with what Azure Resource Manager said as its provider's error."""
        return self._told


_OF_QUOTAS = ("OperationNotAllowed", "NetworkInterfaceCountLimitReached")


def demand_allowed(world: World, nics: Iterable[Json], disks: Iterable[Json], vm: Json) -> None:
    """Refuse what Azure would not let Site Recovery make; nothing is made then. Raises: Barred."""
    for body in (*nics, *disks, vm):
        kind = (
            NO_VM if same(body["type"], _VM) else NO_NIC if same(body["type"], _NIC) else NO_DISK
        )
        _demand_one(world, body, kind)


def demand_disks_allowed(world: World, disks: Iterable[Json]) -> None:
    """The same for disks alone: those that are replicated to. Raises: Barred."""
    for body in disks:
        _demand_one(world, body, NO_DISK)


def demand_deletable(world: World, arm_ids: Iterable[str]) -> None:
    """Refuse to delete what a lock keeps; nothing is deleted then. Raises: Barred."""
    for arm_id in arm_ids:
        try:
            locks.demand_unlocked(world, arm_id, "delete")
        except AzureError as error:
            raise Barred(NOT_DELETED, arm_id, error) from error


def lock_on(world: World, arm_id: str) -> str:
    """What is said of a write at a resource that a lock forbids; "" if none does."""
    try:
        locks.demand_unlocked(world, arm_id, "post")
    except AzureError as error:
        return f"{error.code}: {error.message}"
    return ""


def _demand_one(world: World, body: Json, code: str) -> None:
    try:
        locks.demand_unlocked(world, body["id"], "put")
        policy.demand_allowed(world, {"sku": None, "kind": None} | body)
        if code == NO_VM:
            size = str(body["properties"]["hardwareProfile"]["vmSize"])
            quota.demand_room(world, body["location"], size)
        elif code == NO_NIC:
            quota.demand_network_room(world, body["type"], body["location"])
    except AzureError as error:
        raise Barred(code, body["id"], error) from error
