"""Which sizes a VM can have after a failover: data, and the list for one item."""

from __future__ import annotations

from muster.simulator.asr import items
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json

_BOTH, _FIRST = ("V1", "V2"), ("V1",)

# size: (cores, memory in GB, data disks, network interfaces, premium storage, generations). As the
# pages of Microsoft's VM sizes say (MEMORY).
SIZES: dict[str, tuple[int, float, int, int, bool, tuple[str, ...]]] = {
    "Standard_A1_v2": (1, 2.0, 2, 2, False, _FIRST),
    "Standard_A2_v2": (2, 4.0, 4, 2, False, _FIRST),
    "Standard_B1ms": (1, 2.0, 2, 2, True, _BOTH),
    "Standard_B2s": (2, 4.0, 4, 3, True, _BOTH),
    "Standard_B2ms": (2, 8.0, 4, 3, True, _BOTH),
    "Standard_B4ms": (4, 16.0, 8, 4, True, _BOTH),
    "Standard_D2s_v3": (2, 8.0, 4, 2, True, _BOTH),
    "Standard_D4s_v3": (4, 16.0, 8, 2, True, _BOTH),
    "Standard_D8s_v3": (8, 32.0, 16, 4, True, _BOTH),
    "Standard_D2s_v5": (2, 8.0, 4, 2, True, _BOTH),
    "Standard_D4s_v5": (4, 16.0, 8, 2, True, _BOTH),
    "Standard_D8s_v5": (8, 32.0, 16, 4, True, _BOTH),
    "Standard_D16s_v5": (16, 64.0, 32, 8, True, _BOTH),
    "Standard_D32s_v5": (32, 128.0, 32, 8, True, _BOTH),
    "Standard_E2s_v5": (2, 16.0, 4, 2, True, _BOTH),
    "Standard_E4s_v5": (4, 32.0, 8, 2, True, _BOTH),
    "Standard_E8s_v5": (8, 64.0, 16, 4, True, _BOTH),
    "Standard_E16s_v5": (16, 128.0, 32, 8, True, _BOTH),
    "Standard_E32s_v5": (32, 256.0, 32, 8, True, _BOTH),
    "Standard_F2s_v2": (2, 4.0, 4, 2, True, _BOTH),
    "Standard_F4s_v2": (4, 8.0, 8, 2, True, _BOTH),
    "Standard_F8s_v2": (8, 16.0, 16, 4, True, _BOTH),
    "Standard_M32ms": (32, 875.0, 32, 8, True, _BOTH),
}


def list_sizes(call: Call) -> Answer:
    """GET …/targetComputeSizes: each with what stands against it for this item."""
    item = items.find(call.world, call.target)
    return listed([_size(item, name) for name in SIZES])


def _size(item: Json, name: str) -> Json:
    cores, memory, disks, nics, premium, generations = SIZES[name]
    return {
        "id": f"{item['id']}/targetComputeSizes/{name}",
        "name": name,
        "type": _KIND,
        "properties": {
            "name": name,
            "friendlyName": name,
            "cpuCoresCount": cores,
            "vCPUsAvailable": cores,
            "memoryInGB": memory,
            "maxDataDiskCount": disks,
            "maxNicsCount": nics,
            "errors": _errors(item, disks),
            "highIopsSupported": "Supported" if premium else "NotSupported",
            "hyperVGenerations": list(generations),
        },
    }


def _errors(item: Json, most: int) -> list[Json]:
    needed = sum(1 for disk in item["disks"] if not disk["os"])
    if needed <= most:
        return []
    message = f"The virtual machine has {needed} data disks, the size takes {most}."
    return [{"message": message, "severity": "Error"}]


_KIND = f"{items.TYPE}/targetComputeSizes"
_SIZES = "Which sizes there are: a choice of ours. What stands against one: inferred."
ROUTES: Routes = {(_KIND, "list"): Route(list_sizes, "specified", _SIZES)}
