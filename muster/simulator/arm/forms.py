"""The form a body has to have: wrong types are refused in words before anything looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.json_types import Json

Form = Any
"""`str`, `int`, `float`, `bool`, `object` (anything); `{"key": form}`: an object, other keys are
free; `[form]`: a list; `{...: form}`: an object whose values all have one form. Null fits all."""
REFERENCE: Form = {"id": str}
TEXTS: Form = [str]
_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def check(form: Form, value: Any, path: str = "properties") -> None:
    """Compare a value with a form. Raises: AzureError 400, naming the place."""
    if value is None or form is object:
        return
    if isinstance(form, Mapping):
        _check_object(form, value, path)
    elif isinstance(form, list):
        _check_list(form[0], value, path)
    elif not _fits(form, value):
        raise _unlike(path, _NAMES[form])


def _check_object(form: Mapping[Any, Form], value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _unlike(path, "an object")
    for name, each in value.items():
        if name in form or ... in form:
            check(form.get(name, form.get(...)), each, f"{path}.{name}")


def _check_list(form: Form, value: Any, path: str) -> None:
    if not isinstance(value, list):
        raise _unlike(path, "a list")
    for n, each in enumerate(value):
        if each is None:
            raise _unlike(f"{path}[{n}]", "an entry")
        check(form, each, f"{path}[{n}]")


def _fits(form: type, value: Any) -> bool:
    if form is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if form is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, form)


def _unlike(path: str, what: str) -> AzureError:
    return bad_request(
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: 'Error converting value: "
        f"{what} was expected. Path '{path}'.'.",
    )


def without_nulls(value: Any) -> Any:
    """A copy in which what was null is not there: ARM's providers read null as left out."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def named(properties: Json, word: str) -> str:
    """The id in `properties.word.id`, or nothing."""
    return str(part(properties, word).get("id") or "")


def part(value: Any, word: str) -> Json:
    """The object under a word, or an empty one: what a type has no form for is kept as it came."""
    found = value.get(word) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
