"""What may happen in a fault file's rule: one thing, in Azure's place or to what Azure does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from muster.simulator.worlds.facts import Facts, Seconds

Word = Annotated[str, StringConstraints(min_length=1)]
Where = Literal["prerequisites", "work", "end"]
LONGEST_HANG = 600.0
"""Seconds on the wall for which a connection may be left without an answer."""
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FRAMING = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})


def _headers(given: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that can be sent, and do not say otherwise than the body how long it is."""
    for name, value in given.items():
        if _HEADER.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a header")
        if name.lower() in _FRAMING:
            raise ValueError(f"{name} goes with the body; see `body` for one that is broken")
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"the value of {name} may hold printable ASCII only")
    return given


class Saying(Facts):
    """A mapping that has to say something: an empty one would count, and do nothing."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_dump(exclude_none=True, exclude_defaults=True):
            known = (field.alias or name for name, field in type(self).model_fields.items())
            raise ValueError(f"nothing would happen; name one or more of {', '.join(known)}")
        return self


class Answering(Facts):
    """An answer in Azure's place; nothing is done."""

    status: int = Field(ge=400, le=599)
    code: str = "InternalServerError"
    message: str = "The server encountered an internal error. Please retry the request."
    retry_after: Seconds | None = None  # Azure time
    headers: Annotated[Mapping[str, str], AfterValidator(_headers)] = Field(default_factory=dict)


class Changing(Saying):
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


class Copying(Saying):
    """How a machine comes up otherwise than was asked for."""

    size: str | None = None
    subnet: Literal["first"] | None = None  # the alphabetically first
    address: Literal["next"] | None = None  # another one than the source's
    boot: Seconds | Literal["never"] | None = None
    provisioning: Literal["Failed", "Updating"] | None = None
    services: Literal["none"] | None = None
    disks: Literal["os"] | None = None  # none but the OS disk


class Replicating(Saying):
    """What an item tells of its replication."""

    rpo: Seconds | None = None
    newest_point: Seconds | None = None  # no recovery point is younger


class RunningBook(Saying):
    """What becomes of a runbook's job."""

    late: Seconds | None = None  # it starts so much later
    result: Literal["completed", "failed", "suspended"] | None = None
    output: str | None = None


class Scripting(Saying):
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
    hang: Annotated[Seconds, Field(le=LONGEST_HANG)] | None = (
        None  # on the wall clock; then the connection is lost, nothing done
    )
    slow: Seconds | None = None  # the answer comes so much later, in Azure time
    body: Literal["truncated", "html", "empty"] | None = None
    change: Changing | None = None
    lag: Seconds | None = None  # jobs younger than this are not told yet
    job: Job | None = None
    copied: Copying | None = Field(None, alias="copy")
    leave: Annotated[tuple[Literal["vm", "nic", "disks"], ...], Field(min_length=1)] | None = None
    replication: Replicating | None = None
    runbook: RunningBook | None = None
    script: Scripting | None = None
    somebody: Annotated[tuple[Asking, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one thing has to happen; what else does is another rule")
        return self

    @property
    def kind(self) -> str:
        (kind,) = self.model_dump(by_alias=True, exclude_none=True)
        return str(kind)
