"""tcp: a port of a VM's test copy accepts a connection from inside the drill network."""

from __future__ import annotations

from muster.checks.addresses import AddressOf, address
from muster.checks.probe import ProbeCheck, ProbeResult
from muster.checks.verdict import Verdict, seen_of, unanswered
from muster.plan.checks import TcpCheck


def tcp_probe(check: TcpCheck, check_id: str, address_of: AddressOf) -> ProbeCheck:
    """What the probe is asked; raises NoAddress."""
    host = address(check.vm, address_of)
    return ProbeCheck(check_id, "tcp", host=host, port=check.port, within=check.within)


def judge_tcp(check: TcpCheck, result: ProbeResult | None) -> Verdict:
    """What the answer means."""
    if verdict := unanswered(result):
        return verdict
    assert result is not None  # noqa: S101 - `unanswered` says so
    if result.ok:
        return Verdict("passed", f"{check.vm}:{check.port} accepted a connection", seen_of(result))
    how = result.detail.get("how")
    return Verdict("failed", f"{check.vm}:{check.port} did not: {how}", seen_of(result))
