"""All checks of one scope that run in one VM, each judged and journalled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muster.checks.script import judge_script
from muster.checks.verdict import Verdict, no_answer
from muster.compile.graph import Step
from muster.errors import GatewayError, StepFailed, WaitEnded
from muster.journal.events import EventKind
from muster.plan.checks import Check, decides
from muster.steps.context import Done, Run, Spent
from muster.steps.isolation.renew import renew_proof
from muster.steps.probing import Asked, ask_probe
from muster.steps.scripts import observe_script
from muster.steps.spending import counted, told_on_failure

PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Judged:
    """One check with what it came to, and when."""

    asked: Asked
    verdict: Verdict
    began: datetime
    ended: datetime


async def run_checks(step: Step, run: Run) -> Done:
    """Ask everything, journal every verdict, then fail if a required one did not pass.

    Raises:
        NotOwned: This run made no copy of the VM; nothing was sent.
        StepFailed: A required check failed, or is not evidenced.
        IsolationRefused: The network that the copies stand in is not isolated any more.
    """
    spent = Spent()
    with told_on_failure(spent):
        # Somebody may have opened the network since the copies were sent into it.
        await renew_proof(run, step)
        asked = asked_in(run, step)
        with counted(spent, "check", run.clock):
            judged = await ask_probe_and_judge(
                run, step, [a for a in asked if not a.check.run_command]
            )
            judged += [await _script(run, step, a) for a in asked if a.check.run_command]
        for one in judged:
            await run.journal.append(EventKind.CHECKED, _data(step, one), step=step.id)
        _require(step, run, judged)
        count = sum(one.verdict.word == "passed" for one in judged)
        return Done({"passed": count, "of": len(judged)}, spent)


def asked_in(run: Run, step: Step) -> list[Asked]:
    """The plan's checks that a step stands for, each with its stable id."""
    scope = step.params["scope"]
    checks = (
        run.plan.checks
        if scope is None
        else next(group.checks for group in run.plan.groups if group.name == scope)
    )
    return [Asked(f"{scope or PLAN}.{at + 1}", checks[at]) for at in step.params["checks"]]


async def ask_probe_and_judge(run: Run, step: Step, asked: Sequence[Asked]) -> list[Judged]:
    """Put what the probe can ask into it; an empty list asks nothing."""
    if not asked:
        return []
    began = run.clock.now()
    verdicts = await ask_probe(run, step, asked)
    ended = run.clock.now()
    return [Judged(one, verdicts[one.id], began, ended) for one in asked]


async def _script(run: Run, step: Step, asked: Asked) -> Judged:
    check = asked.check.run_command
    began = run.clock.now()
    if check is None:
        raise StepFailed(f"{asked.id} is no script")
    try:
        seen = await observe_script(
            run, step, check.vm, check.file, check.timeout, title=asked.check.title, part=asked.id
        )
        verdict = judge_script(check, seen)
    except (GatewayError, WaitEnded) as err:
        verdict = no_answer(f"the script gave no answer: {err.message}", error=err.as_data())
    return Judged(asked, verdict, began, run.clock.now())


def _data(step: Step, one: Judged) -> dict[str, Any]:
    check = one.asked.check
    return {
        "check": one.asked.id,
        "title": check.title,
        "kind": check.kind,
        "group": step.group,
        "vm": about(check) or step.subject,
        "verdict": one.verdict.word,
        "required": check.required,
        "why": one.verdict.why,
        "began": one.began,
        "ended": one.ended,
        "evidence": dict(one.verdict.evidence),
    }


def about(check: Check) -> str | None:
    """The VM that a check says something about, which is not always the one it runs in."""
    return next(iter(check.targets), check.runs_in_vm)


def _require(step: Step, run: Run, judged: Sequence[Judged]) -> None:
    """Fail with what did not pass; where checks that decide are among them, with those alone.

    A check of an optional VM must not end the branch of the critical ones it shares a probe with.
    """
    counting = [one for one in judged if one.asked.check.required]
    if step.critical:
        counting = [one for one in counting if decides(one.asked.check, run.plan.is_critical)]
    bad = [one for one in counting if one.verdict.word != "passed"]
    if not bad:
        return
    said = "; ".join(
        f"{one.asked.check.title} {one.verdict.word}: {one.verdict.why}" for one in bad
    )
    raise StepFailed(
        f"{len(bad)} check{'s' if len(bad) != 1 else ''} did not pass: {said}",
        code="CHECK-001" if any(o.verdict.word == "failed" for o in bad) else "CHECK-002",
        hint="The report holds what each check saw, word for word.",
    )
