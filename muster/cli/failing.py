"""How the command line ends: every error is a sentence with a code, a hint and an exit code;
never a traceback.
"""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from muster.cli.output import tell
from muster.errors import EXIT_FAILED, EXIT_INTERRUPTED, MusterError


def exit_code_of(command: Callable[[], object], name: str) -> int:
    """Run a command to its end and say what went wrong, if anything did."""
    try:
        command()
    except SystemExit as end:
        return _number(end.code)
    except MusterError as err:
        tell(str(err))
        return err.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as err:  # noqa: BLE001  the last resort; the log gets the rest
        return _say_unexpected(err, name)
    return 0


def _number(code: object) -> int:
    if code is None:
        return 0
    return code if isinstance(code, int) else EXIT_FAILED


def _say_unexpected(err: Exception, name: str) -> int:
    log = _keep(traceback.format_exc(), name)
    tell(
        f"[MUSTER-001] `muster {name}` met something it does not know: "
        f"{type(err).__name__}: {_first_line(err)}"
        f" -- Please report this with {log}."
    )
    return EXIT_FAILED


def _first_line(err: Exception) -> str:
    from muster.journal.scrub import scrub_text

    lines = scrub_text(str(err)).splitlines()
    return lines[0][:200] if lines else "no words"


def _keep(text: str, name: str) -> Path:
    """Write a log; where the current folder cannot be written, into the temporary folder."""
    from muster.journal.scrub import register_secrets_of, scrub_text  # safety rule 5

    register_secrets_of(os.environ)

    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for folder in (Path(".muster") / "log", Path(tempfile.gettempdir())):
        path = folder / f"{name}-{stamp}.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(scrub_text(text), encoding="utf-8")
        except OSError:
            continue
        return path
    return Path("(no log could be written)")
