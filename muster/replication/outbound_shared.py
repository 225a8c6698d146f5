"""What many VMs cannot reach for one reason is one thing to tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muster.replication.outbound import OutboundFinding, Severity


@dataclass(frozen=True, slots=True)
class SharedFinding:
    """A finding, with the names of all VMs that it is of; `command` is "" where none helps."""

    vms: tuple[str, ...]
    severity: Severity
    why: str
    remedy: str
    command: str


def shared(findings: Iterable[OutboundFinding]) -> tuple[SharedFinding, ...]:
    """Findings by what they are about, in the order in which each was first met."""
    vms: dict[tuple[Severity, str, str, str], list[str]] = {}
    for one in findings:
        vms.setdefault((one.severity, one.why, one.remedy, one.command), []).append(one.vm)
    return tuple(SharedFinding(tuple(names), *about) for about, names in vms.items())
