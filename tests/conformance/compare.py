"""What an answer does otherwise than the catalogue says, in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.conformance.entries import Entry, Exchange, header_form
from tests.conformance.forms import EITHER, fits, form_of
from tests.conformance.id_patterns import SIGNED, alike, differ_in_capitals
from tests.conformance.shapes import ANY_KEY, MAYBE, Shape, kind_of, shape_of

Kind = Literal[
    "status",
    "operation",
    "missing",  # recorded, and not in the answer: key, header, element of a list
    "invented",  # in the answer, and never recorded
    "type",  # object, list, text, number, truth
    "null",  # null where a value was recorded
    "not null",  # a value where null was recorded
    "form",  # format of a time, an id, a GUID, a header
    "signature",  # an address that is signed where the recorded one is not, or the other way
    "casing",  # an id, a word or a header's value that differs in capitals alone
    "word",  # another of Azure's words
    "order",  # elements of a list in another order
]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise."""

    where: str  # request.properties.groups[].groupType, headers.Location, status
    kind: Kind
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: {self.kind}: expected {self.expected}, found {self.found}"


def differences(entry: Entry, exchange: Exchange) -> list[Difference]:
    """All differences between an entry and what was asked and answered."""
    found: list[Difference] = []
    asked = exchange.operation.split(" ")
    if asked[0] != entry.method or not alike(_shortened(entry.path), _shortened(asked[1])):
        found.append(Difference("request", "operation", entry.operation, exchange.operation))
    if exchange.status != entry.status:
        found.append(Difference("status", "status", str(entry.status), str(exchange.status)))
    found += _bodies("request", entry.request, exchange.request)
    found += _headers(entry.headers, exchange.headers)
    found += _bodies("body", entry.body, exchange.body)
    return list(dict.fromkeys(found))


def _shortened(path: str) -> str:
    """Clients ask as they like: with capital ids they were given, or their own."""
    return path.replace("{V}", "{v}", 1)


def _bodies(where: str, shape: Shape, value: Any) -> Iterator[Difference]:
    if shape is None:
        if value is not None:
            yield Difference(where, "invented", "no body", "a body")
    elif value is None:
        yield Difference(where, "missing", "a body", "no body")
    else:
        yield from compared(where, shape, value)


def _headers(forms: Mapping[str, str], values: Mapping[str, str]) -> Iterator[Difference]:
    told = {name.lower(): (name, form) for name, form in forms.items()}
    given = {name.lower(): (name, value) for name, value in values.items()}
    for key, (name, form) in told.items():
        if key not in given:
            yield Difference(f"headers.{name}", "missing", form, "nothing")
        else:
            value = given[key][1]
            here = header_form(name, value)
            if here != form and not fits(form, value):
                yield Difference(f"headers.{name}", _kind(form, here), form, here)
    for key, (name, value) in given.items():
        if key not in told:
            yield Difference(f"headers.{name}", "invented", "nothing", header_form(name, value))


def compared(where: str, shape: Shape, value: Any) -> Iterator[Difference]:
    """Differences of a JSON value from a shape."""
    if isinstance(shape, dict) and isinstance(value, dict):
        yield from _objects(where, shape, value)
    elif isinstance(shape, list) and isinstance(value, list):
        yield from _lists(f"{where}[]", shape, value)
    elif isinstance(shape, str) and not isinstance(value, dict | list):
        if not fits(shape, value):
            here = form_of(value, fact="'" in shape or "exactly" in shape)
            yield Difference(where, _kind(shape, here), shape, here)
    elif value is None:
        yield Difference(where, "null", _type(shape), "null")
    elif shape == "null":
        yield Difference(where, "not null", "null", _type(value))
    else:
        yield Difference(where, "type", _type(shape), _type(value))


def _objects(
    where: str, shape: Mapping[str, Shape], value: Mapping[str, Any]
) -> Iterator[Difference]:
    if ANY_KEY in shape:
        for each in value.values():
            yield from compared(f"{where}.{ANY_KEY}", shape[ANY_KEY], each)
        return
    known = {key.removesuffix(MAYBE): each for key, each in shape.items()}
    for key, each in shape.items():
        name = key.removesuffix(MAYBE)
        if name in value:
            yield from compared(f"{where}.{name}", each, value[name])
        elif not key.endswith(MAYBE):
            yield Difference(f"{where}.{name}", "missing", _told(each), "nothing")
    for name in value:
        if name not in known:
            yield Difference(
                f"{where}.{name}", "invented", "nothing", _told(shape_of(value[name]))
            )


def _lists(where: str, shapes: Sequence[Shape], values: Sequence[Any]) -> Iterator[Difference]:
    """Each element against the kind it is most like; then what no element was like."""
    met: list[int] = []
    for value in values:
        if not shapes:
            yield Difference(where, "invented", "an empty list", _told(shape_of(value)))
            continue
        tried = [list(compared(where, shape, value)) for shape in shapes]
        nearest = min(
            range(len(shapes)), key=lambda at: (_apart(shapes[at], value), len(tried[at]))
        )
        met.append(nearest)
        yield from tried[nearest]
    for at, shape in enumerate(shapes):
        if at not in met:
            yield Difference(where, "missing", _told(shape), "no such element")
    first = list(dict.fromkeys(met))
    if first != sorted(first):
        order = ", ".join(_told(shapes[at]) for at in first)
        yield Difference(where, "order", "the recorded order", order)


def _apart(shape: Shape, value: Any) -> int:
    """Whether a value is of another kind than a shape."""
    return int(kind_of(shape) != kind_of(shape_of(value)))


def _kind(form: str, here: str) -> Kind:
    forms = form.split(EITHER)
    if here == "null":
        return "null"
    if forms == ["null"]:
        return "not null"
    if any(one.removesuffix(SIGNED) == here.removesuffix(SIGNED) for one in forms):
        return "signature"
    if any(one.lower() == here.lower() for one in forms):
        return "casing"
    if _type_of(here) not in {_type_of(one) for one in forms}:
        return "type"
    if here.startswith("'") and any(one.startswith("'") for one in forms):
        return "word"
    if here.startswith(("/", "{", "https:")) and any(
        differ_in_capitals(one, here) for one in forms
    ):
        return "casing"
    return "form"


def _type_of(form: str) -> str:
    head = form.split(" ")[0]
    return {"exactly": "integer"}.get(head, head) if head in _PLAIN else "text"


_PLAIN = ("null", "boolean", "integer", "decimal", "exactly")


def _type(shape: Any) -> str:
    if isinstance(shape, dict):
        return "an object"
    if isinstance(shape, list):
        return "a list"
    return shape if isinstance(shape, str) else form_of(shape)


def _told(shape: Shape) -> str:
    """A shape in a few words: a form, or what kind of object it is."""
    if isinstance(shape, dict):
        within = shape | (shape["properties"] if isinstance(shape.get("properties"), dict) else {})
        words = [f"{key}={within[key]}" for key in _SPEAKING if isinstance(within.get(key), str)]
        return "an object" + (f" ({', '.join(words)})" if words else "")
    return "a list" if isinstance(shape, list) else str(shape)


_SPEAKING = ("instanceType", "taskType", "taskId", "groupType", "scenarioName")
