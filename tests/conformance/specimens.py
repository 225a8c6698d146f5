"""Answers made up from the catalogue's shapes: what conforms, to be spoilt by tests."""

from __future__ import annotations

from typing import Any

from tests.conformance.entries import Entry, Exchange
from tests.conformance.forms import EITHER
from tests.conformance.id_patterns import SHORT
from tests.conformance.shapes import ANY_KEY, MAYBE, Shape

GUID = "0d6c8d0a-7f3e-4c1b-9a55-3f0e2b1c4d5e"
_PLAIN: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 3,
    "decimal": 1.5,
    "empty": "",
    "text": "some text",
    "digits": "30",
    "guid": GUID,
    "address": "10.0.0.4",
    "http date": "Mon, 16 Jan 2023 09:32:00 GMT",
}
_TIMES = {
    "whole seconds": "",
    "whole seconds as .0000000": ".0000000",
    "7 digits": ".1234567",
    "7 digits with zeros": ".1234560",
    "up to 7 digits without zeros": ".12345",
    "3 digits": ".120",
}
_ZONES = {"Z": "Z", "offset": "+00:00", "no zone": ""}


def specimen(shape: Shape) -> Any:
    """A value that has a shape."""
    if isinstance(shape, dict):
        return {
            "a key" if key == ANY_KEY else key.removesuffix(MAYBE): specimen(each)
            for key, each in shape.items()
        }
    if isinstance(shape, list):
        return [specimen(each) for each in shape]
    return _value(shape.split(EITHER)[0])


def exchange(entry: Entry) -> Exchange:
    """A request and an answer that conform to an entry in everything."""
    return Exchange(
        method=entry.method,
        path=_value(entry.path),
        request=None if entry.request is None else specimen(entry.request),
        status=entry.status,
        headers={name: str(specimen(form)) for name, form in entry.headers.items()},
        body=None if entry.body is None else specimen(entry.body),
    )


def _value(form: str) -> Any:
    if form in _PLAIN:
        return _PLAIN[form]
    if form.startswith("exactly "):
        return int(form.split(" ")[1])
    if form.startswith("time, "):
        digits, zone = form.removeprefix("time, ").rsplit(", ", 1)
        return f"2023-01-16T09:30:35{_TIMES[digits]}{_ZONES[zone]}"
    return _word(form[1:-1]) if form.startswith("'") else _named(form)


def _word(form: str) -> str:
    if form.startswith("{bucket}"):
        return "Microsoft.Compute/LowCostGet3Min;3994,Microsoft.Compute/LowCostGet30Min;31988"
    return form.replace("'{}'", "'a-name'").replace("{n}", "7")


def _named(form: str) -> str:
    name = "a-name" if "{lower}" in form else "A-Name"
    for pattern, short in SHORT.items():
        form = form.replace(short, pattern)
    for told, value in (
        (" signed", "&t=1&c=2&s=3&h=4"),
        ("{host}", "arm.example"),
        ("{client request}", GUID),
        ("{guid}", GUID),
        ("api-version={}", "api-version=2024-10-01"),
        ("{lower}", name),
        ("{}", name),
    ):
        form = form.replace(told, value)
    return form
