"""What is particular about one type of resource, beside what holds for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.forms import Form
from muster.simulator.json_types import Json
from muster.simulator.world import World


def _nothing(_: World, __: Json) -> None:
    return None


def _as_it_came(_: World, __: Json, ___: Json | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Shape:
    """Hooks of a type.

    form: of its `properties`. top: forms of other keys.
    adopt: completes and checks a body that was PUT (the one before it, if any); may refuse.
    render: puts into a copy for GET what follows from other resources.
    demand_unused: refuses a DELETE while something needs the resource.
    gone: takes away what goes with it.
    """

    form: Form = field(default_factory=dict)
    top: Form = field(default_factory=dict)
    adopt: Callable[[World, Json, Json | None], None] = _as_it_came
    render: Callable[[World, Json], None] = _nothing
    demand_unused: Callable[[World, Json], None] = _nothing
    gone: Callable[[World, Json], None] = _nothing


def keep(body: Json, before: Json | None, words: tuple[str, ...]) -> None:
    """What a client cannot set stays what it was, or is not there."""
    for word in words:
        body["properties"].pop(word, None)
        if before and word in before["properties"]:
            body["properties"][word] = before["properties"][word]


def demand_known(world: World, body: Json, arm_id: str) -> Json:
    """The resource a body refers to. Raises: AzureError 400, as Network says it."""
    found = world.resource(arm_id)
    if found is None:
        raise bad_request(
            "InvalidResourceReference",
            f"Resource {arm_id} referenced by resource {body['id']} was not found. Please make "
            "sure that the referenced resource exists, and that both resources are in the same "
            "region.",
        )
    return found


def give_ids(world: World, body: Json, collections: tuple[str, ...]) -> None:
    """The entries of lists inside a resource are resources themselves: name, id, type, etag."""
    for collection in collections:
        for entry in body["properties"].get(collection) or []:
            name = str(entry.get("name") or "")
            if not name:
                raise bad_request(
                    "InvalidRequestFormat", f"An entry of '{collection}' has no name."
                )
            entry |= {
                "id": f"{body['id']}/{collection}/{name}",
                "etag": world.etag(),
                "type": f"{body['type']}/{collection}",
            }
            entry["properties"] = (entry.get("properties") or {}) | {
                "provisioningState": "Succeeded"
            }
