"""Site Recovery tells ids of its own resources with a capital /Subscriptions [CLI][PS-RP]."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from muster.simulator.call import Answer, Call

_AS_KEPT = ("newReplicationProtectedItemId",)  # the one id in small letters [PS-RPR]
_HEAD, _MARK = "/subscriptions/", "/providers/Microsoft.RecoveryServices/vaults/"


def capital(arm_id: str) -> str:
    """An id of a vault or of something in it, as Site Recovery answers it."""
    return "/Subscriptions/" + arm_id[len(_HEAD) :]


def vault_id_of(call: Call) -> str:
    """The id of the vault a path lies in, as the service tells it, whatever casing was asked."""
    asked = "/".join(call.target.path.split("/")[:9])
    vault = call.world.resource(asked)
    return capital(vault["id"] if vault else asked)


def with_capital_ids(answer: Answer) -> Answer:
    """The answer with every id that lies in a vault in the service's casing; others as kept."""
    return answer if answer.body is None else replace(answer, body=_told(answer.body))


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: each if k in _AS_KEPT else _told(each) for k, each in value.items()}
    if isinstance(value, list):
        return [_told(each) for each in value]
    if isinstance(value, str) and value.startswith(_HEAD) and _MARK in value:
        return capital(value)
    return value
