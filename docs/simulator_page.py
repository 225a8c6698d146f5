"""docs/reference/simulator.md: what the simulator does, what that rests on, and its world file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from docs.tables import generated, head, table
from docs.words import words
from muster.simulator import durations
from muster.simulator.arm.types import KINDS
from muster.simulator.routes import TABLE
from muster.simulator.worlds.model import Facts, ItemFacts, Settings, VmFacts, WorldFacts

WIDTH = 150


def simulator_page() -> str:
    said = words("simulator")
    lines = [*generated("The simulator", "simulator"), "", "## What it answers", ""]
    lines += [f"- *{level}*: {meaning}." for level, meaning in said["levels"].items()]
    lines += ["", *_requests(said["evidence"]), "", *_generic(), "", "## What is not modelled", ""]
    for one in said["not_modelled"]:
        lines += wrap(one, WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += ["", "## How long things take", "", *_spans(said["spans"]), "", *_world(said)]
    return "\n".join(lines) + "\n"


def evidence_of(verb: str, kind: str, said: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """What the answer to a request rests on.

    Raises:
        LookupError: docs/words/simulator.yaml does not say.
    """
    for one in said:
        if re.match(one["requests"], f"{verb} {kind}"):
            return one
    raise LookupError(f"docs/words/simulator.yaml does not say what `{verb} {kind}` rests on")


def _requests(said: Sequence[Mapping[str, str]]) -> Iterator[str]:
    known: dict[str, dict[str, list[str]]] = {one["requests"]: {} for one in said}
    for kind, verb in sorted(TABLE):
        pattern = evidence_of(verb, kind, said)["requests"]
        known[pattern].setdefault(_shortened(kind), []).append(verb)
    rows = ((_listed(known[one["requests"]]), one["level"], one["note"]) for one in said)
    return table(("requests", "rests on", "what is not known"), rows)


def _listed(kinds: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"`{kind}` ({', '.join(verbs)})" for kind, verbs in kinds.items())


def _shortened(kind: str) -> str:
    vault = "microsoft.recoveryservices/vaults/"
    container = f"{vault}replicationfabrics/replicationprotectioncontainers/"
    return kind.replace(container, "…/").replace(vault, "…/")


def _generic() -> Iterator[str]:
    yield "Get, list, put and delete of any resource of these types, as *specified*; how long it"
    yield "takes is *inferred*. Other types are refused in ARM's words."
    yield ""
    kinds: dict[str, list[str]] = {}
    for kind in sorted(KINDS):
        namespace, _, name = kind.partition("/")
        kinds.setdefault(namespace, []).append(f"`{name}`")
    yield from table(("namespace", "types"), ((f"`{n}`", ", ".join(t)) for n, t in kinds.items()))


def _spans(said: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = (
        (
            one["what"],
            ", ".join(_s(getattr(durations, name)) for name in one["names"]),
            one["rests"],
        )
        for one in said
    )
    yield from table(("what", "Azure time", "rests on"), rows)
    yield ""
    yield "Booting, scripts and runbooks take what the world file says."


def _s(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    if minutes and rest:
        return f"{minutes:.0f} min {rest:.0f} s"
    return f"{minutes:.0f} min" if minutes else f"{rest:g} s"


PARTS: tuple[tuple[str, str, type[Facts]], ...] = (
    ("world", "The whole file", WorldFacts),
    ("settings", "settings", Settings),
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
