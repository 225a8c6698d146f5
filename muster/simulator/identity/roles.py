"""Who may do what: the one rule engine behind every 403."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from muster.simulator.arm.errors import AzureError
from muster.simulator.json_types import Json


@dataclass(frozen=True, slots=True)
class Grant:
    """One role assignment: a role's actions at a scope and everything under it."""

    scope: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]

    def covers(self, scope: str) -> bool:
        mine, asked = self.scope.rstrip("/").lower(), scope.lower()
        return asked == mine or asked.startswith(mine + "/")

    def allows(self, action: str) -> bool:
        return _any(self.actions, action) and not _any(self.not_actions, action)


@dataclass(frozen=True, slots=True)
class Managed:
    """What makes an identity a managed one: the resource it belongs to, or is."""

    assigned: Literal["system", "user"]
    resource: str  # ARM id: of the machine (system), of the identity itself (user)


@dataclass(frozen=True, slots=True)
class Identity:
    """An application or managed identity of the tenant, with its grants of this moment."""

    name: str
    client_id: str
    object_id: str
    secret: str | None
    certificates: tuple[str, ...] = ()  # PEM of the public part, or a thumbprint in hex
    managed: Managed | None = None
    grants: tuple[Grant, ...] = ()

    def may(self, action: str, scope: str) -> bool:
        return any(grant.covers(scope) and grant.allows(action) for grant in self.grants)

    def permissions(self, scope: str) -> list[Json]:
        """What `GET {scope}/providers/Microsoft.Authorization/permissions` lists."""
        return [
            {
                "actions": list(grant.actions),
                "notActions": list(grant.not_actions),
                "dataActions": [],
                "notDataActions": [],
            }
            for grant in self.grants
            if grant.covers(scope)
        ]


def action_of(verb: str, resource_type: str) -> str:
    """The action a request needs. A POST's last word is the action's name already."""
    if verb == "post":
        return f"{resource_type}/action"
    doing = {"put": "write", "patch": "write", "delete": "delete"}.get(verb, "read")
    return f"{resource_type}/{doing}"


def demand(caller: Identity, action: str, scope: str) -> None:
    """Raise ARM's 403 unless the caller may do this here."""
    if caller.may(action, scope):
        return
    raise AzureError(
        403,
        "AuthorizationFailed",
        f"The client '{caller.client_id}' with object id '{caller.object_id}' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is "
        "invalid. If access was recently granted, please refresh your credentials.",
    )


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(_compiled(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A `*` stands for anything, slashes included; the case of letters does not count."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE | re.DOTALL)
