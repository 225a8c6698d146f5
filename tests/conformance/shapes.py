"""The shape of a JSON value: its keys, the forms of its values, and how its lists are made up.

An object stays an object; a key that not every element of a list has ends in `?`; of an object
whose keys people choose only the form of its values is told, under `*`. A list holds the shapes of
the different kinds of its elements, in the order in which they first come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.conformance.facts import FREE, is_fact
from tests.conformance.forms import either, form_of

Shape = Any
"""A form, or a dict or list of shapes."""
ANY_KEY = "*"
MAYBE = "?"
TELLING = ("taskId", "taskType", "name", "groupType", "scenarioName", "instanceType", "osName")
"""Keys whose words tell elements of a list apart; `properties` are looked into."""


def shape_of(value: Any) -> Shape:
    """The shape of an answer's or a request's body."""
    return _shape(value, [], {})


def merged(one: Shape, other: Shape) -> Shape:
    """One shape that both fit. Raises: ValueError for an object and something else."""
    if isinstance(one, str) and isinstance(other, str):
        return either(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return _objects(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return kinds_of([*one, *other])
    raise ValueError(f"no one shape for {one} and {other}")


def kinds_of(elements: Sequence[Shape]) -> list[Shape]:
    """One shape for each kind of element, in the order in which they first come."""
    kinds: list[tuple[Shape, Shape]] = []
    for element in elements:
        kind = kind_of(element)
        for at, (known, shape) in enumerate(kinds):
            if known == kind and (one := _tried(shape, element)) is not None:
                kinds[at] = (known, one)
                break
        else:
            kinds.append((kind, element))
    return [shape for _, shape in kinds]


def kind_of(element: Shape) -> Shape:
    """What tells an element of a list from others."""
    if isinstance(element, str):
        return element if element.startswith("'") else "form"
    if isinstance(element, list):
        return "list"
    within = element.get("properties")
    told = {key: element[key] for key in TELLING if str(element.get(key, "")).startswith("'")}
    return (told, kind_of(within) if within else None)


def _tried(one: Shape, other: Shape) -> Shape | None:
    """One shape for two, or None where none fits both (an object and null, say)."""
    try:
        return merged(one, other)
    except ValueError:
        return None


def _shape(value: Any, path: list[str], beside: dict[str, Any]) -> Shape:
    if isinstance(value, dict):
        if path and path[-1] in FREE:
            return {ANY_KEY: either(*map(form_of, value.values()))} if value else {}
        return {key: _shape(each, [*path, key], value) for key, each in value.items()}
    if isinstance(value, list):
        return kinds_of([_shape(each, path, beside) for each in value])
    return form_of(value, fact=is_fact(path, value, beside))


def _objects(one: dict[str, Shape], other: dict[str, Shape]) -> Shape:
    ours = {key.removesuffix(MAYBE): shape for key, shape in one.items()}
    theirs = {key.removesuffix(MAYBE): shape for key, shape in other.items()}
    always = {key for key in one if not key.endswith(MAYBE)} & {
        key for key in other if not key.endswith(MAYBE)
    }
    told = {}
    for key in (*ours, *(key for key in theirs if key not in ours)):
        shapes = [each[key] for each in (ours, theirs) if key in each]
        told[key if key in always else key + MAYBE] = (
            merged(*shapes) if len(shapes) == 2 else shapes[0]
        )
    return told
