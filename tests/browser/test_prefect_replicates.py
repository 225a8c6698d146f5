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
# How far to the right the words of an artifact's page reach.
REACH = """[...document.querySelectorAll("p, h3, li, td")].filter((one) => one.innerText.trim())
  .map((one) => one.getBoundingClientRect().right)"""


class Ui:
    """A server that is up, asked for what its pages are called."""

    def __init__(self, url: str) -> None:
        self.url = url
        found = self.ask("/deployments/filter", {})
        self.deployments = {one["name"]: one["id"] for one in found}

    def ask(self, path: str, query: Any) -> list[dict[str, Any]]:
        return list(ask(f"{self.url}/api", "POST", path, query))

    def ended(self, deployment: str) -> list[dict[str, Any]]:
        """The flow runs of a deployment that have ended, the newest first."""
        query = {
            "deployments": {"id": {"any_": [self.deployments[deployment]]}},
            "flow_runs": {"state": {"type": {"any_": sorted(FINAL)}}},
            "sort": "START_TIME_DESC",
        }
        return self.ask("/flow_runs/filter", query)

    def next_ended(self, deployment: str, before: int) -> dict[str, Any]:
        """The run that somebody starts behind so many that have ended, once it has ended too."""

        def newest() -> dict[str, Any] | None:
            found = self.ended(deployment)
            return found[0] if len(found) > before else None

        return wait_until(newest, 150, f"the end of {deployment}", every=1.0)

    def artifacts_of(self, flow_run: str) -> dict[str, str]:
        query = {"artifacts": {"flow_run_id": {"any_": [flow_run]}}}
        return {one["key"]: one["id"] for one in self.ask("/artifacts/filter", query)}


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    home = tmp_path_factory.mktemp("up")
    with all_up(checkout_with_nothing_set_up(home), home, SPEED) as url:
        yield Ui(url)


async def started_from_form(pages: PrefectPages, ui: Ui, name: str, **said: str) -> dict[str, Any]:
    before = len(ui.ended(name))
    await pages.open_form(ui.deployments[name])
    await pages.submit(**said)
    return await asyncio.to_thread(ui.next_ended, name, before)


async def looked_at(pages: PrefectPages, ui: Ui, state: str, word: str, picture: Path) -> str:
    """All that can be read on the page of a look ahead, which ended in a state with a word."""
    look = await started_from_form(pages, ui, f"{PLAN}: preflight")
    assert look["state"]["type"] == state, look["state"]
    shown = ui.artifacts_of(look["id"])
    path = f"/artifacts/artifact/{shown[f'{PLAN}-preflight']}"
    told = await pages.show(path, f"{PLAN}: {word}", "Every check", picture=picture)
    assert "(simulator)" in told
    return told


async def test_a_look_at_what_is_not_set_up_says_why_and_what_to_do_on_its_page(
    ui: Ui, tmp_path: Path
) -> None:
    """Stands before the test that sets it up. What is read is read without scrolling sideways."""
    async with chromium_open(tmp_path / "profile") as session, tab(session) as one:
        await one.size(1280, 1000)
        pages = PrefectPages(one, ui.url)
        told = await looked_at(pages, ui, "FAILED", "STOPPED", tmp_path / "preflight.png")
        first = told.partition("What stops a drill")[2].partition("Every check")[0]
        assert "PRE-001 the vault exists: failed" in first
        why, _, what = first.partition("What to do:")
        assert "Why: " in why
        assert f"made by muster replicate {PLAN}" in what.partition("PRE-")[0]
        reach = await one.value(REACH)
        assert len(reach) > 20
        assert max(reach) <= await one.value("innerWidth")


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
        await looked_at(pages, ui, "COMPLETED", "READY", tmp_path / "preflight.png")


async def test_a_replication_is_not_started_without_a_reason(ui: Ui, tmp_path: Path) -> None:
    async with chromium_open(tmp_path / "profile") as session, tab(session) as one:
        pages = PrefectPages(one, ui.url)
        before = len(ui.ask("/flow_runs/filter", {}))
        await pages.open_form(ui.deployments[f"{PLAN}: replicate"])
        assert "reason (Optional)" not in await one.text("form")
        await one.value("document.querySelector('form button[type=submit]').click()")
        await one.until("document.body.innerText.includes('required')")
        assert len(ui.ask("/flow_runs/filter", {})) == before
