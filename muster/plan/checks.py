"""Checks as a plan writes them: tcp, http, run_command, data_loss, unreachable."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from muster.plan.actions import PlanModel, ScriptFile
from muster.plan.durations import Duration
from muster.plan.names import VmName, refuse_truth_value

Port = Annotated[int, Field(ge=1, le=65535), BeforeValidator(refuse_truth_value)]
Status = Annotated[int, Field(ge=100, le=599), BeforeValidator(refuse_truth_value)]
PLACEHOLDER = re.compile(r"\{([A-Za-z0-9][A-Za-z0-9._-]*)\}")
WORKER = "worker"


class TcpCheck(PlanModel):
    """A port of a VM's test copy accepts a connection."""

    vm: VmName
    port: Port
    from_: VmName | None = Field(
        None, alias="from", description="VM whose test copy connects; the VM itself by default."
    )
    within: Duration = timedelta(minutes=5)


class HttpCheck(PlanModel):
    """A URL answers; `{web1}` is the address of that VM's test copy."""

    url: str = Field(pattern=r"^https?://", max_length=500)
    status: Status = 200
    contains: str | None = Field(None, min_length=1, max_length=200)
    from_: VmName | None = Field(
        None,
        alias="from",
        description="VM whose test copy asks; the first VM of the URL by default.",
    )
    within: Duration = timedelta(minutes=5)


class RunCommandCheck(PlanModel):
    """A script inside a test copy ends with 0 and, if asked, prints a text."""

    vm: VmName
    file: ScriptFile
    contains: str | None = Field(None, min_length=1, max_length=200)
    timeout: Duration = timedelta(minutes=10)


class DataLossCheck(PlanModel):
    """The newest marker that production wrote, as found in the copy, is at most this old.

    The URL answers JSON: `{"written_at": "<UTC instant>", "writer": "<host>"}`.
    """

    url: str = Field(pattern=r"^https?://", max_length=500)
    at_most: Duration
    from_: VmName | None = Field(None, alias="from")
    within: Duration = timedelta(minutes=5)


class UnreachableCheck(PlanModel):
    """A canary: what lives in production cannot be reached from inside, though it is alive."""

    from_: VmName = Field(alias="from")
    host: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$")
    port: Port
    live_from: str | None = Field(
        None, description="Where the positive control connects from: `worker`."
    )
    within: Duration = timedelta(minutes=2)


type_names = ("tcp", "http", "run_command", "data_loss", "unreachable")
CheckKind = Literal["tcp", "http", "run_command", "data_loss", "unreachable"]


class Check(PlanModel):
    """One criterion of success, fixed before the start; exactly one of the five kinds."""

    tcp: TcpCheck | None = None
    http: HttpCheck | None = None
    run_command: RunCommandCheck | None = None
    data_loss: DataLossCheck | None = None
    unreachable: UnreachableCheck | None = None
    name: str | None = Field(None, max_length=80)
    required: bool = Field(default=True, description="Whether the drill fails with it.")

    @model_validator(mode="after")
    def _exactly_one_kind(self) -> Self:
        named = [kind for kind in type_names if getattr(self, kind) is not None]
        if len(named) != 1:
            raise PydanticCustomError(
                "PLAN-032",
                "a check is exactly one of {kinds}; found {found}",
                {"kinds": ", ".join(type_names), "found": ", ".join(named) or "none"},
            )
        return self

    @property
    def kind(self) -> CheckKind:
        if self.tcp:
            return "tcp"
        if self.http:
            return "http"
        if self.run_command:
            return "run_command"
        return "data_loss" if self.data_loss else "unreachable"

    @property
    def runs_in_vm(self) -> str | None:
        """Name of the VM inside whose test copy it runs; None where nothing says so."""
        if self.tcp:
            return self.tcp.from_ or self.tcp.vm
        if self.run_command:
            return self.run_command.vm
        if self.unreachable:
            return self.unreachable.from_
        asked = self.http or self.data_loss
        if asked is None:
            return None
        return asked.from_ or next(iter(PLACEHOLDER.findall(asked.url)), None)

    @property
    def vms(self) -> tuple[str, ...]:
        """Every VM it names, without repeats, in order."""
        names = [self.runs_in_vm] if self.runs_in_vm else []
        if self.tcp:
            names.append(self.tcp.vm)
        if asked := self.http or self.data_loss:
            names += PLACEHOLDER.findall(asked.url)
        return tuple(dict.fromkeys(names))

    @property
    def targets(self) -> tuple[str, ...]:
        """The VMs it says something about, in order; none where it is about the whole drill.

        Not the VM it runs in: a port of sql1 tells of sql1, whoever knocks. A canary tells of the
        network.
        """
        if self.tcp:
            return (self.tcp.vm,)
        if self.run_command:
            return (self.run_command.vm,)
        asked = self.http or self.data_loss
        return tuple(dict.fromkeys(PLACEHOLDER.findall(asked.url))) if asked else ()

    @property
    def title(self) -> str:
        """How people call it."""
        if self.name:
            return self.name
        if self.tcp:
            return f"tcp {self.tcp.vm}:{self.tcp.port}" + (
                f" from {self.tcp.from_}" if self.tcp.from_ else ""
            )
        if self.http:
            return f"http {self.http.url}"
        if self.run_command:
            return f"{self.run_command.file} in {self.run_command.vm}"
        if self.data_loss:
            return f"data loss {self.data_loss.url}"
        assert self.unreachable is not None  # noqa: S101 - the validator above allows exactly one kind
        canary = self.unreachable
        return f"unreachable {canary.host}:{canary.port} from {canary.from_}"


def decides(check: Check, is_critical: Callable[[str], bool]) -> bool:
    """Whether a drill fails with this check: the one rule of compiler, steps and report.

    It has to be required, and to be about a critical VM; where it names several, one is enough.
    What is about no VM (a canary, an address outside) decides whenever it is required.

    Args:
        check: One check of a plan.
        is_critical: Whether a drill fails with the VM of that name.
    """
    return check.required and (not check.targets or any(map(is_critical, check.targets)))
