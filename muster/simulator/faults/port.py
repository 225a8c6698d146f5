"""What the rest of the simulator asks of the faults: is something to go wrong here and now?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

Moment = Literal["call", "job", "copy", "cleanup", "runbook", "script", "replication", "time"]
"""What a rule may wait for; see `faults.model.On`."""


class FaultPort(Protocol):
    """Asked at every moment at which something may go wrong."""

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the faults that are switched on."""
        ...

    def meet(self, moment: Moment, name: str, *, vm: str = "", client: str = "") -> Sequence[Any]:
        """What is to happen (`faults.model.Do`), in the order of the rules; mostly nothing.

        Args:
            moment: Which kind.
            name: Of the operation, scenario, runbook …
            vm: The source VM's name, or that of a VM, where there is one.
            client: The name of the identity that asks, for a call.
        """
        ...


class NoFaults:
    """Nothing ever goes wrong."""

    ids: Sequence[str] = ()

    def meet(self, *_: str, **__: str) -> Sequence[Any]:
        return ()
