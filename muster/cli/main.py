"""The `muster` command: which commands there are. Each is a module imported on call, so `--help`
answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from muster.cli.streams import make_streams_sure

# The words are those of each command's own help; a test says when they differ.
COMMANDS = {
    "check": "Read recovery plans and name every mistake.",
    "graph": "Draw what a plan is compiled to.",
    "replicate": (
        "Replicate a plan's VMs to their target region; a run that was left open goes on."
    ),
    "preflight": "Judge whether a drill, a failover or a replication would work; nothing is sent.",
    "drill": "Drill a plan: bring copies up, check them, clean up, prove it.",
    "status": "Show plans and runs, or where one run stands.",
    "answer": "Answer a question that a run is waiting with.",
    "cleanup": "Clean up after a run that was interrupted, and close it.",
    "report": "Write the report of a run again, from its journal.",
    "verify": "Verify a run's evidence: chain, signature, completeness.",
    "simulate": "Start the simulator: Azure's dialect over HTTPS on this machine.",
    "record": "Record what Azure answers to a command, sanitised of names, ids and secrets.",
    "deploy": "Deploy the flows of all plans to Prefect.",
    "up": "Start everything on this machine: Prefect, worker, simulators, deployments.",
}

_TOP = """\
Usage: muster COMMAND [OPTIONS] [ARGS]...

  Disaster recovery for Azure VMs as code: recovery plans, drills, evidence.

Commands:
{commands}

Options:
  --version   Show the version.
  -h, --help  Show this; `muster COMMAND --help` shows a command with an example.

Exit codes: 0 fine, 1 an objective or check failed or a record was tampered with, 2 bad input and
nothing was sent, 3 Azure said no, 4 left-overs remain, 5 aborted, 130 interrupted.

Example:
  muster check && muster drill contoso-erp --rehearse
"""


def main() -> None:
    """Entry point of the `muster` script: runs a command and ends the process with its exit
    code.
    """
    make_streams_sure()
    sys.exit(dispatch(sys.argv[1:]))


def dispatch(args: Sequence[str]) -> int:
    """Run one command line (without the program's name); returns the exit code, raises nothing."""
    name = args[0] if args else "--help"
    if name in ("-h", "--help", "help"):
        width = max(map(len, COMMANDS))
        lines = (f"  {command:<{width}}  {about}" for command, about in COMMANDS.items())
        sys.stdout.write(_TOP.format(commands="\n".join(lines)))
        return 0
    if name == "--version":
        from muster import __version__

        sys.stdout.write(f"muster {__version__}\n")
        return 0
    if name not in COMMANDS:
        return _unknown(name)
    from muster.cli.failing import exit_code_of

    # Checked against the table above: what a person typed is never imported.
    module = import_module(f"muster.cli.{name}")
    return exit_code_of(lambda: module.app(list(args[1:]), prog_name=f"muster {name}"), name)


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=2)
    hint = (
        f"did you mean {' or '.join(close)}?" if close else "`muster --help` lists the commands."
    )
    sys.stderr.write(f"[INPUT-003] there is no command '{name}' -- {hint}\n")
    return 2
