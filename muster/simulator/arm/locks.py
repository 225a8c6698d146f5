"""Management locks: kept at any scope, holding for all that lies in it."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm import paging
from muster.simulator.arm.errors import AzureError, bad_request, resource_not_found
from muster.simulator.arm.ids import parse
from muster.simulator.arm.types import KINDS
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

TYPE = "Microsoft.Authorization/locks"
LEVELS = {"cannotdelete": "CanNotDelete", "readonly": "ReadOnly", "notspecified": "NotSpecified"}
_OWN = "/providers/microsoft.authorization/locks"


def demand_unlocked(world: World, path: str, verb: str) -> None:
    """Refuse what a lock forbids; locks themselves may always be written and taken away.

    CanNotDelete forbids DELETE, ReadOnly also PUT, PATCH and every POST. A DELETE is stopped by a
    lock further in as well, since what lies there would go too. Code and words as in public issue
    threads.
    """
    if _OWN in path.lower():
        return
    word = "delete" if verb == "delete" else "write"
    if scopes := locked_scopes(world, path, word):
        raise AzureError(
            409,
            "ScopeLocked",
            f"The scope '{path}' cannot perform {word} operation because following scope(s) are "
            f"locked: '{','.join(scopes)}'. Please remove the lock and try again.",
        )


def locked_scopes(world: World, path: str, word: str) -> list[str]:
    """The scopes whose locks forbid to `delete` or to `write` at a path; for acts of services."""
    asked = path.rstrip("/").lower() + "/"
    found = []
    for lock in _locks(world):
        scope = _scope(lock)
        below = scope.lower().rstrip("/") + "/"
        holds = asked.startswith(below) or (word == "delete" and below.startswith(asked))
        if holds and _forbids(lock["properties"]["level"], word):
            found.append(scope)
    return list(dict.fromkeys(found))


def _forbids(level: str, word: str) -> bool:
    return level == "ReadOnly" or (level == "CanNotDelete" and word == "delete")


def _locks(world: World) -> Iterator[Json]:
    return (body for body in world.resources.values() if body["type"] == TYPE)


def _scope(lock: Json) -> str:
    """What a lock locks: its id without its own end."""
    arm_id: str = lock["id"]
    return arm_id[: arm_id.lower().rindex(_OWN)]


def get(call: Call) -> Answer:
    """GET a lock."""
    return Answer(200, _shown(_found(call)))


def list_locks(call: Call) -> Answer:
    """GET the locks of a scope and of all in it; with `$filter=atScope()` there and above."""
    here = call.target.scope.lower().rstrip("/") + "/"
    above = call.query.get("$filter", "").replace(" ", "").lower() == "atscope()"
    rows = []
    for lock in sorted(_locks(call.world), key=lambda lock: str(lock["id"])):
        scope = _scope(lock).lower() + "/"
        if here.startswith(scope) if above else scope.startswith(here):
            rows.append(_shown(lock))
    return paging.page(call, rows)


def put(call: Call) -> Answer:
    """PUT a lock: at once."""
    given = call.properties()
    level = LEVELS.get(str(given.get("level") or "").lower())
    if level is None:
        raise bad_request(
            "InvalidRequestContent",
            "The lock level is missing or not one of 'NotSpecified, CanNotDelete, ReadOnly'.",
        )
    _demand_scope(call)
    before = call.world.resource(call.target.path)
    lock = made(before["id"] if before else call.world.proper_id(call.target), level, given)
    lock["_created"] = (before or {}).get("_created", call.world.now)
    call.world.put(lock)
    return Answer(200 if before else 201, _shown(lock))


def made(arm_id: str, level: str, given: Json) -> Json:
    """The body of a lock."""
    properties: Json = {"level": level}
    properties |= {key: given[key] for key in ("notes", "owners") if given.get(key)}
    name = arm_id.rpartition("/")[2]
    return {"id": arm_id, "type": TYPE, "name": name, "properties": properties, "tags": {}}


def delete(call: Call) -> Answer:
    """DELETE a lock: 200, or 204 if there is none."""
    found = call.world.resource(call.target.path)
    if found is None:
        return Answer(204)
    call.world.remove(found["id"])
    return Answer(200)


def _found(call: Call) -> Json:
    lock = call.world.resource(call.target.path)
    if lock is None:
        raise AzureError(404, "LockNotFound", f"The lock '{call.target.name}' could not be found.")
    return lock


def _demand_scope(call: Call) -> None:
    """A group or a resource that is not there cannot be locked."""
    scope = parse(call.target.scope)
    if call.target.group and call.world.group(call.target) is None:
        raise AzureError(
            404,
            "ResourceGroupNotFound",
            f"Resource group '{call.target.group}' could not be found.",
        )
    kind = KINDS.get(scope.kind)
    if kind and not kind.inline and call.world.resource(scope.path) is None:
        raise resource_not_found(scope)


def _shown(lock: Json) -> Json:
    return {key: lock[key] for key in ("properties", "id", "type", "name")}


_LIST = (
    "Which locks a list holds (those of the scope and below), and code and words of its errors."
)
ROUTES: Routes = {
    (TYPE, "get"): Route(get, "specified", _LIST),
    (TYPE, "list"): Route(list_locks, "specified", _LIST),
    (TYPE, "put"): Route(put, "specified", _LIST),
    (TYPE, "delete"): Route(delete, "specified", _LIST),
}
