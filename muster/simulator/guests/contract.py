"""What the guests (running VMs) need to know of the world, and what the world asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Service:
    """One thing a VM listens with.

    `http` answers `paths` (path -> body, status 200; other paths 404). Three words inside a body
    are replaced
    at the moment of asking: `{now}` (Azure time), `{data_as_of}` (the newest production write in
    this VM's disks)
    and `{writer}` (the production VM that made it). `needs` names (host address, port) that this
    VM must reach right
    now for the service to answer 200; else it answers 503 and says which failed.
    """

    port: int
    kind: Literal["tcp", "http"] = "tcp"
    paths: Mapping[str, str] = field(default_factory=dict)
    needs: Sequence[tuple[str, int]] = ()
    open_after: float = 0.0  # Azure seconds after boot until the listener opens


@dataclass(frozen=True, slots=True)
class ScriptAnswer:
    """What a user's own script 'does' in this guest; scripts of users are never executed on this
    host.
    """

    match: str  # a text found in the script
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    seconds: float = 5.0  # Azure seconds the script takes


@dataclass(frozen=True, slots=True)
class Guest:
    """One VM as its operating system sees it."""

    vm_id: str  # ARM id
    name: str
    os: Literal["linux", "windows"]
    services: Sequence[Service]
    scripts: Sequence[ScriptAnswer]
    data_as_of: (
        datetime | None
    )  # None: production, writing now. Else: the recovery point it was made from
    writer: str  # name of the production VM whose writes the disks carry


class WorldView(Protocol):
    """What guests may read of the world. ARM ids compare without case."""

    def resource(self, arm_id: str) -> Mapping[str, Any] | None:
        """The body that a GET of this resource would answer, or None.

        It may be the world's own: to be read at once, neither kept nor changed.
        """

    def resources(self, arm_type: str) -> Sequence[Mapping[str, Any]]:
        """All resources of a type, for example `Microsoft.Network/virtualNetworks`."""

    def guest(self, vm_id: str) -> Guest | None:
        """The guest of a VM that exists, or None."""


@dataclass(frozen=True, slots=True)
class GuestResult:
    """What a script left behind; `answered_by` says whether it really ran."""

    exit_code: int
    stdout: str
    stderr: str
    answered_by: Literal["executed", "world table", "unknown script"]
