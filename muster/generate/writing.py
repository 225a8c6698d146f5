"""A fleet's files: all of them written, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from muster.generate.figures import FiguresRefused
from muster.generate.fleet import Fleet
from muster.generate.plan_text import SCRIPT, SCRIPT_TEXT, plan_text
from muster.generate.world_text import world_text

PLANS = Path("recovery_plans")
WORLDS = Path("deployments") / "rehearsal"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The texts of the schemas that editors check the files by."""

    plan: str
    world: str


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the folder now, as paths in it."""

    folder: Path
    world: Path
    plans: tuple[Path, ...]


def write_fleet(fleet: Fleet, folder: Path, schemas: Schemas) -> Written:
    """Write a fleet as a checkout has its plans and worlds; schemas and script may be there.

    Raises:
        FiguresRefused: One of the files is there already; nothing was written.
        OSError: The folder cannot be written.
    """
    world = WORLDS / f"{fleet.figures.name}.world.yaml"
    plans = {PLANS / f"{site.plan}.yaml": plan_text(fleet, site) for site in fleet.sites}
    own = {world: world_text(fleet), **plans}
    shared = {
        PLANS / "schema.json": schemas.plan,
        WORLDS / "world.schema.json": schemas.world,
        PLANS / "scripts" / SCRIPT: SCRIPT_TEXT,
    }
    _refuse_what_is_there(folder, own)
    made: list[Path] = []
    try:
        for path, text in {**shared, **own}.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if path in own or not file.exists():
                with file.open("x", encoding="utf-8", newline="\n") as stream:
                    made.append(file)
                    stream.write(text)
    except OSError:
        for file in made:
            file.unlink(missing_ok=True)
        raise
    return Written(folder, world, tuple(plans))


def _refuse_what_is_there(folder: Path, files: Mapping[Path, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise FiguresRefused([f"{folder} is there already, and is no folder"])
    there = [path for path in files if (folder / path).exists()]
    if there:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise FiguresRefused(
            [f"{folder / there[0]}{more} is there already, and nothing is ever overwritten"]
        )
