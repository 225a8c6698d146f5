"""`muster report`: the record and the pages of a run, worked out again from its journal."""

from __future__ import annotations

import os

from muster.cli.checkout import environment_for, find_checkout, settings_of
from muster.cli.output import say
from muster.cli.words import RunId, example, new_app

app = new_app()


@app.command(**example("muster report contoso-erp-drill-0123456789ab"))
def report(run: RunId) -> None:
    """Write the report of a run again, from its journal."""
    import asyncio

    from muster.cli.earlier import earlier_events
    from muster.runs.evidence import write_evidence

    settings = settings_of(find_checkout(), environment_for(run, os.environ))
    evidence = asyncio.run(write_evidence(settings, run, earlier_events(settings, run)))
    say(str(evidence.record))
    say(str(evidence.html))
