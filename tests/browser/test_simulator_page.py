"""The simulator's page in a real Chromium, while a drill runs against that simulator."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from muster.checks.probe import probe_digest
from tests.browser.devtools import Tab, chromium_open, tab
from tests.simulator_process import REPOSITORY, WORLDS, environment_with, running_simulator

pytestmark = pytest.mark.timeout(240)
WIDE, PHONE = (1280, 900), (390, 844)
COPIES = "document.querySelectorAll('#machines .vm.copy').length"
# Tags that would be elements if any name were ever taken for markup.
WILD = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@asynccontextmanager
async def page_of(settings: dict[str, str], profile: Path) -> AsyncIterator[Tab]:
    """The page, open in a Chromium of its own, once it shows the world."""
    async with chromium_open(profile) as session, tab(session) as page:
        await page.size(*WIDE)
        await page.open(settings["MUSTER_SIMULATOR_CONTROL"] + "/")
        await page.until("document.querySelectorAll('#machines tr').length > 3")
        yield page


async def demand_clean(page: Tab, settings: dict[str, str]) -> None:
    """No error, no breach of the page's policy, no request to anybody but the control port."""
    assert page.console == []
    assert await page.value("window.violations") == []
    hosts = {urlsplit(url).netloc for url in page.requests}
    assert hosts == {urlsplit(settings["MUSTER_SIMULATOR_CONTROL"]).netloc}


async def demand_no_sideways_scroll(page: Tab, width: int) -> None:
    """A phone zooms out of what is too wide, so its own `innerWidth` proves nothing."""
    assert await page.value("document.documentElement.scrollWidth") <= width


async def test_the_page_follows_a_drill(tmp_path: Path) -> None:
    """Contoso's plan sixty times as fast: copies come, jobs run, all goes again."""
    world = WORLDS / "contoso.world.yaml"
    trust = (probe_digest(),)
    with running_simulator(world, tmp_path / "state", 60, trust=trust) as settings:
        async with page_of(settings, tmp_path / "profile") as page:
            assert "SIMULATOR" in await page.text(".mark")
            assert "not Azure" in await page.text(".mark")
            assert await page.text("#status") == "running"
            assert await page.value(COPIES) == 0
            environ = environment_with(settings) | {"MUSTER_JOURNAL": str(tmp_path / "journal")}
            command = [sys.executable, "-m", "muster", "drill", "contoso-erp", "--direct"]
            quiet = asyncio.subprocess.DEVNULL
            drill = await asyncio.create_subprocess_exec(
                *command, cwd=REPOSITORY, env=environ, stdout=quiet, stderr=quiet
            )
            try:
                await follow(page)
                assert await drill.wait() == 0
            finally:
                if drill.returncode is None:
                    drill.send_signal(signal.SIGKILL)
                    await drill.wait()
            await page.until(f"{COPIES} === 0")
            drill_network = "[...document.querySelectorAll('.net h4')].filter("
            drill_network += "one => one.textContent.includes('vnet-erp-drill')).length"
            await page.until(f"{drill_network} === 0")
            await demand_clean(page, settings)


async def follow(page: Tab) -> None:
    """From the first call to copies that have power, at 1,280 px and on a phone."""
    await page.until("document.querySelectorAll('#calls tr').length > 5", 60)
    await page.until("document.querySelectorAll('#jobs > li').length", 60)
    assert "Test failover" in await page.text("#jobs")
    await page.until("[...document.querySelectorAll('#jobs progress')].some(one => one.value > 0)")
    before = await page.text("#clock")
    await page.until(f"{COPIES} >= 2", 60)
    assert await page.text("#clock") > before
    assert "sql1" in await page.text("#machines .vm.copy.isolated b")
    isolated = await page.text(".net.isolated")
    assert "vnet-erp-drill" in isolated
    assert "no peering" in isolated
    assert await page.value("document.querySelectorAll('.lines path').length") == 2
    await page.until("document.querySelector('#news').textContent.includes('test copy')")
    await page.value("document.getElementById('acts').click()")
    assert "GET" not in await page.text("#calls")
    assert "testFailover" in await page.text("#calls")
    await demand_no_sideways_scroll(page, WIDE[0])
    await page.size(*PHONE, phone=True)
    await demand_no_sideways_scroll(page, PHONE[0])
    display = "getComputedStyle(document.querySelector('#machines tr')).display"
    assert await page.value(display) == "block"  # each machine a card of its own
    await page.size(*WIDE)


async def put_wild(settings: dict[str, str]) -> None:
    """Make a network with a subnet that is named like markup, as a client of the simulator."""
    login = f"{settings['AZURE_AUTHORITY_HOST']}/{settings['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    form = {
        "grant_type": "client_credentials",
        "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
        "client_secret": "simulator-only-operator",
        "scope": "https://management.azure.com/.default",
    }
    body: Any = {
        "location": "westus2",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.77.0.0/16"]},
            "subnets": [{"name": WILD, "properties": {"addressPrefix": "10.77.1.0/24"}}],
        },
    }
    path = (
        f"{settings['MUSTER_ARM_ENDPOINT']}/subscriptions/{settings['MUSTER_SUBSCRIPTION']}"
        "/resourceGroups/rg-asr/providers/Microsoft.Network/virtualNetworks/wild"
    )
    async with aiohttp.ClientSession() as http:
        async with http.post(login, data=form, ssl=False) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        query = {"api-version": "2024-01-01"}
        async with http.put(path, json=body, params=query, headers=headers, ssl=False) as answer:
            assert answer.status == 201, await answer.text()


