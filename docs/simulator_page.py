"""docs/reference/simulator.md: what the simulator does, what that rests on, and its world file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, get_args

from docs.coverage import coverage
from docs.tables import generated, head, table
from docs.words import words
from muster.simulator.arm.types import KINDS
from muster.simulator.call import Rests
from muster.simulator.routes import TABLE
from muster.simulator.spans import Span, built_in
from muster.simulator.worlds.facts import Facts
from muster.simulator.worlds.identities import IdentityFacts, Role, Throttling
from muster.simulator.worlds.model import ItemFacts, Settings, VmFacts, WorldFacts

WIDTH = 150
LEVELS: tuple[str, ...] = get_args(Rests)


def simulator_page() -> str:
    said = words("simulator")
    lines = [*generated("The simulator", "simulator"), "", "## What it answers", ""]
    lines += [f"- *{level}*: {meaning}." for level, meaning in said["levels"].items()]
    lines += ["", *_requests(), "", *_generic(), "", *coverage(), ""]
    lines += ["## Identity, roles, throttling", "", *head("access"), ""]
    lines += ["## The control port", "", *head("control"), "", "## What is not modelled", ""]
    for one in said["not_modelled"]:
        lines += wrap(one, WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += ["", "## How long things take", "", *head("durations"), "", *_spans(), ""]
    lines += _world(said)
    return "\n".join(lines) + "\n"


def _requests() -> Iterator[str]:
    """A row for what rests on the same and leaves the same open."""
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for (kind, verb), route in sorted(TABLE.items()):
        kinds = rows.setdefault((route.rests, route.note), {})
        kinds.setdefault(_shortened(kind), []).append(verb)
    ordered = sorted(rows.items(), key=lambda row: (LEVELS.index(row[0][0]), row[0][1]))
    return table(
        ("requests", "rests on", "what is not known"),
        ((_listed(kinds), rests, note) for (rests, note), kinds in ordered),
    )


def _listed(kinds: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"`{kind}` ({', '.join(verbs)})" for kind, verbs in kinds.items())


def _shortened(kind: str) -> str:
    vault = "microsoft.recoveryservices/vaults/"
    container = f"{vault}replicationfabrics/replicationprotectioncontainers/"
    return kind.replace(container, "…/").replace(vault, "…/")


def _generic() -> Iterator[str]:
    yield "Get, list, put, patch and delete of any resource of these types, as *specified*; how"
    yield "long it takes is *inferred*. Other types are refused in ARM's words; so is, for every"
    yield "type, an api-version that is none, a provider that is not registered, what a lock keeps"
    yield "and what a policy denies."
    yield ""
    kinds: dict[str, list[str]] = {}
    for kind in sorted(KINDS):
        namespace, _, name = kind.partition("/")
        kinds.setdefault(namespace, []).append(f"`{name}`")
    yield from table(("namespace", "types"), ((f"`{n}`", ", ".join(t)) for n, t in kinds.items()))


def _spans() -> Iterator[str]:
    rows = (
        (f"`{name}`", span.what, _times(span), span.rests, span.source)
        for name, span in built_in().items()
    )
    yield from table(("name", "what", "Azure time", "rests on", "source"), rows)


def _times(span: Span) -> str:
    """The ends, and the typical one where it is not simply in the middle of unknown ends."""
    if span.low == span.high:
        return _s(span.typical)
    return f"{_s(span.low)} to {_s(span.high)}"


def _s(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    if minutes and rest:
        return f"{minutes:.0f} min {rest:.0f} s"
    return f"{minutes:.0f} min" if minutes else f"{rest:g} s"


PARTS: tuple[tuple[str, str, type[Facts]], ...] = (
    ("world", "The whole file", WorldFacts),
    ("settings", "settings", Settings),
    ("throttling", "settings: throttling", Throttling),
    ("role", "A role", Role),
    ("identity", "An identity", IdentityFacts),
    ("vm", "A VM", VmFacts),
    ("item", "An item of a vault", ItemFacts),
)


def _world(said: Mapping[str, Any]) -> Iterator[str]:
    yield "## World files"
    yield ""
    yield from head("worlds")
    for name, title, model in PARTS:
        yield from ("", f"### {title}", "")
        rows = []
        for key, field in model.model_fields.items():
            meaning, example = said[name][key]
            default = "required" if field.is_required() else "optional"
            rows.append((f"`{key}`", default, meaning, f"`{example}`"))
        yield from table(("key", "", "meaning", "example"), rows)
