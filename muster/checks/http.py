"""http: a URL answers with the status and the text that were asked for."""

from __future__ import annotations

from muster.checks.addresses import AddressOf, filled
from muster.checks.probe import ProbeCheck, ProbeResult
from muster.checks.verdict import Verdict, seen_of, unanswered
from muster.plan.checks import HttpCheck


def http_probe(check: HttpCheck, check_id: str, address_of: AddressOf) -> ProbeCheck:
    """What the probe is asked; raises NoAddress."""
    return ProbeCheck(
        check_id,
        "http",
        url=filled(check.url, address_of),
        status=check.status,
        contains=check.contains or "",
        within=check.within,
    )


def judge_http(check: HttpCheck, result: ProbeResult | None) -> Verdict:
    """What the answer means."""
    if verdict := unanswered(result):
        return verdict
    assert result is not None  # noqa: S101 - `unanswered` says so
    if result.ok:
        text = f" and contains '{check.contains}'" if check.contains else ""
        return Verdict("passed", f"{check.url} answers {check.status}{text}", seen_of(result))
    match result.detail.get("how"):
        case "status":
            said = result.detail.get("status")
            why = f"{check.url} answered {said}, wanted {check.status}"
        case "text":
            why = f"{check.url} answered {check.status} without '{check.contains}' in it"
        case how:
            why = f"{check.url} did not answer: {how}"
    return Verdict("failed", why, seen_of(result))
