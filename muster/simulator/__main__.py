"""`python -m muster.simulator`: a simulated Azure in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from muster.simulator.errors import SimulatorError
from muster.simulator.faults.file import named
from muster.simulator.serve import serve


def main(arguments: list[str] | None = None) -> int:
    """Answers the exit code: 0 when stopped, 2 when it could not start."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(options))
    except SimulatorError as err:
        sys.stderr.write(f"{err}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m muster.simulator", description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="the world file (YAML)")
    parser.add_argument(
        "--state", type=Path, required=True, help="the folder its state is kept in"
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default: any free port")
    parser.add_argument(
        "--speed", type=float, default=60.0, help="Azure seconds a second, 1 to 3600"
    )
    parser.add_argument(
        "--trust-script",
        action="append",
        default=[],
        metavar="SHA256",
        help="a script that may really run in guests, by its digest",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="ID|FILE",
        help="let something go wrong: a ready scenario by its id (F19), or a fault file",
    )
    parser.add_argument(
        "--durations", type=Path, help="how long things take, in place of what is shipped (YAML)"
    )
    return parser


async def _run(options: argparse.Namespace) -> None:
    until = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, until.set)

    def announce(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    await serve(
        options.world,
        options.state,
        options.port,
        options.speed,
        frozenset(options.trust_script),
        announce,
        until,
        faults=named(options.fault),
        durations=options.durations,
    )


if __name__ == "__main__":
    sys.exit(main())
