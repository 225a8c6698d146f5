"""`--fault`: what shall go wrong in a rehearsal, judged before anything is started."""

from __future__ import annotations

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
