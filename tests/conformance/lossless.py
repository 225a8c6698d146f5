"""Whether an SDK's model holds all of the answer it was made of."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any


def losses(result: Any, raw: Any) -> list[str]:
    """What a model, or a list of models, lost of an answer.

    A key it does not know, a value of another type or that reads otherwise, another JSON.
    """
    if not isinstance(result, list):
        return list(_lost(result, raw, ""))
    found = [
        loss for one, told in zip(result, raw, strict=False) for loss in _lost(one, told, "[]")
    ]
    short = len(result) != len(raw)
    return [*found, *([f": {len(raw)} elements became {len(result)}"] if short else [])]


def _lost(result: Any, raw: Any, where: str) -> Iterator[str]:
    same = result.as_dict() if _is_model(result) else result
    if same != raw:
        yield f"{where}: serialised otherwise"
    yield from _within(result, raw, where)


def _within(result: Any, raw: Any, where: str) -> Iterator[str]:
    if isinstance(result, list):
        for one, told in zip(result, raw, strict=False):
            yield from _within(one, told, f"{where}[]")
    elif _is_model(result):
        yield from _fields(result, raw, where)


def _is_model(value: Any) -> bool:
    return hasattr(type(value), "_attr_to_rest_field")


def _fields(model: Any, raw: dict[str, Any], where: str) -> Iterator[str]:
    fields = {field._rest_name: name for name, field in model._attr_to_rest_field.items()}
    hints = _hints(type(model).__module__, type(model).__name__)
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
            else:
                yield from _within(got, value, here)


def _says(got: Any, value: Any) -> bool:
    """Whether a plain value is the one in the answer; an instant to the second."""
    if isinstance(got, datetime):
        return got.strftime("%Y-%m-%dT%H:%M:%S").endswith(value[4:19])
    if isinstance(value, str | int | float):
        return bool((got.value if isinstance(got, Enum) else got) == value)
    return True


@cache
def _hints(module: str, name: str) -> dict[str, Any]:
    """Types of a model's attributes; the models name each other under `_models`."""
    package = import_module(module.rpartition(".")[0])
    known = {"_models": package, "datetime": import_module("datetime")}
    return typing.get_type_hints(getattr(import_module(module), name), localns=known)


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
