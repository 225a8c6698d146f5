"""The port's replicating part upon the real SDKs."""

from __future__ import annotations

from muster.clock import Clock
from muster.gateway.connections import Connections
from muster.gateway.protection import Protection
from muster.gateway.setup_reads import SetupReads
from muster.gateway.setup_writes import SetupWrites


class Replication(SetupReads, SetupWrites, Protection):
    """`muster.gateway.port_replication.ReplicationPort` against Azure."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        SetupWrites.__init__(self, connections, clock)
