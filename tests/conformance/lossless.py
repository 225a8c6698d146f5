"""Whether an SDK's model holds all of the answer it was made of."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any


def losses(result: Any, raw: Any, where: str = "") -> list[str]:
    """What a model lost: a key it does not know, a value of another type, another JSON."""
    return list(_lost(result, raw, where))


def _lost(result: Any, raw: Any, where: str) -> Iterator[str]:
    if isinstance(result, list):
        for at, each in enumerate(result):
            yield from _lost(each, raw[at], f"{where}[]")
        if len(result) != len(raw):
            yield f"{where}: {len(raw)} elements became {len(result)}"
        return
    if not hasattr(type(result), "_attr_to_rest_field"):
        if result != raw:
            yield f"{where}: another value"
        return
    if result.as_dict() != raw:
        yield f"{where}: serialised otherwise"
    yield from _fields(result, raw, where)


def _fields(model: Any, raw: dict[str, Any], where: str) -> Iterator[str]:
    fields = {field._rest_name: name for name, field in model._attr_to_rest_field.items()}
    hints = _hints(type(model))
    for key, value in raw.items():
        here = f"{where}.{key}".lstrip(".")
        if key not in fields:
            yield f"{here}: unknown to {type(model).__name__}"
        elif value is not None:
            got = getattr(model, fields[key])
            if not _is_a(got, hints[fields[key]]):
                yield f"{here}: {type(got).__name__} is no {hints[fields[key]]}"
            elif not _says(got, value):
                yield f"{here}: reads {got!r}"
            elif hasattr(type(got), "_attr_to_rest_field") or isinstance(got, list):
                yield from _lost(got, value, here)


def _says(got: Any, value: Any) -> bool:
    """Whether a plain value is the one in the answer; an instant to the second."""
    if isinstance(got, datetime):
        return got.strftime("%Y-%m-%dT%H:%M:%S").endswith(value[4:19])
    if isinstance(value, str | int | float):
        return bool((got.value if isinstance(got, Enum) else got) == value)
    return True


def _hints(kind: type) -> dict[str, Any]:
    """Types of a model's attributes; the models name each other under `_models`."""
    package = __import__(kind.__module__.rpartition(".")[0], fromlist=["_"])
    return typing.get_type_hints(
        kind, localns={"_models": package, "datetime": __import__("datetime")}
    )


def _is_a(value: Any, hint: Any) -> bool:
    """Whether a value is of a type as SDKs write types."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_is_a(value, each) for each in inner)
    if origin is list:
        return isinstance(value, list) and all(_is_a(each, inner[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict)
    if origin is typing.Literal:
        return value in inner
    if hint is Any:
        return True
    if hint is float:
        return isinstance(value, float | int)
    return isinstance(value, hint if isinstance(hint, type) else datetime)
