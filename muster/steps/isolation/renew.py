"""The proof of isolation does not keep: it is renewed before copies are sent into the network."""

from __future__ import annotations

from datetime import timedelta

from muster.compile.graph import Step
from muster.errors import IsolationRefused
from muster.gateway.ids import same_id
from muster.journal.events import Event, Observed
from muster.steps.context import Run
from muster.steps.isolation.prove import prove_isolation
from muster.steps.recorded import drill_network

KEEPS = timedelta(seconds=60)
"""Sends this close to each other share one proof, so that reads do not grow with VMs."""


def proven_network(run: Run) -> str:
    """The drill network, if this run's journal says that it was proven (safety rule 2).

    A proof that could not be renewed, for something could not be read, may be tried again; a
    network that was seen to reach production is not used again, unless `isolate` proves it anew.

    Raises:
        IsolationRefused: It was not proven.
    """
    network_id = str(drill_network(run)["network_id"])
    proofs = _proofs(run, network_id)
    verdicts = [str(proof.data["verdict"]) for proof in proofs]
    if "isolated" not in verdicts or verdicts[-1] == "reaches":
        raise IsolationRefused(
            f"{network_id} was not proven to be isolated in this run; nothing was sent into it"
        )
    return network_id


async def renew_proof(run: Run, step: Step) -> None:
    """Walk again unless it was done just now; those who ask meanwhile wait for the same walk.

    Raises:
        IsolationRefused: The network is not, or may be not, isolated any more.
    """
    async with run.proof_lock:
        network_id = proven_network(run)
        last = _proofs(run, network_id)[-1]
        if run.clock.now() - last.at >= KEEPS:
            await prove_isolation(run, step, network_id)
        elif last.data["verdict"] != "isolated":
            raise IsolationRefused(
                f"{network_id} may reach what a drill must not touch: {last.data['why']}",
                code="ISO-003",
            )


def _proofs(run: Run, network_id: str) -> list[Event]:
    return [
        event
        for event in run.journal.index.observed(Observed.REACHABILITY)
        if same_id(str(event.data.get("network_id")), network_id)
    ]
