"""What a preflight check is, how grave it is for which operation, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from muster.checks.verdict import Verdict, no_answer
from muster.errors import JournalError
from muster.gateway.values import ProtectedItem, VirtualMachine
from muster.plan.actions import Operation
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.mistakes import reason_of

One = TypeVar("One")
Judge = Callable[[Facts], Verdict]
NO_SOURCE = "the source VM was not found"
NOTHING_TO_JUDGE = "there is nothing that could be judged"


class Severity(StrEnum):
    """What it means for an operation that a check did not pass."""

    # A drill or a replication ends here; a failover goes on with a recorded override only.
    STOPS = "stops"
    TOLD = "told"
    NONE = "does not apply"  # it is not judged


class Area(StrEnum):
    """What a check is about; tables are told in this order."""

    PLAN = "plan"
    IDENTITY = "identity and roles"
    VAULT = "vault"
    SET_UP = "what is set up"
    ITEMS = "replicated items"
    POINTS = "RPO and recovery points"
    DISKS = "sources and disks"
    OUTBOUND = "outbound connectivity"
    CAPACITY = "quota and capacity"
    NETWORK = "target network"
    ISOLATION = "isolation"
    RUNBOOKS = "runbooks and scripts"
    RULES = "locks and policies"
    LEFT_OVERS = "left-overs"
    READINESS = "readiness of ourselves"


@dataclass(frozen=True, slots=True)
class PreflightCheck:
    """One condition for a drill, a failover, a replication. An id never changes its meaning."""

    id: str
    title: str
    area: Area
    drill: Severity
    failover: Severity
    replicate: Severity
    remedy: str
    judge: Judge

    def severity(self, operation: Operation) -> Severity:
        """How grave it is for an operation.

        What undoes something (cleaning up, `--disable`) is never held up: it has none.
        """
        by_operation = {
            Operation.DRILL: self.drill,
            Operation.FAILOVER: self.failover,
            Operation.REPLICATE: self.replicate,
        }
        return by_operation.get(operation, Severity.NONE)

    def verdict(self, facts: Facts) -> Verdict:
        """Judge; what could not be read, or stumbles, is not evidenced and hides no other check.

        Raises:
            JournalError: The record itself is in doubt, which is no matter of one check.
        """
        try:
            return self.judge(facts)
        except NotRead as err:
            return no_answer(f"it could not be read: {err}")
        except JournalError:
            raise
        except Exception as err:  # noqa: BLE001 - one check's error is that check's result
            return no_answer(f"it could not be judged: {reason_of(err)}")


S, T, N = Severity.STOPS, Severity.TOLD, Severity.NONE
"""For the tables, where a check is a row."""


def rows_of(
    area: Area, *rows: tuple[str, str, Severity, Severity, Severity, str, Judge]
) -> tuple[PreflightCheck, ...]:
    """An area's table: id, title, severity for drill, failover, replicate; remedy, judge."""
    return tuple(
        PreflightCheck(id_, title, area, drill, failover, replicate, remedy, judge)
        for id_, title, drill, failover, replicate, remedy, judge in rows
    )


def passed(why: str, **evidence: Any) -> Verdict:
    return Verdict("passed", why, evidence)


def failed(why: str, **evidence: Any) -> Verdict:
    return Verdict("failed", why, evidence)


def does_not_apply(why: str) -> Verdict:
    """The plan, or what it stands in, has nothing of the kind: there is nothing to judge."""
    return Verdict("does not apply", why)


def unknown(why: str, **evidence: Any) -> Verdict:
    """Nobody knows, which is a result of its own and never a pass."""
    return no_answer(why, **evidence)


def none_of(problems: Mapping[str, Any], fine: str) -> Verdict:
    """Passed where nothing is wrong; else failed, naming each thing with what is wrong."""
    if not problems:
        return passed(fine)
    return failed(said_of(problems), **{str(name): what for name, what in problems.items()})


def none_of_or_unknown(
    problems: Mapping[str, str], unclear: Mapping[str, str], fine: str
) -> Verdict:
    """What is wrong outweighs what nobody knows, which outweighs that the rest is fine."""
    if problems or not unclear:
        return none_of(problems, fine)
    return unknown(said_of(unclear), **unclear)


def each(
    found: Mapping[str, One], problem: Callable[[One], str | None], fine: str, *, if_none: str = ""
) -> Verdict:
    """Judge each by itself: one that is wrong fails, one that is not known hides no other.

    Args:
        found: What is judged, by name.
        problem: What is wrong with one; raises NotRead where nobody knows.
        fine: Said where nothing is wrong.
        if_none: Said where it is right that there is none: then it does not apply. Else what was
            to be judged is missing, and nobody knows.
    """
    if not found:
        return does_not_apply(if_none) if if_none else unknown(NOTHING_TO_JUDGE)
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    for name, one in found.items():
        try:
            said = problem(one)
        except NotRead as err:
            unclear[name] = str(err)
            continue
        if said:
            problems[name] = said
    return none_of_or_unknown(problems, unclear, fine)


def each_item(
    facts: Facts, problem: Callable[[str, ProtectedItem], str | None], fine: str
) -> Verdict:
    """As `each`, of the items, by VM; what is not protected is told by a check of its own."""
    facts.need("items")
    return each({vm: (vm, item) for vm, item in facts.items.items()}, _two(problem), fine)


def each_source(
    facts: Facts, problem: Callable[[str, VirtualMachine], str | None], fine: str
) -> Verdict:
    """As `each`, of the source VMs; of one that was not found nothing is known."""
    facts.need("sources")

    def judge(pair: tuple[str, VirtualMachine | None]) -> str | None:
        vm, found = pair
        if found is None:
            raise NotRead(NO_SOURCE)
        return problem(vm, found)

    return each({vm: (vm, found) for vm, found in facts.sources.items()}, judge, fine)


def _two(problem: Callable[[str, One], str | None]) -> Callable[[tuple[str, One]], str | None]:
    return lambda pair: problem(*pair)


def runs_in(runs: Iterable[str]) -> tuple[str, ...]:
    """Runs for a remedy to name, each once."""
    return tuple(dict.fromkeys(runs))


def said_of(problems: Mapping[str, Any]) -> str:
    """Each thing with what is wrong; what is wrong with many is said once, behind their names."""
    names: dict[str, list[str]] = {}
    for name, what in problems.items():
        names.setdefault(str(what), []).append(str(name))
    return "; ".join(f"{', '.join(of)}: {what}" for what, of in names.items())
