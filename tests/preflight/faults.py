"""Answers of Azure's that a look has to live with, as rules of the simulator's."""

from __future__ import annotations

from typing import Any

from muster.simulator.faults.file import Fault
from muster.simulator.faults.model import FaultFacts


def answering(call: str, do: dict[str, Any]) -> dict[str, Any]:
    """A rule: whenever this is called, do that."""
    return {"name": call, "on": {"call": call}, "do": do}


def faults(*rules: dict[str, Any]) -> tuple[Fault, ...]:
    facts = {"faults": "answers", "title": "answers", "rules": list(rules)}
    return (Fault(FaultFacts.model_validate(facts), ""),)
