"""`python -m tests.conformance.make_catalogue [SAMPLES] [--recordings FOLDER]`: make it anew.

Both folders hold files {source, request: {method, path, body}, response: {status, headers, body},
note?}; SAMPLES those of others (`spec_…`: examples of the specification), FOLDER the samples that
`muster record` wrote. What came from a folder that is not named stays. Only shapes and Azure's own
words get into the catalogue, no value.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.conformance.entries import (
    CATALOGUE,
    FIRST_CONTACT,
    SPECIFICATION,
    Entry,
    entry_of,
    load,
    save,
)
from tests.conformance.forms import EITHER, settled
from tests.conformance.id_patterns import GUID, is_id, names_in
from tests.conformance.shapes import Shape

OF_THE_SPECIFICATION = "spec_"


def main(arguments: Sequence[str] | None = None) -> int:
    """Work samples and recordings into the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path, nargs="?")
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    given = parser.parse_args(arguments)
    kept = load(given.catalogue)
    entries = (
        list(_worked(given.samples))
        if given.samples
        else [one for one in kept if one.rests != FIRST_CONTACT]
    )
    entries += (
        once(replace(one, rests=FIRST_CONTACT) for one in _worked(given.recordings))
        if given.recordings
        else [one for one in kept if one.rests == FIRST_CONTACT]
    )
    save(agreed(entries), given.catalogue)
    sys.stdout.write(f"{len(entries)} entries in {given.catalogue}\n")
    return 0


def once(entries: Iterable[Entry]) -> list[Entry]:
    """A recording asks the same again and again: of answers with one shape the first stays."""
    told: dict[str, Entry] = {}
    for entry in entries:
        alike = replace(entry, name="", source="")
        told.setdefault(repr((alike, alike.request, alike.headers, alike.body)), entry)
    return list(told.values())


def _worked(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob("*.json")):
        sample = json.loads(path.read_text(encoding="utf-8"))
        of_spec = path.stem.startswith(OF_THE_SPECIFICATION)
        entry = entry_of(path.stem, sample, SPECIFICATION if of_spec else "recorded")
        if kept := sorted(_survivors(entry, sample)):
            raise SystemExit(f"{path}: values would get into the catalogue: {', '.join(kept)}")
        yield entry


def agreed(entries: Sequence[Entry]) -> list[Entry]:
    """Entries of one operation agree on how its times are written.

    A time whose seventh digit is no zero leaves open what becomes of zeros; another answer to the
    same operation may tell.
    """
    told: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for entry in entries:
        for path, form in _forms(entry.body):
            told[entry.operation, *path].update(form.split(EITHER))

    def settle(shape: Shape, key: tuple[str, ...]) -> Shape:
        if isinstance(shape, dict):
            return {name: settle(each, (*key, name)) for name, each in shape.items()}
        if isinstance(shape, list):
            return [settle(each, key) for each in shape]
        known = settled(shape, told[key]) if isinstance(shape, str) else set()
        return known.pop() if len(known) == 1 else shape

    return [replace(one, body=settle(one.body, (one.operation,))) for one in entries]


def _forms(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(shape, dict):
        for name, each in shape.items():
            yield from _forms(each, (*path, name))
    elif isinstance(shape, list):
        for each in shape:
            yield from _forms(each, path)
    elif shape is not None:
        yield path, shape


def _survivors(entry: Entry, sample: Any) -> set[str]:
    """Names and GUIDs in a sample's ids that are still to be read in its entry."""
    text = json.dumps([entry.path, entry.request, entry.headers, entry.body], ensure_ascii=False)
    strings = list(_strings([sample["request"], sample["response"]]))
    names = {name for each in strings if is_id(each) for name in names_in(each)}
    guids = {guid for each in strings for guid in GUID.findall(each)}
    return {name for name in names | guids if name in re.split(r"[^-\w.]+", text)}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str):
        yield value


if __name__ == "__main__":
    sys.exit(main())
