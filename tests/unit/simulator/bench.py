"""A still world as recovery plans and jobs are tested in: whole bodies, jobs by their ids."""

from __future__ import annotations

from typing import Any

from .conftest import CONTAINER_ID, ITEMS, VAULT
from .still_world import StillWorld


class Bench:
    """One world whose time the test moves itself: a file, a seed, settings.

    Addresses to ask at are not signed, so that a test can make them up.
    """

    def __init__(self, **how: Any) -> None:
        self.still = StillWorld(**({"signed_urls": False} | how))
        self.world = self.still.world

    def pass_(self, seconds: float) -> None:
        """Let Azure time pass."""
        self.still.pass_by(seconds)

    def until_quiet(self) -> None:
        """Let time pass until nothing is planned any more."""
        self.still.settle()

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any, Any]:
        """Status, body and headers of a request."""
        answer = self.still.answer(method, path, {} if body is None else body, **query)
        return answer.status, answer.body, answer.headers

    def get(self, path: str, **query: str) -> Any:
        return self.still.get(path, **query)

    def job(self, job: str) -> Any:
        return self.get(f"{VAULT}/replicationJobs/{job}")["properties"]

    def item(self, vm: str) -> Any:
        return self.get(f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}")["properties"]

    def send(self, method: str, path: str, body: Any = None) -> str:
        """A write that is accepted; answers its job's id."""
        status, told, headers = self.ask(method, path, body)
        assert status == 202, told
        return str(headers["x-ms-request-id"].rpartition("/")[2])

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """A write, and its job once nothing more happens by itself."""
        job = self.send(method, path, body)
        self.until_quiet()
        self.pass_(10.0)
        return self.job(job)
