"""`python -m flows.run drill PLAN …`: one flow in this process, for `muster drill` and
`muster replicate`; its events go to a pipe.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

from muster.errors import EXIT_FAILED, EXIT_OK

CHECKOUT = Path(__file__).resolve().parents[1]


def main(args: Sequence[str] | None = None) -> int:
    """Run the flow; the exit code says only whether there was a result, the result goes to the
    pipe.
    """
    options = _parser().parse_args(args)
    prepare(os.environ, CHECKOUT)
    from flows.telling import TELLER  # Prefect reads its settings when it is first imported

    if options.tell_fd is not None:
        # The pipe ends with us, not with the server that Prefect may start beside us.
        os.set_inheritable(options.tell_fd, False)  # noqa: FBT003
        TELLER.open(options.tell_fd)
    return asyncio.run(_run(options))


def prepare(environ: MutableMapping[str, str], checkout: Path) -> None:
    """Settings for Prefect in this process: quiet, calling nobody, and a home in the project's
    own folder.

    Without PREFECT_API_URL a temporary server is started beside us, with its database in that
    home.
    """
    wanted = {
        "PREFECT_HOME": str(checkout / ".muster" / "prefect"),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLI_PROMPT": "false",
        "MUSTER_VIA": "cli",
    }
    if not environ.get("PREFECT_API_URL"):
        wanted |= {
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
            "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        }
    for name, value in wanted.items():
        environ.setdefault(name, value)
    Path(environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m flows.run", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    by_name = {name: commands.add_parser(name) for name in ("drill", "replicate", "disable")}
    for command in by_name.values():
        command.add_argument("plan", type=Path)
        command.add_argument("--reason", default="started by hand")
        command.add_argument("--tell-fd", type=int, help="file descriptor that JSON lines go to")
    by_name["drill"].add_argument("--recovery-point")
    by_name["drill"].add_argument("--keep-for", help="like 30m")
    by_name["disable"].add_argument(
        "--confirm", dest="confirmed", default="", help="the sentence that it asks for"
    )
    by_name["disable"].add_argument("--shown", default="", help="marks of the list confirmed")
    return parser


def _parameters(options: argparse.Namespace) -> dict[str, Any]:
    """What the flow is called with: the reason, and what else was said."""
    own = ("command", "plan", "tell_fd")
    said = {name: text for name, text in vars(options).items() if text and name not in own}
    return {"reason": options.reason, **said}


async def _run(options: argparse.Namespace) -> int:
    from flows.compiled import compile_flow  # late: see prepare
    from muster.plan.actions import Operation

    compiled = compile_flow(options.plan, Operation(options.command))
    running: Any = compiled(**_parameters(options), return_state=True)
    state = await running
    return EXIT_OK if state.is_completed() else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
