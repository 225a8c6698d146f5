"""Requests that are known to the roles and refused: a permitted caller hears the truth."""

from __future__ import annotations

from muster.simulator.arm.errors import not_implemented
from muster.simulator.call import Answer, Call, Route, Routes


def refuse(call: Call) -> Answer:
    """Better than to act as if."""
    raise not_implemented(f"{call.method} {call.target.type}")


_VAULT = "Microsoft.RecoveryServices/vaults"
_FABRIC = f"{_VAULT}/replicationFabrics"
_CONTAINER = f"{_FABRIC}/replicationProtectionContainers"
_REAL = (
    f"{_VAULT}/backupJobs",
    f"{_VAULT}/replicationAppliances",
    f"{_VAULT}/replicationLogicalNetworks",
    f"{_VAULT}/replicationMigrationItems",
    f"{_VAULT}/replicationProtectionClusters",
    f"{_VAULT}/replicationStorageClassificationMappings",
    f"{_VAULT}/replicationStorageClassifications",
    f"{_VAULT}/replicationUsages",
    f"{_VAULT}/replicationvCenters",
    f"{_VAULT}/usages",
    f"{_FABRIC}/replicationLogicalNetworks",
    f"{_FABRIC}/replicationStorageClassifications",
    f"{_FABRIC}/replicationvCenters",
    f"{_CONTAINER}/replicationMigrationItems",
    f"{_CONTAINER}/replicationProtectionClusters",
)
_NOTE = "Azure has them; the simulator says so, with 501 NotImplemented, which Azure never does."
ROUTES: Routes = {
    (kind, verb): Route(refuse, "not modelled", _NOTE)
    for kind in _REAL
    for verb in ("get", "list", "put", "patch", "delete")
}
