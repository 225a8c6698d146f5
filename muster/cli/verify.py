"""`muster verify`: whether a run's evidence is what was written, all of it, and by whom."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muster.cli.checkout import environment_for, find_checkout, settings_of
from muster.cli.output import print_json, say
from muster.cli.words import AsJson, example, new_app
from muster.errors import EXIT_FAILED

if TYPE_CHECKING:
    from muster.journal.bundle import Source

app = new_app()


@app.command(
    **example(
        "muster verify contoso-erp-drill-0123456789ab",
        "muster verify evidence/runs/contoso-erp-drill-0123456789ab --trust auditor.pem",
    )
)
def verify(
    run: Annotated[
        str, typer.Argument(metavar="RUN|FOLDER", help="A run's id, or a folder of evidence.")
    ],
    trust: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYFILE",
            help="PEM file of the key that is trusted; Muster keeps the public half of its own in "
            ".muster/keys/signing-key.pub.",
        ),
    ] = None,
    expect_head: Annotated[
        str | None,
        typer.Option(
            metavar="HASH", help="Known from elsewhere: the head of this or the newest run."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a run's evidence: chain, signature, completeness."""
    from muster.journal.verify import verify_run
    from muster.runs.verifying import check_projections

    found = verify_run(
        _source(run), trust=trust, expect_head=expect_head, projections=check_projections
    )
    if as_json:
        print_json(found.as_data())
    else:
        _print(found)
    if not found.ok:
        raise typer.Exit(EXIT_FAILED)


def _source(run: str) -> Source:
    if Path(run).is_dir():
        return Path(run)
    from muster.journal.stores import DirectoryStore

    settings = settings_of(find_checkout(), environment_for(run, os.environ))
    return DirectoryStore(settings.journal), run


def _print(found: Any) -> None:
    """Errors with their place first, then what can be said: the summary words the rest."""
    for finding in found.findings:
        if finding.severity == "error":
            say(f"{finding.severity}: {finding}")
    for sentence in found.summary:
        say(sentence)
    if found.signed and found.signer_trusted is None:
        say("To check who signed, name a key you trust: --trust KEYFILE (see `muster verify -h`).")
    say(_last_word(ok=found.ok, closed=found.closed))


def _last_word(*, ok: bool, closed: bool) -> str:
    if not ok:
        return "NOT verified"
    return "verified" if closed else "NOT complete: open, nothing is proven yet"
