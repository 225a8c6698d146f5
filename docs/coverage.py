"""The part of docs/reference/simulator.md that says what the simulator was held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from docs.tables import head, table
from muster.simulator.arm.ids import parse
from muster.simulator.routes import TABLE, verb_of
from tests.conformance.entries import SPECIFICATION, Entry, load
from tests.conformance.id_patterns import full
from tests.conformance.judged import deviations, pending

Operation = tuple[str, str]  # type in small letters, verb
LEVELS = {"recorded": "recorded", "specified": "from the specification", "inferred": "inferred"}
CLUSTERS = "replicationprotectionclusters"
"""Of another provider; their recordings are held against an item in the parts that they share."""
_VAULT = "microsoft.recoveryservices/vaults/"
_CONTAINER = f"{_VAULT}replicationfabrics/replicationprotectioncontainers/"


def evidence() -> Mapping[Operation, Sequence[Entry]]:
    """The entries of the catalogue by the operation they answer."""
    found: dict[Operation, list[Entry]] = defaultdict(list)
    for entry in load():
        target = parse(full(entry.path))
        found[target.kind, verb_of(entry.method, target)].append(entry)
    return found


def coverage() -> Iterator[str]:
    """Sections: each operation with what it rests on, and each deviation with its reason."""
    yield "## What it was held against"
    yield ""
    yield from head("conformance")
    yield ""
    yield from table(("operation", "rests on", "held against"), _rows())
    yield ""
    yield "### Deviations"
    yield ""
    told = ((_named(each.entries), _named(each.where), each.reason) for each in deviations())
    yield from table(("answer", "where", "why it stays"), told)
    yield from _pending()


def _rows() -> Iterator[tuple[str, str, str]]:
    known = evidence()
    for operation in sorted(known.keys() | _of_site_recovery()):
        route = TABLE.get(operation)
        if route is None:
            rests = "not modelled" if CLUSTERS not in operation[0] else "compared with an item's"
        elif route.rests not in LEVELS:
            continue
        else:
            rests = LEVELS[route.rests]
        kind, verb = operation
        title = f"`{verb} {kind.replace(_CONTAINER, '…/').replace(_VAULT, '…/')}`"
        yield title, rests, ", ".join(_told(entry) for entry in known.get(operation, ()))


def _of_site_recovery() -> set[Operation]:
    return {key for key in TABLE if key[0].startswith("microsoft.recoveryservices/")}


def _told(entry: Entry) -> str:
    return f"`{entry.name}`" + (" (specification)" if entry.rests == SPECIFICATION else "")


def _named(patterns: Sequence[str]) -> str:
    return ", ".join("every answer" if each == "*" else f"`{each}`" for each in patterns)


def _pending() -> Iterator[str]:
    waiting = pending()
    rows = [(f"`{name}`", reason) for each in waiting.values() for name, reason in each.items()]
    if rows:
        yield from ("", "### Not held against anything yet", "")
        yield from table(("answer or method of the SDK", "why"), rows)
