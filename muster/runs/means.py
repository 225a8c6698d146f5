"""What a run works through: where its journal is, what leads to Azure, how its process leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from muster.gateway.open import open_gateway
from muster.gateway.port import Gateway
from muster.journal.stores import DirectoryStore, Store
from muster.settings import Settings


def _directory(settings: Settings) -> Store:
    return DirectoryStore(settings.journal)


@dataclass(frozen=True, slots=True)
class Means:
    """Made from the settings when a run needs them; each may be handed in instead.

    A drill in one process with its simulator brings a store in memory, a gateway without sockets
    and a way to leave that ends its own run alone.
    """

    store: Callable[[Settings], Store] = _directory
    gateway: Callable[[Settings], Gateway] = open_gateway  # to be opened with `async with`
    leave: Callable[[int], object] = os._exit  # at a second Ctrl-C, with the exit code


USUAL = Means()
"""A directory, HTTPS, and the end of the process."""
