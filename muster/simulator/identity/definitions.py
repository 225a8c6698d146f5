"""What a role may do: its definition, built-in or of this tenant's own, and its ARM body."""

from __future__ import annotations

from dataclasses import dataclass, fields

from muster.simulator import dates
from muster.simulator.json_types import Json

TYPE = "Microsoft.Authorization/roleDefinitions"


@dataclass(frozen=True, slots=True)
class Definition:
    """A role. `created` is None for a built-in one, which may be assigned anywhere."""

    guid: str
    role_name: str
    description: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()  # told again, of no effect: no data plane is modelled
    not_data_actions: tuple[str, ...] = ()
    assignable_scopes: tuple[str, ...] = ("/",)
    created: float | None = None
    created_by: str | None = None
    updated: float | None = None

    @property
    def is_built_in(self) -> bool:
        return self.created is None

    def arm_id(self, subscription: str) -> str:
        """Its id as told at a subscription, or at the tenant's root (subscription "")."""
        above = f"/subscriptions/{subscription}" if subscription else ""
        return f"{above}/providers/{TYPE}/{self.guid}"

    def body(self, subscription: str) -> Json:
        """As `GET …/roleDefinitions/{guid}` answers [DOC:role-definitions, az role definition]."""
        return {
            "id": self.arm_id(subscription),
            "type": TYPE,
            "name": self.guid,
            "properties": {
                "roleName": self.role_name,
                "type": "BuiltInRole" if self.is_built_in else "CustomRole",
                "description": self.description,
                "assignableScopes": list(self.assignable_scopes),
                "permissions": [
                    {
                        "actions": list(self.actions),
                        "notActions": list(self.not_actions),
                        "dataActions": list(self.data_actions),
                        "notDataActions": list(self.not_data_actions),
                    }
                ],
                # When Microsoft made its roles is not in what we read.
                "createdOn": None if self.created is None else dates.ticks(self.created),
                "updatedOn": None if self.updated is None else dates.ticks(self.updated),
                "createdBy": self.created_by,
                "updatedBy": self.created_by,
            },
        }

    def kept(self) -> Json:
        """As the world keeps it."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in kept.items()}


def from_kept(kept: Json) -> Definition:
    """The other way round."""
    told: Json = {key: tuple(v) if isinstance(v, list) else v for key, v in kept.items()}
    return Definition(**told)
