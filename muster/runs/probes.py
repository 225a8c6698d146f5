"""What nobody has recorded of Azure yet, as harmless questions to one held test copy.

Each is refused by Azure, or changes nothing but the copy: no failover verb but test failover,
and that only into the drill's own network, while the copy stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ASR = "2025-08-01"
COMPUTE = "2024-07-01"
NOBODY = "muster-asks-for-what-is-not-there"


@dataclass(frozen=True, slots=True)
class Probe:
    """One question; `why` says what is uncertain without its answer."""

    why: str
    method: str
    path: str
    api_version: str | None
    body: Any = None
    follow: bool = False  # watch what a 202 leads to, to its end


@dataclass(frozen=True, slots=True)
class Held:
    """The one copy that stands, as its run's journal knows it."""

    item_id: str
    network_id: str
    copy_id: str

    @property
    def vault_id(self) -> str:
        return "/".join(self.item_id.split("/")[:9])


def probes(held: Held) -> Iterator[Probe]:
    """All questions, in order."""
    yield from _of_failovers(held)
    yield from _of_what_is_not_there(held)
    yield from _of_copies(held)


def _of_failovers(held: Held) -> Iterator[Probe]:
    item, post = held.item_id, f"{held.item_id}/testFailover"
    missing = f"{item}/recoveryPoints/00000000-0000-0000-0000-000000000001"
    again, elsewhen = _test(held.network_id), _test(held.network_id, missing)
    headless = {"properties": {"failoverDirection": "PrimaryToRecovery"}}
    yield Probe("The item while its cleanup is pending", "GET", item, ASR)
    yield Probe("A second test failover, refused at once?", "POST", post, ASR, again, follow=True)
    yield Probe("A recovery point that is not there", "POST", post, ASR, elsewhen, follow=True)
    yield Probe("A body without its provider", "POST", post, ASR, headless)
    yield Probe("A body that is no JSON", "POST", post, ASR, "{")
    yield Probe("Recovery points in a list", "GET", f"{item}/recoveryPoints", ASR)


def _of_what_is_not_there(held: Held) -> Iterator[Probe]:
    item, vault = held.item_id, held.vault_id
    jobs, plans = f"{vault}/replicationJobs", f"{vault}/replicationRecoveryPlans"
    grammar = f"{jobs}?api-version={ASR}&$filter=JobStatus eq 'InProgress'"
    yield Probe("A vault that is not there", "GET", f"{vault}-{NOBODY}/replicationJobs", ASR)
    yield Probe("An item that is not there", "GET", f"{_parent(item)}/{NOBODY}", ASR)
    yield Probe("A plan that is not there", "GET", f"{plans}/{NOBODY}", ASR)
    yield Probe("A job that is not there", "GET", f"{jobs}/{NOBODY}", ASR)
    yield Probe("A type that is not there", "GET", f"{vault}/replicationNothing", ASR)
    yield Probe("An api-version that is not there", "GET", item, "1999-01-01")
    yield Probe("No api-version", "GET", item, None)
    yield Probe("Grammar of a filter on jobs", "GET", grammar, None)


def _of_copies(held: Held) -> Iterator[Probe]:
    copy, run = held.copy_id, f"{held.copy_id}/runCommand"
    site_recovery = f"{copy}/providers/Microsoft.RecoveryServices"
    eligible = f"{site_recovery}/replicationEligibilityResults/default"
    echo = {"commandId": "RunShellScript", "script": ["echo muster"]}
    three = {"commandId": "RunShellScript", "script": ["exit 3"]}
    yield Probe("Eligibility of a VM that is a copy", "GET", eligible, ASR)
    yield Probe("The copy's body", "GET", copy, COMPUTE)
    yield Probe("Run-command as an action", "POST", run, COMPUTE, echo, follow=True)
    yield Probe("A script that ends with 3", "POST", run, COMPUTE, three, follow=True)


def _test(network: str, point: str | None = None) -> dict[str, Any]:
    details = {"instanceType": "A2A"} | ({"recoveryPointId": point} if point else {})
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": network,
            "providerSpecificDetails": details,
        }
    }


def _parent(arm_id: str) -> str:
    return arm_id.rpartition("/")[0]
