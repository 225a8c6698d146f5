"""`muster simulate --generate`: a big world and its plans, and what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from muster.cli.output import say
from muster.errors import InputError

if TYPE_CHECKING:
    from muster.generate.fleet import Fleet
    from muster.generate.writing import Written


def generate(text: str, into: Path | None) -> None:
    """Write what the figures ask for, into a folder that is named after them unless one is given.

    Raises:
        InputError: The figures make no world, or a file is there already; nothing was written.
    """
    from muster.generate.figures import FiguresRefused, read_figures
    from muster.generate.fleet import fleet_of
    from muster.generate.writing import Schemas, write_fleet
    from muster.plan.schema import schema_text
    from muster.simulator.worlds.schema import SCHEMA_FILE

    schemas = Schemas(schema_text(), SCHEMA_FILE.read_text(encoding="utf-8"))
    try:
        fleet = fleet_of(read_figures(text))
        written = write_fleet(fleet, into or Path(fleet.figures.folder()), schemas)
    except FiguresRefused as err:
        raise InputError(
            "\n  ".join(
                [f"--generate {text} cannot be done, nothing was written:", *err.mistakes]
            ),
            code="INPUT-021",
            hint="docs/how-to/write-a-world.md tells what can be asked for.",
        ) from err
    except OSError as err:
        raise InputError(
            f"{err.filename or into} cannot be written: {err.strerror}",
            code="INPUT-022",
            hint="Name another folder with --into.",
        ) from err
    for line in _told(fleet, written):
        say(line)


def _told(fleet: Fleet, written: Written) -> Iterator[str]:
    figures = fleet.figures
    yield f"Written into {written.folder}, from {figures.as_text()}:"
    yield (
        f"  {written.world}: {figures.vms:,} protected VMs in {figures.groups} groups, "
        f"{figures.vaults} {'vaults' if figures.vaults > 1 else 'vault'}"
    )
    for site, plan in zip(fleet.sites, written.plans, strict=True):
        vms = sum(1 for _ in site.machines)
        order = "as a DAG" if site.is_dag else "in order"
        yield f"  {plan}: {vms:,} VMs in {len(site.groups)} groups, {order}"
    yield "Next:"
    if written.folder.resolve() != Path.cwd():
        yield f"  cd {written.folder}"
    yield "  muster check"
    # Without flows/ in that folder there is no Prefect flow to run.
    direct = "" if (written.folder / "flows" / "run.py").is_file() else " --direct"
    yield f"  muster drill {fleet.sites[0].plan} --rehearse{direct}"
    yield f"  muster simulate --world {written.world} --state .muster/{figures.name}"
