"""Requests that are known to the roles and refused: a permitted caller hears the truth."""

from __future__ import annotations

from muster.simulator.arm.errors import not_implemented
from muster.simulator.call import Answer, Call


def refuse(call: Call) -> Answer:
    """Better than to act as if."""
    raise not_implemented(f"{call.method} {call.target.type}")
