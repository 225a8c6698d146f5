"""Reading fault files: one of the user's by its path, or a ready scenario by its id."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import orjson
from pydantic import ValidationError

from muster.simulator.errors import SimulatorError
from muster.simulator.faults.model import FaultFacts
from muster.simulator.faults.names import wrong_names
from muster.simulator.worlds.composer import Told, compose
from muster.simulator.worlds.lines import Loc, Mapping, line_of, plain
from muster.simulator.worlds.model import Settings, WorldFacts
from muster.simulator.worlds.reader import content_of, text_of
from muster.simulator.worlds.said import told

SCENARIOS = files("muster.simulator.faults") / "scenarios"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault file that was read, and the digest of its bytes."""

    facts: FaultFacts
    digest: str
    lines: tuple[str, ...] = ()  # where each rule begins, `file:line`

    @property
    def id(self) -> str:
        return self.facts.faults


def known() -> Sequence[str]:
    """The ids of the ready scenarios, F1 before F10 before words."""
    names = [each.name.removesuffix(".yaml") for each in SCENARIOS.iterdir()]
    return sorted((name for name in names if not name.startswith("_")), key=_by_number)


def ready(scenario: str) -> Fault:
    """A ready scenario. Raises: SimulatorError, which lists what there is."""
    name = next((one for one in known() if one.lower() == scenario.lower()), None)
    if name is None:
        by_case = {one.lower(): one for one in known()}
        near = [by_case[low] for low in difflib.get_close_matches(scenario.lower(), by_case, 3)]
        mean = f" Did you mean {' or '.join(near)}?" if near else ""
        raise SimulatorError(
            f"There is no fault '{scenario}'.{mean} Known are: {', '.join(known())}; "
            "anything with a / or .yaml in it is the path of a fault file."
        )
    return load(Path(str(SCENARIOS / f"{name}.yaml")))


def named(words: Sequence[str]) -> list[Fault]:
    """Fault files and scenarios as somebody names them. Raises: SimulatorError, all at once."""
    found: list[Fault] = []
    wrong: list[str] = []
    for word in words:
        try:
            is_path = "/" in word or word.endswith((".yaml", ".yml"))
            found.append(load(Path(word)) if is_path else ready(word))
        except SimulatorError as err:
            wrong.append(str(err))
    doubled = {one.id for one in found if [each.id for each in found].count(one.id) > 1}
    wrong += [f"The fault '{name}' is named twice." for name in sorted(doubled)]
    if wrong:
        raise SimulatorError("\n".join(wrong))
    return found


def load(path: Path) -> Fault:
    """Read a fault file. Raises: SimulatorError, a line per mistake, each `file:line: what`."""
    content = content_of(path, "fault file")
    root, problems = compose(text_of(path, content), "a fault file", "faults")
    facts: FaultFacts | None = None
    if root is not None:
        facts, found = _judged(root)
        problems += found
    if problems or facts is None or root is None:
        lines = sorted({(line, " ".join(text.split())) for line, text in problems})
        raise SimulatorError("\n".join(f"{path}:{line}: {text}" for line, text in lines))
    numbers = range(len(facts.rules))
    begins = tuple(f"{path}:{line_of(root, ('rules', number)) or 1}" for number in numbers)
    return Fault(facts, hashlib.sha256(content).hexdigest(), begins)


def _judged(root: Mapping) -> tuple[FaultFacts | None, list[Told]]:
    """The facts of a tree, and every mistake in them with its line."""
    raw = plain(root)
    facts: FaultFacts | None = None
    wrong: list[tuple[Loc, str]] = []
    try:
        facts = FaultFacts.model_validate_json(orjson.dumps(raw), strict=True)
    except ValidationError as err:
        wrong += told(err, FaultFacts)
    wrong += _wrong_settings(raw)
    wrong += wrong_names(raw)
    return facts, [(line_of(root, loc) or 1, text) for loc, text in wrong]


def with_settings(facts: WorldFacts, faults: Sequence[Fault]) -> WorldFacts:
    """The world's facts with the settings that the faults put in place of its own."""
    said = facts.settings.model_dump(exclude_unset=True)
    for fault in faults:
        said |= fault.facts.settings
    return facts.model_copy(update={"settings": Settings.model_validate(said)})


def _wrong_settings(raw: dict[str, object]) -> Iterator[tuple[Loc, str]]:
    """Settings are those of worlds; what is wrong with them is told by their names."""
    settings = raw.get("settings")
    if not isinstance(settings, dict):
        return
    try:
        Settings.model_validate_json(orjson.dumps(settings), strict=True)
    except ValidationError as err:
        for loc, text in told(err, Settings):
            yield ("settings", *loc), f"settings.{text}"


def _by_number(name: str) -> tuple[int, int, str]:
    is_symptom = name[:1] == "F" and name[1:].isdigit()
    return (0, int(name[1:]), "") if is_symptom else (1, 0, name)
