"""A real Prefect server for tests that need one: with a home of its own, gone when they end."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from muster.cli.deploy import NO_CALLS_HOME
from muster.cli.processes import Program, free_port
from muster.cli.stack import _answers
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


class Server(NamedTuple):
    """A Prefect server: its API and the environment that leads a client there."""

    api: str
    environ: dict[str, str]


def ask(api: str, method: str, path: str, body: Any = None) -> Any:
    """One call to Prefect's API; the JSON it answered, None if it answered with nothing.

    SQLite that is locked for a moment shows as 503, and Prefect's own clients ask again: so do we.

    Raises:
        HTTPError: Any other refusal.
    """
    request = urllib.request.Request(  # noqa: S310  a server that the tests started
        f"{api}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )

    def answered() -> tuple[Any] | None:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                text = answer.read()
        except urllib.error.HTTPError as err:
            err.close()
            if err.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return None
        return (json.loads(text) if text else None,)

    return wait_until(answered, 60, f"{method} {path}")[0]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("prefect")
    port = free_port(14200)
    api = f"http://127.0.0.1:{port}/api"
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PREFECT_")}
    environ |= {
        **NO_CALLS_HOME,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "MUSTER_JOURNAL": str(home / "evidence"),
    }
    args = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    program = Program.start(
        "server", [*args, "--port", str(port)], environ=environ, cwd=home, log=home / "server.log"
    )
    try:
        program.wait_until(lambda: _answers(f"{api}/health"), seconds=110)
        yield Server(api, environ)
    finally:
        program.stop(seconds=15)
