"""A failover goes on in spite of what preflight found: who says so, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from muster.errors import InputError
from muster.journal.events import PREFLIGHT_OVERRIDDEN
from muster.plan.actions import Operation

if TYPE_CHECKING:
    from muster.steps.preflight_checks.judging import Judgement

PARAMETER = "override"
"""Of a run: `{"reason": …, "by": …}`."""


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody lets a failover go on in spite of what preflight found, and says why."""

    reason: str
    by: str

    def as_data(self, overridden: Sequence[Judgement]) -> dict[str, Any]:
        """As the journal is to keep it: who overrode which checks, and for what reason."""
        return {
            "what": PREFLIGHT_OVERRIDDEN,
            "by": self.by,
            "text": self.reason,
            "checks": [one.check.id for one in overridden],
        }


def override_of(parameters: Mapping[str, Any]) -> Override | None:
    """The override that a run was opened with; None without one."""
    told = parameters.get(PARAMETER)
    if told is None:
        return None
    if not isinstance(told, Mapping):
        told = {"reason": told}
    return Override(str(told.get("reason") or ""), str(told.get("by") or ""))


def require_overridable(operation: Operation, override: Override | None) -> None:
    """Let pass what has no override, or one of a failover, with its reason and who says it.

    Neither a drill nor a replication is let go on: nothing is lost by mending first. In a
    disaster nothing of ours keeps a person from a failover, but the reason is recorded.

    Raises:
        InputError: INPUT-030.
    """
    if override is None:
        return
    if operation is not Operation.FAILOVER:
        raise InputError(
            f"preflight of a {operation.noun} cannot be overridden",
            code="INPUT-030",
            hint="Mend what it names; only a failover goes on in spite of it.",
        )
    lacking = [
        word
        for word, said in (("a reason", override.reason), ("the name of who says so", override.by))
        if not said.strip()
    ]
    if lacking:
        raise InputError(
            f"an override needs {' and '.join(lacking)}",
            code="INPUT-030",
            hint='Say why the failover goes on in spite of preflight: --override "…".',
        )
