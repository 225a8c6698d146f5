"""Role definitions and assignments as they stand in the world: a change counts at once.

Azure takes up to ten minutes to let a change take effect
(https://learn.microsoft.com/azure/role-based-access-control/troubleshooting); here it does not.
Deny assignments, groups, conditions and management groups are not modelled: a condition is kept
and told again, and restrains nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.identity.builtin_roles import BUILT_IN, BY_NAME
from muster.simulator.identity.definitions import Definition, from_kept
from muster.simulator.identity.roles import Grant
from muster.simulator.json_types import Json
from muster.simulator.world import World
from muster.simulator.worlds.model import WorldFacts

ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_DEFINITIONS, _ASSIGNMENTS = "role_definitions", "role_assignments"


def seed(world: World, facts: WorldFacts) -> None:
    """Make a new world's roles and assignments from its file; in an old one change nothing."""
    world.state["principals"] = [identity.object_id for identity in facts.identities]
    if _ASSIGNMENTS in world.state:
        return
    subscription = f"/subscriptions/{facts.subscription.id}"
    known = {name: definition.guid for name, definition in BY_NAME.items()}
    for name, role in facts.roles.items():
        known[name] = world.guid("role", name)
        made = Definition(
            known[name],
            name,
            role.description,
            role.actions,
            role.not_actions,
            assignable_scopes=(subscription,),
            created=world.clock.epoch,
            updated=world.clock.epoch,
        )
        keep_definition(world, made)
    world.table(_ASSIGNMENTS)
    for identity in facts.identities:
        for given in identity.roles:
            scope = given.scope
            if scope != "/" and not scope.startswith("/subscriptions/"):
                scope = subscription + scope
            name = world.guid("assignment", identity.object_id, given.role, scope)
            assign(world, scope, name, known[given.role], identity.object_id)


def definitions(world: World) -> Iterator[Definition]:
    """Built-in ones first, then the tenant's own in the order they were made."""
    yield from BUILT_IN.values()
    yield from map(from_kept, world.table(_DEFINITIONS).values())


def definition(world: World, guid: str) -> Definition | None:
    kept = world.table(_DEFINITIONS).get(guid.lower())
    return from_kept(kept) if kept else BUILT_IN.get(guid.lower())


def keep_definition(world: World, made: Definition) -> None:
    world.table(_DEFINITIONS)[made.guid] = made.kept()
    world.changed = True


def drop_definition(world: World, guid: str) -> None:
    del world.table(_DEFINITIONS)[guid]
    world.changed = True


def assignments(world: World) -> Iterator[Json]:
    """Each as `assign` keeps it."""
    yield from world.table(_ASSIGNMENTS).values()


def assignment(world: World, scope: str, name: str) -> Json | None:
    return world.table(_ASSIGNMENTS).get(_key(scope, name))


def assign(
    world: World, scope: str, name: str, role: str, principal: str, by: str | None = None
) -> Json:
    """Give a principal (object id) a role (GUID) at a scope; answers what is kept."""
    kept: Json = {
        "name": name.lower(),
        "scope": scope,
        "role": role.lower(),
        "principal": principal.lower(),
        "principal_type": "ServicePrincipal",
        "description": None,
        "condition": None,
        "condition_version": None,
        "created": world.now,
        "updated": world.now,
        "by": by,
    }
    world.table(_ASSIGNMENTS)[_key(scope, name)] = kept
    world.changed = True
    return kept


def take_away(world: World, scope: str, name: str) -> None:
    del world.table(_ASSIGNMENTS)[_key(scope, name)]
    world.changed = True


def grants_of(world: World, object_id: str) -> tuple[Grant, ...]:
    """What somebody may do at this moment. An assignment whose role is gone grants nothing."""
    return tuple(
        Grant(given["scope"], role.actions, role.not_actions)
        for given in assignments(world)
        if given["principal"] == object_id and (role := definition(world, given["role"]))
    )


def _key(scope: str, name: str) -> str:
    return f"{scope.rstrip('/')}/{name}".lower()
