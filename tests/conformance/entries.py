"""The catalogue: an entry for each operation and state that was recorded, one file each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.conformance.facts import HEADERS
from tests.conformance.forms import form_of
from tests.conformance.id_patterns import id_pattern
from tests.conformance.shapes import Shape, shape_of

CATALOGUE = Path(__file__).with_name("catalogue")
Rests = Literal["recorded", "recorded at first contact", "from the specification"]
FIRST_CONTACT: Rests = "recorded at first contact"
SPECIFICATION: Rests = "from the specification"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one answer: shapes and forms alone, no value of the recording."""

    name: str
    rests: Rests
    source: str
    method: str
    path: str  # as a pattern: {v}/replicationFabrics/{}
    api_version: str
    request: Shape = field(repr=False)  # null: no body
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Shape = field(repr=False)  # null: no body

    @property
    def operation(self) -> str:
        """Method and path, by which requests are told apart."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer as they were on the wire."""

    method: str
    path: str  # with its query
    request: Any
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def operation(self) -> str:
        return f"{self.method} {id_pattern(self.path.partition('?')[0])}"


def entry_of(name: str, sample: Mapping[str, Any], rests: Rests) -> Entry:
    """Work a sample ({source, request, response, note?}) into its entry."""
    request, response = sample["request"], sample["response"]
    path, _, query = request["path"].partition("?")
    versions = [part[12:] for part in query.split("&") if part.startswith("api-version=")]
    return Entry(
        name=name,
        rests=rests,
        source=sample["source"],
        method=request["method"],
        path=id_pattern(path),
        api_version=versions[0] if versions else "",
        request=_body(request["body"]),
        status=response["status"],
        headers={key: header_form(key, str(value)) for key, value in response["headers"].items()},
        body=_body(response["body"]),
    )


def header_form(name: str, value: str) -> str:
    """The form of a header's value; of a media type the charset is left out, it comes and goes."""
    if name.lower() == "content-type":
        return f"'{value.partition(';')[0]}'"
    if name.lower() == "content-length":
        return "'0'" if value == "0" else form_of(value)
    if name.lower() == "x-ms-ratelimit-remaining-resource":
        return "'{bucket};{n},…'" if ";" in value else "text"
    return form_of(value, fact=name in HEADERS)


def _body(body: Any) -> Shape:
    """A body's shape; none and an empty one are alike."""
    return None if body is None else shape_of(body)


def load(folder: Path = CATALOGUE) -> list[Entry]:
    """All entries, by name."""
    return [
        Entry(name=path.stem, **json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
    ]


def save(entries: Iterable[Entry], folder: Path = CATALOGUE) -> None:
    """Write each entry to its file, and take away files of entries that are none any more."""
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for entry in entries:
        told = asdict(entry)
        path = folder / f"{told.pop('name')}.json"
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written.add(path)
    for path in set(folder.glob("*.json")) - written:
        path.unlink()
