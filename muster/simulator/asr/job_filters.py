"""`$filter` of the list of jobs, and the same limits in an export's body (FACTS 8).

Grammar: `Name eq 'value'`, joined by `and`; several values of one name as
`( Name eq 'a' or Name eq 'b' )`. So Microsoft's own client writes it (Azure/azure-powershell,
`Utilities.ToQueryString`); what else Azure reads is not known, and is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import jobs
from muster.simulator.json_types import Json
from muster.simulator.world import World

Limits = Mapping[str, Sequence[str]]
"""Name in small letters -> values, one of which a job has to have."""

NAMES = ("startTime", "endTime", "fabricId", "affectedObjectTypes", "jobStatus", "jobName")
_KNOWN = (*(name.lower() for name in NAMES), "scenarioname")  # the last is ours
_TERM = r"(\w+)\s+eq\s+'([^']*)'"
_ANY_OF = re.compile(rf"\(\s*{_TERM}(?:\s+or\s+{_TERM})*\s*\)|{_TERM}", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def read(text: str) -> Limits:
    """What a `$filter` asks for. Raises: AzureError for what is not understood."""
    limits: dict[str, list[str]] = {}
    at, text = 0, text.strip()
    while at < len(text):
        found = _ANY_OF.match(text, at)
        if found is None:
            raise _not_understood(text)
        terms = re.findall(_TERM, found[0], re.IGNORECASE)
        names = {name.lower() for name, _ in terms}
        if len(names) != 1 or not names <= set(_KNOWN):
            raise _not_understood(text)
        limits.setdefault(names.pop(), []).extend(value for _, value in terms)
        at = found.end()
        joint = _AND.match(text, at)
        if at < len(text) and (joint is None or joint.end() == len(text)):
            raise _not_understood(text)
        at = joint.end() if joint else at
    return limits


def of_body(given: Mapping[str, object]) -> Limits:
    """The limits of an export's body [SPEC]; an empty text is none."""
    told = {name.lower(): given.get(name) for name in NAMES}
    return {name: [str(value)] for name, value in told.items() if value}


def chosen(world: World, found: Sequence[Json], limits: Limits) -> Iterator[Json]:
    """Those of the jobs that are within all limits."""
    instants = {name: [_instant(one) for one in limits.get(name, ())] for name in _TIMES}
    for job in found:
        if all(_within(job, name, values) for name, values in instants.items()) and all(
            _has(world, job, name, values) for name, values in limits.items() if name not in _TIMES
        ):
            yield job


_TIMES = ("starttime", "endtime")


def _within(job: Json, name: str, instants: Sequence[float]) -> bool:
    """Both ends are about when a job started [DOC:Get-AzRecoveryServicesAsrJob]."""
    if name == "starttime":
        return all(job["starts"] >= instant for instant in instants)
    return all(job["starts"] <= instant for instant in instants)


def _has(world: World, job: Json, name: str, values: Sequence[str]) -> bool:
    """Whether a job has one of some values; empty and `Any` ask for nothing."""
    wanted = [value for value in values if value and not same(value, "Any")]
    if not wanted:
        return True
    if name == "fabricid":
        return any(_lies_in(world, job, value) for value in wanted)
    told = {
        "jobstatus": jobs.state(world, job),
        "jobname": (jobs.name(world, job), job["id"]),
        "affectedobjecttypes": (job["subject"]["type"],),
        "scenarioname": (job["scenario"],),
    }[name]
    return any(same(one, value) for one in told for value in wanted)


def _lies_in(world: World, job: Json, fabric: str) -> bool:
    """Whether a job is about a fabric (its id or name) or something in it; a plan lies in two."""
    places = [str(job["resource"])]
    plan = world.table("plans").get(job["resource"].lower())
    if plan is not None:
        places = [plan["primary_fabric"], plan["recovery_fabric"]]
    wanted = f"/replicationfabrics/{name_of(fabric).lower()}/"
    return any(wanted in place.lower() + "/" for place in places)


def _instant(text: str) -> float:
    """An instant with up to seven fraction digits, in UTC. Raises: AzureError."""
    head, _, fraction = text.strip().removesuffix("Z").removesuffix("+00:00").partition(".")
    try:
        whole = datetime.fromisoformat(head).replace(tzinfo=UTC).timestamp()
        return whole + float(f"0.{fraction or 0}")
    except ValueError:
        raise bad_request("InvalidFilter", f"'{text}' is not an instant.") from None


def _not_understood(text: str) -> Exception:
    return bad_request("InvalidFilter", f"The filter '{text}' is not understood by the simulator.")
