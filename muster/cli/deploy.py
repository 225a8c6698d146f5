"""`muster deploy`: what Prefect is told of the plans: as `prefect.yaml`, or at a server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.checkout import find_checkout
from muster.cli.output import say, tell
from muster.cli.words import example, new_app
from muster.errors import EXIT_BAD_INPUT, InputError, MusterError

app = new_app()

NO_CALLS_HOME = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_CLI_PROMPT": "false",
}
"""Closed networks are normal here: nothing that Prefect runs for us talks to anybody else."""


class DeployFailed(MusterError):
    code = "ENG-003"
    hint = (
        "Read Prefect's own words above; is PREFECT_API_URL the right server, and does it answer?"
    )


@app.command(**example("muster deploy --write", "muster deploy"))
def deploy(
    write: Annotated[
        bool, typer.Option("--write", help="Only write prefect.yaml; needs no Prefect.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether prefect.yaml is stale (exit 2).")
    ] = False,
) -> None:
    """Deploy the flows of all plans to Prefect."""
    from muster.cli.prefect_yaml import plans_in, prefect_yaml

    checkout = find_checkout()
    file = checkout / "prefect.yaml"
    wanted = prefect_yaml(plans_in(checkout))
    is_stale = not file.is_file() or file.read_text(encoding="utf-8") != wanted
    if check:
        say(f"{file} {'is stale: run `muster deploy --write`' if is_stale else 'is up to date'}")
        raise typer.Exit(EXIT_BAD_INPUT if is_stale else 0)
    if write:
        file.write_text(wanted, encoding="utf-8")
        say(f"{file} {'written' if is_stale else 'was up to date'}")
        return
    if is_stale:
        tell(f"{file} is stale: run `muster deploy --write` and commit it.")
    if not os.environ.get("PREFECT_API_URL"):
        raise InputError(
            "PREFECT_API_URL is not set, so there is no Prefect server to deploy to",
            code="INPUT-007",
            hint="Set it to the server's /api address, or let `muster up` start everything here.",
        )
    deploy_all(checkout, {**NO_CALLS_HOME, **os.environ})


def deploy_all(checkout: Path, environ: Mapping[str, str], *, log: Path | None = None) -> None:
    """Make the work pool if it is missing, then deploy everything that `prefect.yaml` names.

    Raises:
        DeployFailed: Prefect refused; its words went to the terminal, or to `log`.
    """
    from muster.cli.prefect_yaml import WORK_POOL

    # No `--overwrite`: it would undo what an operator set on a pool that is there already.
    if _prefect(["work-pool", "create", WORK_POOL, "--type", "process"], checkout, environ, log):
        _must(["work-pool", "inspect", WORK_POOL], checkout, environ, log)
    _must(["--no-prompt", "deploy", "--all"], checkout, environ, log)


def _must(
    args: Sequence[str], checkout: Path, environ: Mapping[str, str], log: Path | None
) -> None:
    code = _prefect(args, checkout, environ, log)
    if code != 0:
        where = f" (log: {log})" if log else ""
        raise DeployFailed(f"`prefect {' '.join(args)}` ended with {code}{where}")


def _prefect(
    args: Sequence[str], checkout: Path, environ: Mapping[str, str], log: Path | None
) -> int:
    command = [sys.executable, "-m", "prefect", *args]
    if log is None:
        return subprocess.run(command, cwd=checkout, env=dict(environ), check=False).returncode  # noqa: S603
    with log.open("ab") as stream:
        return subprocess.run(  # noqa: S603
            command, cwd=checkout, env=dict(environ), check=False, stdout=stream, stderr=stream
        ).returncode
