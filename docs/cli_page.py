"""docs/reference/cli.md: the `--help` of every command, word for word."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from importlib import import_module

from docs.tables import generated
from muster.cli.main import COMMANDS, dispatch


def cli_page() -> str:
    lines = generated("Command line", "cli")
    lines += ["", "## muster", "", "```text", help_of(None), "```"]
    for command in COMMANDS:
        lines += ["", f"## muster {command}", "", "```text", help_of(command), "```"]
    return "\n".join(lines) + "\n"


def help_of(command: str | None) -> str:
    """What `muster --help` or `muster COMMAND --help` prints on a terminal of 80 columns."""
    said = io.StringIO()
    with _columns("80"), contextlib.redirect_stdout(said):
        if command is None:
            dispatch(["--help"])
        else:
            app = import_module(f"muster.cli.{command}").app
            app(["--help"], prog_name=f"muster {command}", standalone_mode=False)
    return said.getvalue().strip("\n")


@contextlib.contextmanager
def _columns(width: str) -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = width
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
