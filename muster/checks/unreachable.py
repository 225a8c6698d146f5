"""unreachable: a canary of isolation, which counts only while its target is alive."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from muster.checks.from_worker import ConnectResult
from muster.checks.probe import ProbeCheck, ProbeResult
from muster.checks.verdict import Verdict, no_answer, seen_of, unanswered
from muster.plan.checks import WORKER, UnreachableCheck

ANSWERED = frozenset({"connected", "refused", "tls"})
SHOWS_NOTHING = frozenset({"unresolved", "no-curl", "bad-target", "error"})


def unreachable_probe(check: UnreachableCheck, check_id: str) -> ProbeCheck:
    """What the probe is asked."""
    return ProbeCheck(
        check_id, "unreachable", host=check.host, port=check.port, within=check.within
    )


def why_not_a_canary(check: UnreachableCheck, drill_ranges: Sequence[str]) -> str | None:
    """Why this target cannot show isolation whatever the probe says; None if it can.

    In a mirror a test copy bears the very address of its source, so a target inside the drill
    network's own
    ranges is the copy, not production.
    """
    if check.live_from is None:
        return (
            "no `live_from`: without a positive control, silence may just mean that "
            "the target is down"
        )
    if check.live_from != WORKER:
        return f"the positive control can only connect from `{WORKER}`, not from {check.live_from}"
    try:
        target = ip_address(check.host)
    except ValueError:
        return f"{check.host} is a name: inside the drill network it may mean anything or nothing"
    for one in drill_ranges:
        if target in ip_network(one, strict=False):
            return f"{check.host} lies in the drill network's own range {one}: there it is a copy"
    return None


def judge_unreachable(
    check: UnreachableCheck, result: ProbeResult | None, controls: Sequence[ConnectResult]
) -> Verdict:
    """Isolated only if nobody answered from inside while the target was alive."""
    where = f"{check.host}:{check.port}"
    shown = [{"ok": one.ok, "detail": one.detail} for one in controls]
    if verdict := unanswered(result):
        return Verdict(verdict.word, verdict.why, {**verdict.evidence, "controls": shown})
    assert result is not None  # noqa: S101 - `unanswered` says so
    evidence = {**seen_of(result), "controls": shown}
    hows = set(str(result.detail.get("how", "")).split(","))
    if answered := hows & ANSWERED:
        why = f"{where} answered from inside the drill network: {', '.join(sorted(answered))}"
        return Verdict("failed", why, evidence)
    if not controls or not all(one.ok for one in controls):
        said = "; ".join(one.detail for one in controls if not one.ok) or "not tried"
        why = f"{where} was not alive for the positive control ({said}), so silence shows nothing"
        return no_answer(why, **evidence)
    if hows & SHOWS_NOTHING or not result.ok:
        return no_answer(f"{where}: {', '.join(sorted(hows))} shows nothing", **evidence)
    why = f"nobody answered at {where} from inside, while it was alive for the worker"
    return Verdict("passed", why, evidence)
