"""`muster cleanup`: take an interrupted run over, clean up what it owns, prove it, close it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from muster.cli.checkout import environment_for, find_checkout, settings_of
from muster.cli.output import say
from muster.cli.words import AsJson, RunId, example, new_app

app = new_app()


@app.command(**example("muster cleanup contoso-erp-drill-0123456789ab"))
def cleanup(
    run: RunId,
    reason: Annotated[str, typer.Option(help="Why; goes into the record.")] = "asked for by hand",
    as_json: AsJson = False,
) -> None:
    """Clean up after a run that was interrupted, and close it."""
    from muster.cli.engine import run_beside
    from muster.cli.kept_worlds import going_on, is_kept
    from muster.cli.output import tell

    checkout = find_checkout()
    environ = environment_for(run, os.environ)
    if not is_kept(run, checkout, environ):
        os.environ.update(environ)  # the credential reads its own variables
        raise typer.Exit(_clean_up(run, reason, checkout, as_json=as_json))
    with going_on(run, checkout, environ) as there:
        # A second Ctrl-C leaves that process at once; this one stays to stop the simulator.
        again = ["cleanup", run, "--reason", reason, *(["--json"] if as_json else [])]
        code = run_beside(again, there)
    if not is_kept(run, checkout, environ):
        tell("The world that was kept for this rehearsal is gone: the next one begins anew.")
    raise typer.Exit(code)


def _clean_up(run: str, reason: str, checkout: Path, *, as_json: bool) -> int:
    import asyncio

    from muster.cli.earlier import earlier_events
    from muster.cli.progress import open_show
    from muster.cli.summary import is_clean, print_end
    from muster.runs.cleanup import run_cleanup

    settings = settings_of(checkout)
    with open_show(is_json=as_json) as show:
        for event in earlier_events(settings, run):
            show.board.see(event)
        result = asyncio.run(run_cleanup(run, settings, why=reason, watch=show.see, say=show.say))
    print_end(result.folder, is_json=as_json)
    if result.record["replication"] is not None:
        if not as_json:
            _say_what_stands(result.record)
        return 0
    # The run ended as it ended; this command is about whether it is cleaned up.
    return 0 if is_clean(result.record) else result.exit_code


def _say_what_stands(record: Mapping[str, Any]) -> None:
    """A replicate run is only closed: what it made is there to stay, done or half done."""
    from muster.runs.going_on import go_on_command

    go_on = go_on_command(record["run"], record["plan"], record["operation"])
    say(
        "\nThe run is closed as it stood. Its VMs were not looked at again, and nothing was "
        f"removed: what a {record['operation']} made stays.\nTo finish its work:  {go_on}"
    )
