"""The parts of a run's state: an intent, a job, a question, a step, what a run owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from muster.journal.events import Event, instant_of

Json = Mapping[str, Any]

ENDED_JOBS = frozenset(
    {"succeeded", "suspended", "completedwithinformation", "failed", "cancelled", "canceled"}
)
"""States of a job that will not move by itself (Site Recovery suspends a test failover that waits
for its cleanup; both spellings of cancelled are in use)."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One attempt at a mutating call, and whether Azure was seen to take it."""

    act: str
    subject: str
    attempt: int
    step: str | None
    seq: int
    at: datetime
    not_after: datetime | None  # no sender sends it later than this
    request: Json
    accepted: Json | None = None  # data of the `accepted` event

    @classmethod
    def of(cls, event: Event) -> Intent:
        data = event.data
        return cls(
            act=data["act"],
            subject=data["subject"],
            attempt=data.get("attempt", 1),
            step=event.step,
            seq=event.seq,
            at=event.at,
            not_after=_instant(data.get("not_after")),
            request=data.get("request") or {},
        )

    @property
    def is_accepted(self) -> bool:
        return self.accepted is not None

    def with_acceptance(self, event: Event) -> Intent:
        return replace(self, accepted=event.data)


@dataclass(frozen=True, slots=True)
class JobState:
    """A call that Azure took, and how far its job is known to have come."""

    act: str
    vm: str
    job_id: str | None
    accepted_at: datetime | None = None
    adopted: bool = False
    state: str | None = None
    has_ended: bool = False
    observed: Json = field(default_factory=dict)  # data of the newest observation

    @classmethod
    def accepted_by(cls, event: Event) -> JobState:
        data = event.data
        return cls(
            act=data["act"],
            vm=data["subject"],
            job_id=data.get("job_id"),
            accepted_at=event.at,
            adopted=bool(data.get("adopted")),
        )

    @classmethod
    def observed_by(cls, event: Event, before: JobState | None) -> JobState:
        data = event.data
        job_id = data.get("job_id")
        named = [str(one) for one in (job_id, data.get("asked_id")) if one]
        if before is None or (
            named and before.job_id and not any(_same(one, before.job_id) for one in named)
        ):
            before = cls(data["act"], data["vm"], job_id)
        state = data.get("state")
        has_ended = bool(data.get("ended_at")) or str(state).casefold() in ENDED_JOBS
        return replace(
            before,
            job_id=before.job_id or job_id,
            state=state,
            has_ended=has_ended,
            observed=data,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person was asked; `answer` is None while it is open."""

    question: str
    ask: str
    asked_at: datetime
    deadline: datetime | None
    otherwise: str | None
    answers: tuple[str, ...]
    step: str | None
    answer: str | None = None
    answered: Json = field(default_factory=dict)  # data of the `answered` event

    @classmethod
    def of(cls, event: Event) -> Question:
        data = event.data
        return cls(
            question=data["question"],
            ask=data.get("ask", ""),
            asked_at=event.at,
            deadline=_instant(data.get("deadline")),
            otherwise=data.get("otherwise"),
            answers=tuple(data.get("answers") or ()),
            step=event.step,
        )

    def with_answer(self, event: Event) -> Question:
        return replace(self, answer=event.data["answer"], answered=event.data)


@dataclass(frozen=True, slots=True)
class StepState:
    """How far one step has come."""

    step: str
    status: str  # "started" | "ok" | "failed" | "skipped"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: Json | None = None
    why: str | None = None
    facts: Json = field(default_factory=dict)

    @classmethod
    def finished_by(cls, event: Event, before: StepState | None) -> StepState:
        data = event.data
        return cls(
            step=event.step or "",
            status=data["status"],
            started_at=before.started_at if before else None,
            ended_at=event.at,
            error=data.get("error"),
            why=data.get("why"),
            facts=data.get("facts") or {},
        )


@dataclass(frozen=True, slots=True)
class Network:
    """The drill network of a run."""

    id: str
    made: bool  # by this run: then it is removed in the end
    owned: tuple[str, ...]  # every id this run made for it
    location: str | None
    address_space: tuple[str, ...]
    subnets: tuple[Json, ...]
    is_gone: bool = False

    @classmethod
    def of(cls, event: Event, before: Network | None) -> Network:
        data = event.data
        kept = before.owned if before is not None else ()
        owned = dict.fromkeys((*kept, *(data.get("owned") or ())))  # what was owned stays owned
        return cls(
            id=data["network_id"],
            made=bool(data.get("made")),
            owned=tuple(owned),
            location=data.get("location"),
            address_space=tuple(data.get("address_space") or ()),
            subnets=tuple(data.get("subnets") or ()),
        )

    def is_same(self, network_id: str) -> bool:
        return _same(self.id, network_id)

    def as_gone(self) -> Network:
        return replace(self, is_gone=True)


@dataclass(frozen=True, slots=True)
class Owned:
    """What the test copy of one VM consists of."""

    vm: str
    ids: tuple[str, ...]
    vm_id: str | None
    nic_ids: tuple[str, ...]
    disk_ids: tuple[str, ...]
    public_ip_ids: tuple[str, ...]
    created_at: datetime | None

    @classmethod
    def of(cls, event: Event, before: Owned | None) -> Owned:
        """The newest observation; ids that an earlier one named stay owned."""
        data = event.data
        parts = [data.get(key) or () for key in ("nic_ids", "disk_ids", "public_ip_ids")]
        vm_id = data.get("vm_id")
        named = (*(data.get("ids") or ()), *((vm_id,) if vm_id else ()))
        ids = dict.fromkeys(
            (*(before.ids if before else ()), *named, *(i for p in parts for i in p))
        )
        nics, disks, addresses = (tuple(part) for part in parts)
        created_at = _instant(data.get("created_at"))
        return cls(data["vm"], tuple(ids), vm_id, nics, disks, addresses, created_at)


def _instant(text: str | None) -> datetime | None:
    return instant_of(text) if text else None


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
