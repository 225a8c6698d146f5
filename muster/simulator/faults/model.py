"""What a fault file may say: which moment and how often; what happens is in `happening`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from muster.simulator.faults.happening import Do, Word
from muster.simulator.faults.port import Moment
from muster.simulator.worlds.facts import Facts, Seconds

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


_MEANING: Mapping[str, str] = {
    "calls": "at a time it happens once, after `after`",
    "chance": "at a time it happens once, after `after`",
    "client": "only a call has a client",
    "later": "only what somebody does can come later; see `after`, `slow`, `takes`",
    "times": "at a time it happens once, after `after`",
    "until": "at a time it happens once, after `after`",
    "vm": "a runbook's job is of no VM",
}
_MEANS = frozenset(_MEANING)


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
        if idle := [key for key in self.model_fields_set & _MEANS if not self._heeds(key)]:
            raise ValueError(
                f"{', '.join(sorted(idle))} would mean nothing here: {_MEANING[min(idle)]}"
            )
        return self

    def _heeds(self, key: str) -> bool:
        """Whether a limit means anything for this rule's moment and what happens then."""
        if key == "later":
            return self.do.somebody is not None
        if key == "client":
            return self.on.moment == "call"
        if key == "vm":
            return self.on.moment != "runbook"
        return self.on.moment != "time"


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
