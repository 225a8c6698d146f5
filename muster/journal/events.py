"""What an event is, which kinds there are and what the data of each hold: contract of evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64
"""What the first event of a run names as the hash before it."""


class EventKind(StrEnum):
    """Kinds of events, with the keys of their data: JSON, spans in seconds, instants ISO 8601.

    Times of events are Azure time (`at`) and wall time (`wall`).
    """

    OPENED = "opened"
    """step None: run, plan, operation, plan_digest, canonical, parameters{recovery_point, reason,
    …}, requested_by{name, via}, tool{name, version}, target ("simulator" | "azure"), arm_host,
    private_ca (fingerprint | null), proxy (host | null), clock{speed, epoch}, rehearsal (bool),
    faults [ids of what the simulator was told to let go wrong],
    place{arm_host, authority_host, tenant, ca_fingerprint, subscriptions{source, target, vault}},
    register{number, previous_run, previous_head, entry_digest},
    graph[{id, kind, subject, group, needs, after, timeout, critical, params, finaliser}],
    left_out[{group, action, why}]"""

    OWNER = "owner"
    """epoch (1, 2 …), host, pid, why: who writes from here on."""

    STARTED = "started"
    """step None: the run's first act may follow. step set: the step began; title."""

    INTENDED = "intended"
    """act, subject, not_after, attempt, request{…}: synced before anything is sent."""

    ACCEPTED = "accepted"
    """act, subject, job_id, correlation_id, request_id, sent_at, answered_at: Azure took it.
    Or adopted: true, with how it was found."""

    OBSERVED = "observed"
    """what + its own keys; see `Observed`."""

    CHECKED = "checked"
    """check (stable id), title, kind, group, vm, verdict ("passed" | "failed" |
    "not evidenced"; of preflight also "does not apply"),
    required (bool), why, remedy (preflight), began, ended, evidence{…raw…}. Preflight checks have
    kind "preflight" and ids PRE-0nn."""

    ASKED = "asked"
    """question, ask, deadline, otherwise, answers[…]"""

    ANSWERED = "answered"
    """question, answer, by, via ("inbox" | "deadline"), at"""

    FINISHED = "finished"
    """step set: status ("ok" | "failed" | "skipped"), error{code, message, hint} | null, why,
    spent{cloud, script, check, human, retry: seconds; what is missing is the orchestrator's},
    facts{…}"""

    NOTED = "noted"
    """what ("deviation" | "left out" | "request" | "unreadable" | "override" | "warning" …), text,
    + free keys; of a message that was dropped: message (its name), followed (false where not)"""

    INTERRUPTED = "interrupted"
    """signal, go_on (the command that goes on)"""

    CLOSED = "closed"
    """outcome ("passed" | "failed" | "aborted"), causes[{step, code, message, hint, exit_code}],
    leftovers[…], exit_code"""


PREFLIGHT_OVERRIDDEN = "preflight overridden"
"""`what` of the note that a failover went on in spite of preflight: `by`, `text` (the reason),
`checks` (ids of those that would have stopped it).
"""


