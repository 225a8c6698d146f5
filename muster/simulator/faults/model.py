"""What a fault file may say: which moment, how often, and what happens then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from muster.simulator.faults.port import Moment
from muster.simulator.worlds.facts import Facts, Seconds

Word = Annotated[str, StringConstraints(min_length=1)]
Where = Literal["prerequisites", "work", "end"]
_CALLS = re.compile(r"(\d+)(-(\d*))?")


def _calls(value: Any) -> Any:
    """`3`, `3-6` or `3-` as (first, last); last None: all the rest."""
    found = _CALLS.fullmatch(str(value)) if not isinstance(value, bool) else None
    if found is None or int(found[1]) < 1:
        raise ValueError("calls are counted from 1 and written like 3, 3-6 or 3-")
    first = int(found[1])
    last = first if found[2] is None else int(found[3]) if found[3] else None
    if last is not None and last < first:
        raise ValueError(f"{value} ends before it begins")
    return (first, last)


Calls = Annotated[tuple[int, int | None], BeforeValidator(_calls)]


class On(Facts):
    """The moment; exactly one. Names may hold `*`, and their case does not matter."""

    call: Word | None = None  # an operation as /counters names it
    job: Word | None = None  # a scenario: TestFailover, TestFailoverCleanup …
    copy_made: Literal["test", "failover", "*"] | None = Field(None, alias="copy")
    cleanup: Literal["test"] | None = None  # a cleanup begins
    runbook: Word | None = None  # a job of that runbook begins
    script: Literal["*"] | None = None  # a run-command begins
    replication: Literal["*"] | None = None  # an item's state of replication is read
    time: Literal["now"] | None = None  # nothing but `after`

    @property
    def moment(self) -> Moment:
        return next(moment for moment in FITS if moment in self._said)

    @property
    def name(self) -> str:
        return str(self._said[self.moment])

    @property
    def _said(self) -> Mapping[str, Any]:
        return self.model_dump(by_alias=True, exclude_none=True)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError(f"exactly one of {', '.join(FITS)} has to be named")
        return self


class Answering(Facts):
    """An answer in Azure's place; nothing is done."""

    status: int = Field(ge=400, le=599)
    code: str = "InternalServerError"
    message: str = "The server encountered an internal error. Please retry the request."
    retry_after: Seconds | None = None  # Azure time
    headers: Mapping[str, str] = Field(default_factory=dict)


class Changing(Facts):
    """Changes of a JSON answer; places are written `properties.groups.*.name`."""

    put: Mapping[str, Any] = Field(default_factory=dict, alias="set")  # `+` in front: also anew
    drop: tuple[Word, ...] = ()
    shuffle: tuple[Word, ...] = ()  # the rows of these lists
    move: Mapping[str, str] = Field(default_factory=dict)  # from one place to another
    casing: Literal["upper", "lower", "swapped"] | None = None  # of all ids


class FailedJob(Facts):
    """How a job fails, in the words of Site Recovery's errors."""

    code: Word
    message: Word
    causes: str = ""
    action: str = ""
    at: Where = "work"


class Job(Facts):
    """What becomes of a job; exactly one."""

    fails: FailedJob | None = None
    stuck: Where | None = None  # it reads InProgress for ever
    takes: Annotated[float, Field(gt=0)] | None = None  # so many times as long
    cancelled: Seconds | None = None  # somebody cancels it, so long after its start

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one of fails, stuck, takes, cancelled has to be named")
        return self


class Copying(Facts):
    """How a machine comes up otherwise than was asked for."""

    size: str | None = None
    network: str | None = None  # ARM id; placeholders as in requests
    subnet: Literal["first"] | None = None  # the alphabetically first
    address: Literal["next"] | None = None  # another one than the source's
    boot: Seconds | Literal["never"] | None = None
    provisioning: Literal["Failed", "Updating"] | None = None
    services: Literal["none"] | None = None
    disks: Literal["os"] | None = None  # none but the OS disk


class Replicating(Facts):
    """What an item tells of its replication."""

    rpo: Seconds | None = None
    newest_point: Seconds | None = None  # no recovery point is younger


class RunningBook(Facts):
    """What becomes of a runbook's job."""

    late: Seconds | None = None  # it starts so much later
    result: Literal["completed", "failed", "suspended"] | None = None
    output: str | None = None


class Scripting(Facts):
    """What becomes of a script in a VM."""

    silent: bool = False  # it never ends, and nobody hears of it
    output: str | None = None  # in place of what it wrote


class Asking(Facts):
    """A request that somebody else sends, who may do everything; see `deeds.py`."""

    method: Literal["PUT", "POST", "PATCH", "DELETE"]
    path: Word
    body: Any = None


class Do(Facts):
    """What happens; exactly one, which has to fit the moment (see `FITS`)."""

    answer: Answering | None = None
    lose: Literal["request", "answer"] | None = None  # the connection, before or after the act
    hang: Seconds | None = None  # on the wall clock; then the connection is lost, nothing done
    slow: Seconds | None = None  # the answer comes so much later, in Azure time
    body: Literal["truncated", "html", "empty"] | None = None
    change: Changing | None = None
    lag: Seconds | None = None  # jobs younger than this are not told yet
    job: Job | None = None
    copied: Copying | None = Field(None, alias="copy")
    leave: tuple[Literal["vm", "nic", "disks"], ...] | None = None
    replication: Replicating | None = None
    runbook: RunningBook | None = None
    script: Scripting | None = None
    somebody: tuple[Asking, ...] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one thing has to happen; what else does is another rule")
        return self

    @property
    def kind(self) -> str:
        (kind,) = self.model_dump(by_alias=True, exclude_none=True)
        return str(kind)


_ON_CALLS = ("answer", "lose", "hang", "slow", "body", "change", "lag", "somebody")
FITS: Mapping[Moment, tuple[str, ...]] = {
    "call": _ON_CALLS,
    "job": ("job", "somebody"),
    "copy": ("copy", "somebody"),
    "cleanup": ("leave", "somebody"),
    "runbook": ("runbook",),
    "script": ("script",),
    "replication": ("replication",),
    "time": ("somebody",),
}
"""What may happen at which moment."""


class Rule(Facts):
    """One thing that goes wrong."""

    name: str = ""
    on: On
    vm: Word = "*"  # names of source VMs; `any` is one by seed
    client: Word = "*"  # names of identities; `own` is the one simulator.env is written for
    calls: Calls = (1, None)  # which of the moments that match, counted from 1
    chance: float = Field(1.0, gt=0, le=1)
    after: Seconds = 0.0  # Azure time since the faults were first there
    until: Seconds | None = None
    times: int | None = Field(None, ge=1)
    later: Seconds = 0.0  # what somebody does is done so long after its moment
    do: Do

    @model_validator(mode="after")
    def _fits(self) -> Self:
        fitting = FITS[self.on.moment]
        if self.do.kind not in fitting:
            raise ValueError(
                f"'{self.do.kind}' cannot happen on a {self.on.moment}; what can: "
                f"{', '.join(fitting)}"
            )
        if self.until is not None and self.until <= self.after:
            raise ValueError("until has to lie after after")
        return self


class FaultFacts(Facts):
    """A whole fault file."""

    faults: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    title: Word
    symptoms: tuple[Annotated[str, StringConstraints(pattern=r"^F\d+$")], ...] = ()
    seed: str = "muster"
    settings: Mapping[str, Any] = Field(default_factory=dict)  # in place of the world's
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.rules and not self.settings:
            raise ValueError("without rules and settings nothing ever goes wrong")
        return self
