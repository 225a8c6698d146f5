"""A plan replicated and looked at from the forms of the Prefect UI, in a real Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.devtools import chromium_open, tab
from tests.browser.prefect_ui import PrefectPages
from tests.flows.conftest import ask
from tests.rehearsal.from_nothing import PLAN, SPEED, VMS, checkout_with_nothing_set_up
from tests.rehearsal.machine import FINAL, all_up
from tests.waiting import wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(420)]

PERSON, REASON = "ana@contoso.example", "the first copy, from the form"


class Ui:
    """A server that is up, asked for what its pages are called."""

    def __init__(self, url: str) -> None:
        self.url = url
        found = self.ask("/deployments/filter", {})
        self.deployments = {one["name"]: one["id"] for one in found}

    def ask(self, path: str, query: Any) -> list[dict[str, Any]]:
        return list(ask(f"{self.url}/api", "POST", path, query))

    def ended(self, deployment: str) -> dict[str, Any]:
        """The flow run that somebody started from a deployment's form, once it has ended."""
        query = {
            "deployments": {"id": {"any_": [self.deployments[deployment]]}},
            "flow_runs": {"state": {"type": {"any_": sorted(FINAL)}}},
        }

        def final() -> dict[str, Any] | None:
            return next(iter(self.ask("/flow_runs/filter", query)), None)

        return wait_until(final, 150, f"the end of {deployment}", every=1.0)

    def artifacts_of(self, flow_run: str) -> dict[str, str]:
        query = {"artifacts": {"flow_run_id": {"any_": [flow_run]}}}
        return {one["key"]: one["id"] for one in self.ask("/artifacts/filter", query)}


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    home = tmp_path_factory.mktemp("up")
    with all_up(checkout_with_nothing_set_up(home), home, SPEED) as url:
        yield Ui(url)


async def started_from_form(pages: PrefectPages, ui: Ui, name: str, **said: str) -> dict[str, Any]:
    await pages.open_form(ui.deployments[name])
    await pages.submit(**said)
    return await asyncio.to_thread(ui.ended, name)


async def test_a_plan_is_replicated_and_looked_at_from_the_forms(ui: Ui, tmp_path: Path) -> None:
    async with chromium_open(tmp_path / "profile") as session, tab(session) as one:
        await one.size(1280, 1000)
        pages = PrefectPages(one, ui.url)
        name = f"{PLAN}: replicate"
        run = await started_from_form(pages, ui, name, reason=REASON, requested_by=PERSON)
        assert run["state"]["type"] == "COMPLETED", run["state"]
        assert run["parameters"]["requested_by"] == PERSON
        shown = ui.artifacts_of(run["id"])
        table = await pages.show(
            f"/artifacts/artifact/{shown[f'{PLAN}-replicate']}", "sql1", "SIMULATOR",
            picture=tmp_path / "table.png",
        )  # fmt: skip
        assert f"{VMS} of {VMS} VMs are protected" in table
        assert "checks" not in table
        await pages.show(
            f"/artifacts/artifact/{shown[f'{PLAN}-replicate-report']}", "replicate PASSED",
            picture=tmp_path / "report.png",
        )  # fmt: skip
        await pages.show(
            f"/artifacts/artifact/{shown[f'{PLAN}-replicate-timeline']}", "web3", "first copy",
            picture=tmp_path / "timeline.png",
        )  # fmt: skip
        look = await started_from_form(pages, ui, f"{PLAN}: preflight")
        assert look["state"]["type"] == "COMPLETED", look["state"]
        shown = ui.artifacts_of(look["id"])
        told = await pages.show(
            f"/artifacts/artifact/{shown[f'{PLAN}-preflight']}", "READY",
            picture=tmp_path / "preflight.png",
        )  # fmt: skip
        assert "(simulator)" in told


async def test_a_replication_is_not_started_without_a_reason(ui: Ui, tmp_path: Path) -> None:
    async with chromium_open(tmp_path / "profile") as session, tab(session) as one:
        pages = PrefectPages(one, ui.url)
        before = len(ui.ask("/flow_runs/filter", {}))
        await pages.open_form(ui.deployments[f"{PLAN}: replicate"])
        assert "reason (Optional)" not in await one.text("form")
        await one.value("document.querySelector('form button[type=submit]').click()")
        await one.until("document.body.innerText.includes('required')")
        assert len(ui.ask("/flow_runs/filter", {})) == before
