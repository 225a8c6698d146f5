"""Which operating systems a vault replicates: data, and its GET."""

from __future__ import annotations

from muster.simulator.arm.ids import same
from muster.simulator.asr import setup
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json

# (name, type, versions). The form, debian and Windows Server 2016 are recorded [CLI-V]; the other
# rows follow Microsoft's support matrix (MEMORY).
A2A: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("almalinux", "linux", ("8", "9")),
    ("debian", "linux", ("7", "8", "9", "10", "11")),
    ("oracle", "linux", ("6", "7", "8", "9")),
    ("redhat", "linux", ("6", "7", "8", "9")),
    ("rocky", "linux", ("8", "9")),
    ("suse", "linux", ("12", "15")),
    ("ubuntu", "linux", ("14.04", "16.04", "18.04", "20.04", "22.04", "24.04")),
    ("Windows Server 2012 Datacenter", "windows", ("6.2",)),
    ("Windows Server 2012 R2 Datacenter", "windows", ("6.3",)),
    ("Windows Server 2016 Datacenter", "windows", ("6.3", "10.0")),
    ("Windows Server 2019 Datacenter", "windows", ("10.0",)),
    ("Windows Server 2022 Datacenter", "windows", ("10.0",)),
)


def get_supported(call: Call) -> Answer:
    """GET …/replicationSupportedOperatingSystems, with `instanceType`: only A2A is known here."""
    wanted = call.query.get("instanceType", "A2A")
    rows = [_system(*row) for row in A2A] if same(wanted, "A2A") else []
    name = "Default"
    return Answer(
        200,
        {
            "id": f"{vault_id_of(call)}/{_KIND}/{name}",
            "name": name,
            "type": f"{setup.BASE}/{_KIND}",
            "properties": {
                "supportedOsList": [{"instanceType": "A2A", "supportedOs": rows}] if rows else []
            },
        },
    )


def _system(name: str, family: str, versions: tuple[str, ...]) -> Json:
    return {
        "osName": name,
        "osType": family,
        "osVersions": [{"version": version} for version in versions],
    }


_KIND = "replicationSupportedOperatingSystems"
_ROWS = "Two of its rows are recorded; the others follow Microsoft's support matrix."
ROUTES: Routes = {(f"{setup.BASE}/{_KIND}", "list"): Route(get_supported, "recorded", _ROWS)}
