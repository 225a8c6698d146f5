"""How long things take in Azure time: the shipped table, and what a user puts in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.facts import Seconds
from muster.simulator.worlds.reader import content_of, text_of

TIMES = ("low", "typical", "high")
LONGEST = 365 * 86400.0
_SECONDS: TypeAdapter[float] = TypeAdapter(Seconds)
_Problem = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Span:
    """Azure seconds: half of the draws lie below `typical`, none below `low` or above `high`."""

    low: float
    typical: float
    high: float
    what: str = ""
    rests: str = ""  # recorded, documented or guess
    source: str = ""

    def draw(self, chance: float) -> float:
        """The span at a number in [0, 1]: evenly spread on either side of `typical`."""
        if chance < 0.5:
            return self.low + (self.typical - self.low) * 2 * chance
        return self.typical + (self.high - self.typical) * (2 * chance - 1)


Spans = Mapping[str, Span]


@cache
def built_in() -> Spans:
    """The table that is shipped, whole."""
    file = resources.files("muster.simulator").joinpath("durations.yaml")
    root = YAML(typ="rt", pure=True).load(file.read_text(encoding="utf-8"))
    spans, problems = _spans_in(root, {})
    if problems:
        raise SimulatorError(f"durations.yaml: {problems}")
    return spans


def replaced(path: Path) -> Spans:
    """The shipped table with a user's spans in place of those of the same names.

    Raises: SimulatorError, a line per mistake, each `file:line: what is wrong`.
    """
    spans, problems = _spans_in(_read(path), built_in())
    if problems:
        raise SimulatorError("\n".join(f"{path}:{line}: {text}" for line, text in problems))
    return {**built_in(), **spans}


def _read(path: Path) -> CommentedMap:
    text = text_of(path, content_of(path, "durations file"))
    try:
        root = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        problem = str(err.problem or err.context or "not YAML").splitlines()[0]
        problem = problem.partition(" with value ")[0]  # of a doubled key: all of what it holds
        raise SimulatorError(f"{path}:{line}: {problem}") from err
    except (YAMLError, RecursionError) as err:
        raise SimulatorError(f"{path}:1: {(str(err) or 'not YAML').splitlines()[0]}") from err
    if not isinstance(root, CommentedMap):
        raise SimulatorError(
            f"{path}:1: wanted names of spans, each with low, typical and high, like "
            "'cleanup: {low: 80s, high: 4m}'"
        )
    return root


def _spans_in(root: CommentedMap, known: Spans) -> tuple[dict[str, Span], list[_Problem]]:
    """The spans of a table, and what is wrong with it by lines; `known`: no other names."""
    spans: dict[str, Span] = {}
    problems: list[_Problem] = []
    for name, given in root.items():
        line = root.lc.key(name)[0] + 1
        if known and name not in known:
            problems.append((line, f"there is no span '{name}'; there are {', '.join(known)}"))
            continue
        before = known.get(name)
        found = list(_problems(name, given, line))
        problems += found
        if not found:
            spans[name] = _span(given, before)
    return spans, sorted(problems)


def _problems(name: str, given: Any, line: int) -> Iterator[_Problem]:
    """What is wrong with one span."""
    if not isinstance(given, CommentedMap):
        yield line, f"{name}: wanted low, typical and high, like {{low: 80s, high: 4m}}"
        return
    times: dict[str, float] = {}
    for key, value in given.items():
        if sentence := _wrong_with(key, value, times):
            yield given.lc.key(key)[0] + 1, f"{name}.{key}: {sentence}"
    if not [key for key in given if key in TIMES]:
        yield line, f"{name}: says no time; wanted low, typical and high, or some of them"
    ordered = [times[key] for key in TIMES if key in times]
    if ordered != sorted(ordered):
        yield line, f"{name}: low, typical and high have to grow in this order"
    if len(times) == 1 and "typical" not in times:
        yield line, f"{name}: {next(iter(times))} alone bounds nothing; say the other end too"


def _wrong_with(key: str, value: Any, times: dict[str, float]) -> str:
    """What is wrong with one key, "" for nothing; a good time goes into `times`."""
    if key in TIMES:
        try:
            times[key] = _SECONDS.validate_python(value)
        except ValidationError as err:
            return str(err.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        return "" if times[key] < LONGEST else "no span is as long as a year"
    if key not in ("what", "rests", "source"):
        return "there are low, typical, high, what, rests and source"
    return "" if isinstance(value, str) else "wanted a text"


def _span(given: CommentedMap, before: Span | None) -> Span:
    """A span whose times are all well: what is left out lies at, or in between, the others."""
    times = {key: _SECONDS.validate_python(given[key]) for key in TIMES if key in given}
    if "typical" not in times:
        times["typical"] = (times["low"] + times["high"]) / 2
    typical = times["typical"]
    return Span(
        times.get("low", typical),
        typical,
        times.get("high", typical),
        str(given.get("what", before.what if before else "")),
        str(given.get("rests", "the user's file")),
        str(given.get("source", "")),
    )
