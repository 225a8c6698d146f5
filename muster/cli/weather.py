"""What a rehearsal is to begin with, its world and `--fault`, judged before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from muster.errors import InputError


def known_faults(words: list[str], *, is_rehearsed: bool) -> tuple[str, ...]:
    """What goes wrong in the rehearsal, judged before anything is started.

    Raises: InputError.
    """
    if not words:
        return ()
    if not is_rehearsed:
        raise InputError(
            "--fault needs --rehearse: Azure itself takes no orders to fail",
            code="INPUT-013",
            hint="Add --rehearse, or leave --fault out.",
        )
    from muster.simulator.errors import SimulatorError
    from muster.simulator.faults.file import named

    try:
        named(words)
    except SimulatorError as err:
        raise InputError(str(err), code="SIM-002", hint="Correct what is named.") from err
    is_path = [("/" in word or word.endswith((".yaml", ".yml"))) for word in words]
    pairs = zip(words, is_path, strict=True)
    return tuple(str(Path(word).resolve()) if path else word for word, path in pairs)


def judge(world: Path, faults: Sequence[str]) -> None:
    """Read the world, and see that the faults fit it, as the simulator will when it starts.

    Its own process tells all of that to a log, where nobody looks first.

    Raises:
        InputError: Every mistake, with file and line.
    """
    from muster.simulator.errors import SimulatorError
    from muster.simulator.faults.file import named
    from muster.simulator.faults.fitting import demand_fitting
    from muster.simulator.worlds.file import load_world

    try:
        facts, _ = load_world(world)
    except SimulatorError as err:
        raise InputError(
            str(err), code="SIM-001", hint="Mend what is named, then start it again."
        ) from err
    try:
        demand_fitting(facts, named(faults))
    except SimulatorError as err:
        raise InputError(str(err), code="SIM-002", hint="Correct what is named.") from err
