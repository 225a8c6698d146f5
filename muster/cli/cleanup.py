"""`muster cleanup`: take an interrupted run over, clean up what it owns, prove it, close it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from muster.cli.checkout import environment_for, find_checkout, settings_of
from muster.cli.words import AsJson, RunId, example, new_app

app = new_app()


@app.command(**example("muster cleanup contoso-erp-drill-0123456789ab"))
def cleanup(
    run: RunId,
    reason: Annotated[str, typer.Option(help="Why; goes into the record.")] = "asked for by hand",
    as_json: AsJson = False,
) -> None:
    """Clean up after a run that was interrupted, and close it."""
    import asyncio

    from muster.cli.progress import open_show
    from muster.cli.summary import is_clean, print_end
    from muster.runs.cleanup import run_cleanup

    os.environ.update(environment_for(run, os.environ))  # the credential reads its own variables
    settings = settings_of(find_checkout())
    with open_show(is_json=as_json) as show:
        result = asyncio.run(run_cleanup(run, settings, why=reason, watch=show.see, say=show.say))
    print_end(result.folder, is_json=as_json)
    # The run ended as it ended; this command is about whether it is cleaned up.
    raise typer.Exit(0 if is_clean(result.record) else result.exit_code)
