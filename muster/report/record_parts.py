"""Parts of the record: steps, checks, isolation, cleanup, questions, actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muster.journal.events import Event, EventKind, Observed
from muster.report.checkruns import FAILED, CheckRun
from muster.report.cleanliness import Cleanliness
from muster.report.read import Reading
from muster.report.stepruns import StepRun
from muster.report.values import instant, iso, mapping, mappings, number, seqs, text, texts


def step_entry(step: StepRun) -> dict[str, Any]:
    error = step.error or {}
    return {
        "id": step.id,
        "title": step.title,
        "kind": step.kind,
        "subject": step.subject,
        "group": step.group,
        "vm": step.vm,
        "critical": step.critical,
        "finaliser": step.finaliser,
        "began": iso(step.began),
        "ended": iso(step.ended),
        "status": step.status,
        "error": {key: text(error.get(key)) for key in ("code", "message", "hint")}
        if error
        else None,
        "why": step.why,
        "spent": {
            key: value for key, said in step.spent.items() if (value := number(said)) is not None
        },
        "tries": [
            {
                "began": iso(one.began),
                "ended": iso(one.ended),
                "until": iso(one.until),
                "status": one.status,
            }
            for one in step.tries
        ],
        "evidence": list(step.evidence),
    }


def check_entry(run: CheckRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "title": run.title,
        "kind": run.kind,
        "verdict": run.verdict,
        "required": run.required,
        "decides": run.decides,
        "group": run.group,
        "vm": run.vm,
        "step": run.step,
        "why": run.why,
        "remedy": run.remedy,
        "began": iso(run.began),
        "ended": iso(run.ended),
        "raw": dict(run.raw),
        "evidence": list(run.evidence),
    }


def isolation_entry(reading: Reading, checks: Sequence[CheckRun]) -> dict[str, Any]:
    """The walk over the reachability graph, the holes left on purpose, the canaries inside."""
    walked = reading.last_observed(Observed.REACHABILITY)
    network = reading.last_observed(Observed.NETWORK)
    canaries = [check for check in checks if check.kind == "unreachable"]
    said = text(walked.data.get("verdict")) if walked else None
    verdict = said if said in ("isolated", "reaches", "unknown") else "not evidenced"
    why = (text(walked.data.get("why")) or "") if walked else "the network was never walked"
    if broken := [check for check in canaries if check.verdict == FAILED]:
        verdict = "reaches"
        why = f"seen from inside: {broken[0].title}: {broken[0].why or 'reached'}. {why}".strip()
    return {
        "verdict": verdict,
        "why": why,
        "network": _network(network) if network else None,
        "hops": [
            {key: text(hop.get(key)) for key in ("from", "to", "via", "verdict", "evidence")}
            for hop in mappings(walked.data.get("hops") if walked else None)
        ],
        "holes": [
            {key: text(hole.get(key)) for key in ("direction", "to", "port", "why")}
            for hole in mappings(network.data.get("holes") if network else None)
        ],
        "canaries": [check_entry(check) for check in canaries],
        "evidence": seqs(
            walked.seq if walked else None,
            network.seq if network else None,
            *(check.evidence for check in canaries),
        ),
    }


def _network(event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "id": text(data.get("network_id")),
        "made": data.get("made") is True,
        "location": text(data.get("location")),
        "address_space": texts(data.get("address_space")),
        "subnets": [
            {key: text(subnet.get(key)) for key in ("name", "prefix")}
            for subnet in mappings(data.get("subnets"))
        ],
    }


def cleanup_entry(clean: Cleanliness) -> dict[str, Any]:
    def named(entries: Sequence[Any]) -> list[dict[str, Any]]:
        return [{key: text(one.get(key)) for key in ("id", "kind", "why")} for one in entries]

    return {
        "proven": clean.proven,
        "acted": clean.acted,
        "why": clean.why,
        "looked_in": list(clean.looked_in),
        "left": named(clean.left),
        "unattributed": named(clean.unattributed),
        "expected": named(clean.expected),
        "leftovers": list(clean.leftovers),
        "evidence": list(clean.evidence),
    }


def questions(reading: Reading) -> list[dict[str, Any]]:
    """What people were asked, and what came of it."""
    answers = {str(e.data.get("question")): e for e in reading.of_kind(EventKind.ANSWERED)}
    return [
        _question(event, answers.get(str(event.data.get("question"))))
        for event in reading.of_kind(EventKind.ASKED)
    ]


def _question(asked: Event, answered: Event | None) -> dict[str, Any]:
    given = answered.data if answered else {}
    at = instant(given.get("at")) or (answered.at if answered else None)
    return {
        "question": text(asked.data.get("question")) or f"event-{asked.seq}",
        "step": asked.step,
        "ask": text(asked.data.get("ask")),
        "asked": iso(asked.at),
        "deadline": iso(instant(asked.data.get("deadline"))),
        "otherwise": text(asked.data.get("otherwise")),
        "answer": text(given.get("answer")),
        "by": text(given.get("by")),
        "via": text(given.get("via")),
        "answered": iso(at),
        "evidence": seqs(asked.seq, answered.seq if answered else None),
    }


def actions(reading: Reading) -> list[dict[str, Any]]:
    """Every action step of the graph with what its script or runbook put out."""
    return [_action(reading, step) for step in reading.steps_of("action")]


_OUTPUTS = (Observed.SCRIPT.value, Observed.RUNBOOK.value)


def _action(reading: Reading, step: StepRun) -> dict[str, Any]:
    seen = [
        event
        for event in reading.of_step(step.id)
        if event.kind is EventKind.OBSERVED and event.data.get("what") in _OUTPUTS
    ]
    data = mapping(seen[-1].data if seen else None)
    code = number(data.get("exit_code"))
    return {
        "step": step.id,
        "title": step.subject,
        "group": step.group,
        "vm": text(data.get("vm")) or step.vm,
        "kind": text(data.get("what")) or _kind_in_plan(reading, step),
        "side": text(step.params.get("side")),
        "status": step.status,
        "why": step.why,
        "began": iso(step.began),
        "ended": iso(step.ended),
        "file": text(data.get("file")),
        "sha256": text(data.get("sha256")),
        "runbook": text(data.get("runbook")),
        "account": text(data.get("account")),
        "job": text(data.get("job")) or text(data.get("command")),
        "state": text(data.get("state")) or text(data.get("status")),
        "exit_code": int(code) if code is not None else None,
        "output": text(data.get("stdout")) or text(data.get("output")),
        "error_output": text(data.get("stderr")) or text(data.get("exception")),
        "evidence": seqs(step.evidence, *(event.seq for event in seen)),
    }


def _kind_in_plan(reading: Reading, step: StepRun) -> str:
    at = tuple(step.params.get(key) for key in ("group", "side", "index"))
    for group, side, place, action in reading.plan.actions() if reading.plan else ():
        if at == (group.name, side, place):
            return action.kind
    return "action"