SMALL = REPOSITORY / "tests" / "unit" / "simulator" / "world.yaml"


async def test_names_that_are_markup_are_shown_as_they_are(tmp_path: Path) -> None:
    with running_simulator(SMALL, tmp_path / "state", 60) as settings:
        async with page_of(settings, tmp_path / "profile") as page:
            await put_wild(settings)
            await page.until("document.querySelector('#map').textContent.includes('wild')")
            assert WILD in await page.value("document.querySelector('#map').textContent")
            assert (
                await page.value("document.querySelectorAll('#map img, #map script').length") == 0
            )
            refused = "try { document.body.innerHTML = '<p>'; 'taken' } catch (e) { e.name }"
            assert await page.value(refused) == "TypeError"
            assert await page.value("window.violations.length") == 1  # our own try
            assert len(page.console) <= 1


async def test_the_page_finds_a_simulator_that_was_started_again(tmp_path: Path) -> None:
    with running_simulator(SMALL, tmp_path / "state", 60) as settings:
        await_again = page_of(settings, tmp_path / "profile")
        page = await await_again.__aenter__()
    try:
        await page.until("document.querySelector('#link').textContent === 'reconnecting'")
        assert await page.value("document.body.classList.contains('stale')")
        with running_simulator(SMALL, tmp_path / "state", 60) as again:
            assert again["MUSTER_SIMULATOR_CONTROL"] == settings["MUSTER_SIMULATOR_CONTROL"]
            await page.until("document.querySelector('#link').textContent === 'live'", 60)
            await put_wild(again)
            await page.until("document.querySelector('#map').textContent.includes('wild')")
            assert not await page.value("document.body.classList.contains('stale')")
    finally:
        await await_again.__aexit__(None, None, None)


async def test_a_clock_that_was_paused_stands_on_the_page_too(tmp_path: Path) -> None:
    with running_simulator(SMALL, tmp_path / "state", 60) as settings:
        control = settings["MUSTER_SIMULATOR_CONTROL"]
        async with page_of(settings, tmp_path / "profile") as page:
            async with aiohttp.ClientSession() as http:
                async with http.post(f"{control}/time/pause") as answer:
                    told = (await answer.json())["azure_time"]
                await page.until("document.querySelector('#pace').textContent.includes('still')")
                assert await page.text("#clock") == told[11:19]
                async with http.post(f"{control}/time/resume") as answer:
                    assert answer.status == 200
            await page.until(f"document.querySelector('#clock').textContent > '{told[11:19]}'")
            assert "still" not in await page.text("#pace")


async def test_it_can_be_used_with_the_keyboard_and_heard(tmp_path: Path) -> None:
    with running_simulator(SMALL, tmp_path / "state", 60) as settings:
        async with page_of(settings, tmp_path / "profile") as page:
            await page.prefer(prefers_reduced_motion="reduce")
            tree = await page.send("Accessibility.getFullAXTree")
            roles = [
                (node["role"]["value"], node.get("name", {}).get("value", ""))
                for node in tree["nodes"]
                if not node["ignored"]
            ]
            assert [role for role, _ in roles if role == "main"] == ["main"]
            for role, name in (
                ("banner", ""), ("contentinfo", ""), ("region", "Networks"),
                ("region", "Machines"), ("region", "Running jobs"), ("region", "Recent calls"),
                ("button", "Pause"), ("searchbox", "Find"), ("checkbox", "without reads"),
                ("columnheader", "Replication"), ("status", ""),
            ):  # fmt: skip
                assert [r for r in roles if r[0] == role and name in r[1]], (role, name)
            named = ("button", "searchbox", "combobox", "checkbox", "link", "progressbar", "meter")
            assert [role for role in roles if role[0] in named and not role[1]] == []
            for key, wanted in (("Tab", "skip"), ("Tab", "pause")):
                await page.send(
                    "Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=9
                )
                focused = await page.value(
                    "document.activeElement.id || document.activeElement.className"
                )
                assert focused == wanted
            await page.value("document.getElementById('pause').click()")
            await page.until("document.querySelector('#link').textContent === 'paused'")
            stood = await page.text("#clock")
            await put_wild(settings)
            assert await page.text("#clock") == stood
            await page.value("document.getElementById('pause').click()")
            await page.until("document.querySelector('#map').textContent.includes('wild')")
            await page.value("document.getElementById('find').focus()")
            await page.send("Input.insertText", text="sql")
            shown = "[...document.querySelectorAll('#machines tr')].filter(r => !r.hidden).length"
            assert await page.value(shown) == 1
            await demand_clean(page, settings)


CONTRAST = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92
    : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const found = rgb(getComputedStyle(e).backgroundColor);
      if (found[3] === undefined || found[3] > 0.5) return found;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    if (element.closest("noscript")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.add(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return [...poor];
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_has_contrast(tmp_path: Path, scheme: str) -> None:
    with running_simulator(SMALL, tmp_path / "state", 60) as settings:
        async with page_of(settings, tmp_path / "profile") as page:
            await page.prefer(prefers_color_scheme=scheme)
            ground = await page.value("getComputedStyle(document.body).backgroundColor")
            assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
            assert await page.value(CONTRAST) == []
