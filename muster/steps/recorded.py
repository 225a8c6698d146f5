"""What this run's own journal says it did and saw: steps act on this, never on memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from muster.errors import StepFailed
from muster.gateway.ids import key_of
from muster.journal.events import Event, EventKind, Observed, instant_of
from muster.steps.context import Run

Data = Mapping[str, Any]

BASELINE = "baseline"
"""`what` of the observation that lists the target resource group before the first act."""
PRODUCTION_NETWORKS = "production-networks"
"""`what` of preflight's observation of the networks that source VMs stand in (`source`) and that
their items recover into (`target`): ids.
"""
MAKE_NETWORK = "make-network"
"""Act under which every part of a drill network is intended and accepted."""


def events_of(run: Run, kind: EventKind) -> Iterator[Event]:
    """This run's events of a kind, oldest first."""
    return iter(tuple(run.journal.index.of_kind(kind)))


def observed(run: Run, what: Observed, **keys: Any) -> list[Data]:
    """Data of the observations of a kind whose keys have these values, oldest first."""
    found = run.journal.index.observed(what, keys.pop("vm", None))
    return [
        event.data
        for event in found
        if all(event.data.get(key) == value for key, value in keys.items())
    ]


def last_observed(run: Run, what: Observed, **keys: Any) -> Data | None:
    """The newest such observation."""
    found = observed(run, what, **keys)
    return found[-1] if found else None


def baseline(run: Run) -> Data | None:
    """What stood in the target resource group before this run's first act (`ids`), or None."""
    return next(_of_what(run, BASELINE), None)


def production_networks(run: Run) -> Data | None:
    """Ids of the networks that production really stands in, as preflight read them, or None."""
    found = list(_of_what(run, PRODUCTION_NETWORKS))
    return found[-1] if found else None


def _of_what(run: Run, what: str) -> Iterator[Data]:
    observations = events_of(run, EventKind.OBSERVED)
    return (event.data for event in observations if event.data.get("what") == what)


def baseline_keys(run: Run) -> frozenset[str]:
    """The same as keys to compare; empty when none was taken."""
    found = baseline(run)
    return frozenset(key_of(str(one)) for one in found["ids"]) if found else frozenset()


def was_done(run: Run, step: str) -> bool:
    """Whether a step ended well before, in this process or an earlier one."""
    return any(
        event.kind is EventKind.FINISHED and event.data["status"] == "ok"
        for event in run.journal.index.of_step(step)
    )


def drill_network(run: Run) -> Data:
    """The network the copies go into, as isolate journalled it.

    Raises:
        StepFailed: No network was journalled, so nothing may be sent into one.
    """
    found = last_observed(run, Observed.NETWORK)
    if found is None:
        raise StepFailed(
            "This run has journalled no drill network",
            code="STEP-013",
            hint="Look at the step `isolate`: nothing goes up before its network is proven.",
        )
    return found


def point_of(run: Run, vm: str) -> Data:
    """The recovery point pinned for a VM.

    Raises:
        StepFailed: None was pinned.
    """
    points = last_observed(run, Observed.POINTS)
    for point in points["points"] if points else ():
        if point["vm"] == vm:
            return dict(point)
    raise StepFailed(
        f"No recovery point was pinned for {vm}",
        code="STEP-014",
        hint="Look at the step `recovery-points`.",
    )


def points_reference(run: Run) -> datetime | None:
    """The instant at which all points were resolved: what a drill measures data loss from."""
    points = last_observed(run, Observed.POINTS)
    return instant_of(points["reference"]) if points else None


def copy_of(run: Run, vm: str) -> Data | None:
    """What this run recorded as the test copy of a VM (`OWNED`), or None."""
    return last_observed(run, Observed.OWNED, vm=vm)


def address_of(run: Run, vm: str) -> str | None:
    """The private address of a VM's test copy, as read from its NIC."""
    up = last_observed(run, Observed.UP, vm=vm)
    if up and up.get("address"):
        return str(up["address"])
    placed = last_observed(run, Observed.PLACEMENT, vm=vm)
    nics = placed["found"]["nics"] if placed else []
    return next((nic["private_ip"] for nic in nics if nic.get("private_ip")), None)


def owned_ids(run: Run) -> dict[str, str]:
    """Every id this run recorded as its own, or meant to make: key -> id."""
    found: dict[str, str] = {}
    for data in observed(run, Observed.OWNED):
        found |= {key_of(one): one for one in data["ids"]}
    for data in observed(run, Observed.NETWORK):
        found |= {key_of(one): one for one in data["owned"]}
    for event in events_of(run, EventKind.INTENDED):
        if event.data.get("act") == MAKE_NETWORK:
            one = str(event.data["request"]["id"])
            found[key_of(one)] = one
    return found