class Observed(StrEnum):
    """Values of `what` in an observed event, with their further keys."""

    CALLER = "caller"
    """object_id, app_id, tenant: whose token the run uses"""
    ITEM = "item"
    """vm, item_id, source_vm_id, protection_state, test_failover_state, allowed_operations,
    replication_health, rpo_seconds, rpo_at, recovery_resource_group, test_vm_name, os, size,
    multi_vm_group"""
    POINTS = "points"
    """reference (instant at which all were resolved), skew_seconds, points[{vm, choice,
    point_id|null, point_time|null, point_type|null, age_seconds|null, why}]"""
    NETWORK = "network"
    """network_id, made (bool), location, address_space[…], subnets[{name, prefix}],
    owned[ids that this run made], holes[{direction, to, port, why}]"""
    REACHABILITY = "reachability"
    """network_id, verdict ("isolated" | "reaches" | "unknown"), why,
    hops[{from, to, via, verdict, evidence}], looked_in[subscriptions whose private DNS zones were
    read], limits[what no reading shows]. Several in a run: the proof is renewed before sends."""
    JOB = "job"
    """act, vm, asked_id (as accepted), job_id (as answered: Azure may change it), scenario,
    state, started_at, ended_at, tasks[{name, state, started_at, ended_at}],
    errors[{code, message, causes, action}], raw{…as Azure sent it…}"""
    OWNED = "owned"
    """vm, ids[all ARM ids that the test copy consists of], vm_id, nic_ids[…], disk_ids[…],
    public_ip_ids[…], created_at"""
    PLACEMENT = "placement"
    """vm, wanted{size, nics[…]}, found{size, nics[{subnet, network_id, private_ip, public_ip,
    nsg}]}, differences[{field, wanted, found, severe (bool), why}]"""
    UP = "up"
    """vm, power_state, agent, address, at"""
    SCRIPT = "script"
    """action, vm, vm_id, file, sha256, command (run-command name), state, exit_code, stdout,
    stderr, started_at, ended_at, raw{…}"""
    RUNBOOK = "runbook"
    """action, account, runbook, job (name), status, output, exception, started_at, ended_at,
    raw{…}"""
    PROBE = "probe"
    """vm, command, ran (bool), host, stdout (tail), state, raw{…}"""
    INVENTORY = "inventory"
    """looked_in[…], left[{id, kind, why}], unattributed[{id, kind}], expected[{id, kind}],
    clean (bool)"""
    GONE = "gone"
    """vm or network_id, ids[…]: read back as not there"""
    WANTED = "wanted"
    """wanted{…everything that is to be there, named…}, changes[{act, kind, name, id, why, fields,
    remedy}], left[{name, kind, why, remedy}]: pinned before the first act of a replicate run"""
    MADE = "made"
    """kind, name, id, how ("created" | "changed" | "left alone" | "found under way" | "half made"
    | "not made" | "removed"), why"""
    REPLICATION = "replication"
    """vm, item_id, state (Azure's protectionState), description, percent|null (as reported: no
    proof of anything), job|null; of one that is Protected also since"""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a journal."""

    seq: int  # from 1, no gaps
    kind: EventKind
    at: datetime  # Azure time
    wall: datetime
    mono: float  # Azure seconds since the writing process began
    process: str  # names the process: monotonic readings compare only within one
    step: str | None
    data: Mapping[str, Any]
    prev: str  # hash of the event before; GENESIS for the first

    def as_json(self) -> dict[str, Any]:
        """The value that is hashed and stored, in RFC 8785 form."""
        return {
            "seq": self.seq,
            "kind": self.kind.value,
            "at": instant_text(self.at),
            "wall": instant_text(self.wall),
            "mono": round(self.mono, 6),
            "process": self.process,
            "step": self.step,
            "data": dict(self.data),
            "prev": self.prev,
        }

    def line(self) -> bytes:
        """The stored line, without the newline: canonical JSON (RFC 8785)."""
        import rfc8785

        return rfc8785.dumps(self.as_json())

    def digest(self) -> str:
        """SHA-256 of the line, hex: what the next event names as `prev`."""
        return hashlib.sha256(self.line()).hexdigest()


def instant_text(instant: datetime) -> str:
    """ISO 8601, UTC, microseconds, `Z`."""
    # Not strftime: its %Y does not pad years to four digits on every platform.
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant_of(text: str) -> datetime:
    """The instant that `instant_text` wrote."""
    return datetime.fromisoformat(text)


def event_from_json(value: Mapping[str, Any]) -> Event:
    """An event as `Event.as_json` wrote it; raises KeyError, ValueError or TypeError for anything
    else.
    """
    return Event(
        seq=int(value["seq"]),
        kind=EventKind(value["kind"]),
        at=instant_of(value["at"]),
        wall=instant_of(value["wall"]),
        mono=float(value["mono"]),
        process=str(value["process"]),
        step=value["step"],
        data=dict(value["data"]),
        prev=str(value["prev"]),
    )
