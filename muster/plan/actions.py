"""Actions before and after a group: runbook, run_command, manual, wait."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from muster.plan.durations import Duration
from muster.plan.names import AzureName, VmName


class Operation(StrEnum):
    """What a plan can be compiled for."""

    REPLICATE = "replicate"
    DRILL = "drill"
    FAILOVER = "failover"
    COMMIT = "commit"
    REPROTECT = "reprotect"
    FAILBACK = "failback"
    CLEANUP = "cleanup"
    DISABLE = "disable"  # replication ended: what `replicate --disable` does

    @property
    def noun(self) -> str:
        """What people call one of it: a drill, a replication."""
        return "replication" if self is Operation.REPLICATE else self.value


class Touches(StrEnum):
    """What an action can change; `production`, or nothing said, never runs in a drill."""

    TEST = "test"
    PRODUCTION = "production"
    NOTHING = "nothing"


class PlanModel(BaseModel):
    """Base of everything in a plan: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _inside_the_plans_folder(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text:
        raise PydanticCustomError(
            "PLAN-030", "'{file}' must lie inside the plan's folder", {"file": text}
        )
    return text


ScriptFile = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="Path of a script, relative to the plan's folder.",
    ),
    AfterValidator(_inside_the_plans_folder),
]


class Runbook(PlanModel):
    """Start an Azure Automation runbook and wait for its end."""

    account: AzureName = Field(
        description="Automation account; in the vault's resource group unless a full id."
    )
    name: AzureName
    context: Literal["asr", "muster"] | None = Field(
        None,
        description="asr: pass RecoveryPlanContext as Site Recovery does. "
        "muster: pass run, plan, operation and VMs.",
    )
    parameters: dict[str, str] = Field(default_factory=dict)
    run_on: str | None = Field(None, description="Hybrid worker group; none: Azure's own sandbox.")
    start_within: Duration = timedelta(minutes=10)
    timeout: Duration = timedelta(minutes=30)


class RunCommand(PlanModel):
    """Run a script inside the test copy (in a failover: the recovered copy) of a VM."""

    vm: VmName
    file: ScriptFile
    timeout: Duration = timedelta(minutes=10)


class Manual(PlanModel):
    """Ask a person; unanswered at the deadline, `otherwise` is taken."""

    ask: str = Field(min_length=3, max_length=500)
    within: Duration
    otherwise: Literal["abort", "continue"]


class Wait(PlanModel):
    """Let a span of time pass, for a stated reason."""

    for_: Duration = Field(alias="for")
    why: str = Field(min_length=3, max_length=300)


class Action(PlanModel):
    """One thing to do before or after a group; exactly one of the four kinds."""

    runbook: Runbook | None = None
    run_command: RunCommand | None = None
    manual: Manual | None = None
    wait: Wait | None = None
    name: str | None = Field(
        None, max_length=80, description="How people call it; made up from its kind otherwise."
    )
    touches: Touches | None = Field(
        None, description="What it can change. production, or nothing said, never runs in a drill."
    )
    only: tuple[Operation, ...] | None = Field(
        None, min_length=1, description="Only in these operations; otherwise in every one."
    )
    critical: bool = Field(default=True, description="Whether its failure ends the branch.")

    @model_validator(mode="after")
    def _exactly_one_kind(self) -> Self:
        named = [
            kind
            for kind in ("runbook", "run_command", "manual", "wait")
            if getattr(self, kind) is not None
        ]
        if len(named) != 1:
            raise PydanticCustomError(
                "PLAN-031",
                "an action is exactly one of runbook, run_command, manual, wait; found {found}",
                {"found": ", ".join(named) or "none"},
            )
        return self

    @property
    def kind(self) -> Literal["runbook", "run_command", "manual", "wait"]:
        if self.runbook:
            return "runbook"
        if self.run_command:
            return "run_command"
        return "manual" if self.manual else "wait"

    @property
    def effective_touches(self) -> Touches | None:
        """What it touches, as declared.

        Only `run_command` (test), `manual` and `wait` (nothing) have defaults.
        """
        if self.touches is not None:
            return self.touches
        match self.kind:
            case "run_command":
                return Touches.TEST
            case "manual" | "wait":
                return Touches.NOTHING
            case "runbook":
                return None

    @property
    def title(self) -> str:
        """How people call it."""
        if self.name:
            return self.name
        if self.runbook:
            return f"runbook {self.runbook.name}"
        if self.run_command:
            return f"{PurePosixPath(self.run_command.file).name} in {self.run_command.vm}"
        return "question" if self.manual else "wait"

    def runs_in(self, operation: Operation) -> bool:
        """Whether `only` lets it run in an operation (safety rule 7 is judged apart)."""
        return self.only is None or operation in self.only
