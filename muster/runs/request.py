"""What somebody asks for when a run starts, and how a run is called."""

from __future__ import annotations

import getpass
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from muster.plan.actions import Operation
from muster.plan.model import RecoveryPointChoice

ALSO_MEANS = "also_means"
"""Under which parameter a replicate run keeps what its plan meant besides what it chose."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Who wants which plan to run how."""

    plan_path: Path
    operation: Operation
    run_id: str
    recovery_point: RecoveryPointChoice | None = None  # None: as the plan says
    keep_for: timedelta | None = None  # None: as the plan says
    vms: Mapping[str, str] | None = None  # of replicate: ids by name, as selected
    also_means: Sequence[str] | None = None  # of replicate: ids of VMs that are left for now
    items: Mapping[str, Any] | None = None  # of disable: by name, as `Release.pinned`
    confirmed: str = ""  # of disable: the sentence that was typed
    shown: str = ""  # of disable: `marks_of` the list that was confirmed; "": none was shown
    reason: str = ""
    requested_by: str = ""
    via: str = "cli"  # cli | prefect ui | schedule
    flow_run_id: str | None = None

    def parameters(self) -> dict[str, Any]:
        """What the journal keeps of it (JSON values; spans in seconds)."""
        if self.operation in (Operation.REPLICATE, Operation.DISABLE):
            said = {"confirmed": self.confirmed} if self.confirmed else {}
            items = {} if self.items is None else {"items": dict(self.items)}
            also = {} if self.also_means is None else {ALSO_MEANS: list(self.also_means)}
            return {"vms": dict(self.vms or {}), "reason": self.reason, **said, **items, **also}
        return {
            "recovery_point": self.recovery_point,
            "keep_for": self.keep_for.total_seconds() if self.keep_for is not None else None,
            "reason": self.reason,
        }

    def requester(self) -> Mapping[str, Any]:
        """Who asked, as far as it is known: an account name is a claim, not a proof."""
        return {
            "name": self.requested_by or f"{_account()}@{socket.gethostname()}",
            "via": self.via,
            "flow_run_id": self.flow_run_id,
        }


def new_run_id(plan: str, operation: Operation) -> str:
    """A name for a run that no engine has named."""
    return _run_id(plan, operation, uuid.uuid4())


def run_id_for_flow_run(plan: str, operation: Operation, flow_run_id: str) -> str:
    """The name of the run that a Prefect flow run stands for: a retry keeps it, a hook can work
    it out.
    """
    return _run_id(plan, operation, uuid.UUID(flow_run_id))


def _run_id(plan: str, operation: Operation, unique: uuid.UUID) -> str:
    return f"{plan}-{operation.value}-{unique.hex[:12]}"


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no passwd entry: containers with a bare numeric user
        return "unknown"
