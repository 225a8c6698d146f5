"""What Prefect calls when a drill's flow failed, where nobody is there to start the cleanup."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.schemas.objects import FlowRun
from prefect.events.worker import EventsWorker
from prefect.runtime import flow_run as runtime
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect.states import Crashed

from flows import hooks
from muster.cli.processes import free_port
from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.stores import DirectoryStore
from muster.plan.actions import Operation
from muster.runs.request import run_id_for_flow_run
from tests.fakes.clock import VirtualClock
from tests.flows.conftest import Server, ask

pytestmark = [
    # Prefect's own event client leaves its socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.prefect,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.timeout(200),
]


async def open_run(journal: Path, flow_run: str) -> str:
    """A run of the flow run, opened, begun and left so."""
    run = run_id_for_flow_run("small", Operation.DRILL, flow_run)
    opened = await Journal.open_run(
        DirectoryStore(journal), VirtualClock(), run=run, plan="small", operation="drill",
        opened={"target": "simulator"},
    )  # fmt: skip
    await opened.append(EventKind.STARTED, {})
    return run


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUSTER_JOURNAL", str(tmp_path))
    return tmp_path


class Said(logging.Handler):
    """What the hooks log; whether Prefect's loggers hand it on to the root is theirs to say."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.levelname, record.getMessage()))


@pytest.fixture
def said() -> Iterator[Said]:
    logger, handler = logging.getLogger("prefect.muster.hooks"), Said()
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def api(server: Server) -> Iterator[str]:
    """A server to which no cleanup is deployed, whatever other tests deployed there."""
    for one in ask(server.api, "POST", "/deployments/filter", {}):
        if one["name"] == "cleanup":
            ask(server.api, "DELETE", f"/deployments/{one['id']}")
    with temporary_settings({PREFECT_API_URL: server.api, PREFECT_LOGGING_TO_API_ENABLED: False}):
        yield server.api
        EventsWorker.drain_all(timeout=20)


async def test_without_the_cleanup_deployment_a_failed_flow_says_how_to_clean_up(
    api: str, journal: Path, said: Said
) -> None:
    runs: list[str] = []

    @flow(name="small: drill", on_failure=[hooks.clean_up_failed], persist_result=False)
    async def small() -> None:
        runs.append(await open_run(journal, str(runtime.id)))
        raise RuntimeError("the disk is full")

    state = await small(return_state=True)
    assert state.is_failed()
    assert "the disk is full" in str(state.message)
    sentence = f"no deployment cleanup/cleanup; go on with:  muster cleanup {runs[0]}"
    assert said.records == [("WARNING", sentence)]


async def test_without_a_server_a_hook_says_how_to_clean_up(journal: Path, said: Said) -> None:
    @flow(name="small: drill")
    async def small() -> None: ...

    flow_run = FlowRun(id=uuid4(), flow_id=uuid4(), name="small-drill")
    run = await open_run(journal, str(flow_run.id))
    nobody = f"http://127.0.0.1:{free_port(14900)}/api"
    with temporary_settings({PREFECT_API_URL: nobody}):
        await hooks.clean_up_crashed(small, flow_run, Crashed())
    ((level, sentence),) = said.records
    assert level == "ERROR"
    assert sentence.startswith("cleanup could not be started (")
    assert sentence.endswith(f"; go on with:  muster cleanup {run}")
