"""One probe for the checks of a VM; what comes out is judged, no answer is never a pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from muster.checks.addresses import NoAddress
from muster.checks.data_age import Against, data_loss_probe, judge_data_loss
from muster.checks.from_worker import ConnectResult, tcp_connect
from muster.checks.http import http_probe, judge_http
from muster.checks.probe import (
    MAX_CHECKS_PER_PROBE,
    ProbeCheck,
    ProbeReport,
    ProbeResult,
    build_probe,
    parse_probe_output,
)
from muster.checks.tcp import judge_tcp, tcp_probe
from muster.checks.unreachable import judge_unreachable, unreachable_probe, why_not_a_canary
from muster.checks.verdict import Verdict, no_answer
from muster.compile.graph import Step
from muster.errors import GatewayError, WaitEnded
from muster.journal.events import EventKind, Observed, instant_of
from muster.plan.checks import Check, UnreachableCheck
from muster.steps.commands import let_go, run_script
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.guard import own_copy
from muster.steps.named import name_for
from muster.steps.recorded import (
    address_of,
    copy_of,
    drill_network,
    last_observed,
    points_reference,
)

EXPECTED = timedelta(seconds=20)
SLACK = timedelta(seconds=90)
"""Beyond `within`: the last look may need 15 s, three silent connections 35 s."""
CONTROL_TIMEOUT = timedelta(seconds=5)
Controls = Mapping[str, list[ConnectResult]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A check of the plan under its stable id."""

    id: str
    check: Check


async def ask_probe(run: Run, step: Step, asked: Sequence[Asked]) -> dict[str, Verdict]:
    """Ask all checks inside the test copy that the step names.

    Raises:
        NotOwned: This run made no copy of that VM; nothing was sent.
    """
    own_copy(run, step.subject)
    verdicts: dict[str, Verdict] = {}
    probes: list[ProbeCheck] = []
    for one in asked:
        prepared = _prepared(run, step, one)
        if isinstance(prepared, Verdict):
            verdicts[one.id] = prepared
        else:
            probes.append(prepared)
    by_id = {one.id: one.check for one in asked}
    canaries = {p.id: c for p in probes if (c := by_id[p.id].unreachable) is not None}
    before = await _controls(run, canaries)
    results, why = await _results(run, step, probes)
    after = await _controls(run, canaries)
    for probe in probes:
        controls = [*before.get(probe.id, []), *after.get(probe.id, [])]
        verdicts[probe.id] = _judged(run, by_id[probe.id], results.get(probe.id), controls, why)
    return verdicts


def _prepared(run: Run, step: Step, asked: Asked) -> ProbeCheck | Verdict:
    """What the probe is asked; or the verdict of a check that cannot be asked."""
    check = asked.check
    if run.plan.vm(step.subject).os == "windows":
        return no_answer("the probe for Windows is not built yet, so nothing was asked")

    def known(vm: str) -> str | None:
        return address_of(run, vm)

    try:
        if check.tcp:
            return tcp_probe(check.tcp, asked.id, known)
        if check.http:
            return http_probe(check.http, asked.id, known)
        if check.data_loss:
            return data_loss_probe(check.data_loss, asked.id, known)
        if check.unreachable:
            ranges = drill_network(run)["address_space"]
            why = why_not_a_canary(check.unreachable, ranges)
            return no_answer(why) if why else unreachable_probe(check.unreachable, asked.id)
    except NoAddress as err:
        return no_answer(str(err))
    return no_answer(f"a check of kind {check.kind} does not run in a probe")


async def _controls(
    run: Run, canaries: Mapping[str, UnreachableCheck]
) -> dict[str, list[ConnectResult]]:
    """The positive control of each canary, from the worker: is the target alive right now?"""
    proxy = run.settings.worker_proxy
    return {
        check_id: [await tcp_connect(one.host, one.port, CONTROL_TIMEOUT, proxy)]
        for check_id, one in canaries.items()
    }


async def _results(
    run: Run, step: Step, probes: Sequence[ProbeCheck]
) -> tuple[dict[str, ProbeResult], str]:
    """Every line the probes printed, by check; and why there may be none."""
    results: dict[str, ProbeResult] = {}
    why = ""
    for start in range(0, len(probes), MAX_CHECKS_PER_PROBE):
        chunk = probes[start : start + MAX_CHECKS_PER_PROBE]
        try:
            report = await _probe(run, step, chunk, part=f"probe {start}")
        except (GatewayError, WaitEnded) as err:
            why = f"the probe gave no answer: {err.message}"
            continue
        results |= report.results
        if not report.ran:
            why = "nothing shows that the probe ran at all: its own first line is missing"
    return results, why


async def _probe(run: Run, step: Step, checks: Sequence[ProbeCheck], *, part: str) -> ProbeReport:
    """Run one probe, journal what it printed, remove it; one journalled is not run again."""
    known = last_observed(run, Observed.PROBE, command=name_for(run, step, part))
    if known is not None:
        return parse_probe_output(str(known["stdout"]))
    vm_id = own_copy(run, step.subject)
    timeout = max(check.within for check in checks) + SLACK
    name, result = await run_script(
        run, step, step.subject, build_probe(checks), part=part, expected=EXPECTED,
        timeout=timeout, deadline=Deadline.of(step, run.clock),
    )  # fmt: skip
    report = parse_probe_output(result.stdout)
    data = {
        "what": Observed.PROBE.value,
        "vm": step.subject,
        "command": name,
        "ran": report.ran,
        "host": report.host,
        "stdout": result.stdout,
        "stderr": result.stderr,
        "state": result.state,
        "raw": dict(result.raw),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    await let_go(run, step, step.subject, name, vm_id=vm_id)
    return report


def _judged(
    run: Run,
    check: Check,
    result: ProbeResult | None,
    controls: Sequence[ConnectResult],
    why: str,
) -> Verdict:
    if result is None and why and not check.unreachable:
        return no_answer(why)
    if check.tcp:
        return judge_tcp(check.tcp, result)
    if check.http:
        return judge_http(check.http, result)
    if check.data_loss:
        return judge_data_loss(check.data_loss, result, against(run, check))
    if check.unreachable:
        return judge_unreachable(check.unreachable, result, controls)
    return no_answer(f"a check of kind {check.kind} does not run in a probe")


def against(run: Run, check: Check) -> Against:
    """What a marker of this check is measured against."""
    names = {
        str(copy["vm_id"]).rpartition("/")[2]
        for vm in run.plan.all_vms
        if (copy := copy_of(run, vm.name)) is not None
    }
    copies = [copy for vm in check.vms if (copy := copy_of(run, vm)) is not None]
    known = [instant_of(str(copy["created_at"])) for copy in copies if copy.get("created_at")]
    made_at = min(known) if known else None
    return Against(points_reference(run), made_at, names, is_latest=_is_latest(run, check.vms))


def _is_latest(run: Run, vms: Collection[str]) -> bool:
    points = last_observed(run, Observed.POINTS)
    chosen = [one["choice"] for one in (points["points"] if points else ()) if one["vm"] in vms]
    return bool(chosen) and all(choice == "latest" for choice in chosen)
