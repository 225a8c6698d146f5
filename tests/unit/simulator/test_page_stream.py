"""The page's live stream: what changes is sent, to many, seldom enough, and to slow ones too."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from muster.simulator.listening import listening, port_of, serving
from muster.simulator.page import feed as feeds
from muster.simulator.page import pages
from muster.simulator.page.calls import Calls
from muster.simulator.page.feed import Feed
from muster.simulator.page.picture import Picture

from .conftest import Azure, running
from .still_world import StillWorld
from .test_control_port import ask
from .watching import Watching, named, picture, watching


async def test_a_test_failover_can_be_followed_from_its_job_to_its_cleanup(
    slow_azure: Azure,
) -> None:
    azure = slow_azure
    async with watching(azure) as page:
        await azure.failover_test("web1")

        def running_job() -> Any:
            return next((j for j in page.tables["jobs"].values() if j["runs"]), None)

        job = await page.until(running_job)
        assert (job["title"], job["on"]) == ("Test failover", "web1")
        assert len(job["tasks"]) >= 3
        assert 150 < job["ends"] - job["starts"] < 260
        copy = await page.until(lambda: page.machine("web1")["target"])
        assert (copy["kind"], copy["provisioning"]) == ("copy", "Creating")
        await page.until(lambda: page.machine("web1")["target"]["power"] == "running")
        assert page.machine("web1")["item"]["test"] == "WaitingForCompletion"
        assert page.messages[-1]["head"]["counts"]["copies"] == 1
        await page.until(lambda: running_job() is None)
        await azure.clean_up("web1")
        await page.until(lambda: not page.machine("web1")["target"])
        await page.until(lambda: page.machine("web1")["item"]["test"] == "None")
    assert [m["whole"] for m in page.messages].count(True) == 1
    asked = [call["operation"] for call in page.calls if not call["read"]]
    assert asked == ["testFailover", "testFailoverCleanup"]


async def test_what_was_heard_adds_up_to_the_whole_picture(slow_azure: Azure) -> None:
    async with watching(slow_azure) as page:
        await slow_azure.failover_test("web1")
        await page.until(lambda: page.machine("web1")["target"])
        # Tables change with time alone (RPO), so what is compared is drawn while it stands still.
        assert (await ask(slow_azure, "/time/pause", "POST"))[0] == 200
        whole = await picture(slow_azure)
        await page.until(lambda: page.messages[-1]["head"] == whole["head"])
    assert page.tables == whole["set"]


async def test_several_pages_hear_the_same(slow_azure: Azure) -> None:
    async with watching(slow_azure) as one, watching(slow_azure) as two:
        await slow_azure.failover_test("web1")
        for page in (one, two):
            await page.until(lambda page=page: page.machine("web1")["target"])
        async with watching(slow_azure) as late:
            assert late.machine("web1")["target"]["kind"] == "copy"


async def test_at_the_highest_speed_it_still_speaks_four_times_a_second_at_most(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "state", speed=3600.0) as azure, watching(azure) as page:
        for vm in ("Sql1", "web1", "dead1"):
            await azure.failover_test(vm)
        await page.until(lambda: page.machine("dead1")["target"] and len(page.messages) > 8)
    told = [message["wall"] for message in page.messages[1:]]
    assert min(b - a for a, b in itertools.pairwise(told)) > 0.2


async def test_a_page_hears_that_all_is_well_when_nothing_happens(tmp_path: Path) -> None:
    async with running(tmp_path / "state", speed=1.0) as azure, watching(azure) as page:
        async with asyncio.timeout(10):
            while page.messages[-1]["set"] or page.messages[-1]["whole"]:
                await page.hear()
    assert page.messages[-1]["head"]["status"] == "running"


async def test_only_so_many_pages_are_served_and_a_closed_one_makes_room(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_WATCHERS", 2)
    url = azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/stream"
    async with watching(azure):
        async with watching(azure), azure.http.get(url) as third:
            assert (third.status, third.headers["Retry-After"]) == (503, "5")
        async with asyncio.timeout(20):
            while (again := await azure.http.get(url)).status == 503:
                again.close()
        assert again.status == 200
        again.close()


async def test_an_open_page_does_not_hold_up_the_end(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with running(tmp_path / "state") as azure:
        url = azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/stream"
        page = Watching(await azure.http.get(url))
        await page.hear()
        control = urlsplit(url)
        reader, writer = await asyncio.open_connection(control.hostname, control.port)
        writer.write(f"GET {control.path} HTTP/1.1\r\nHost: {control.netloc}\r\n\r\n".encode())
        assert b"200" in await reader.readline()
        began = loop.time()
        page.answer.close()
    ended = loop.time() - began  # of everything, with the page still open
    writer.close()
    rest = await reader.read()
    assert rest.rstrip().endswith(b"0")  # the last chunk: an orderly end, no reset
    assert ended < 5


# -- the feed by itself -------------------------------------------------------------------------


class World:
    """A picture that a test paints."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {"a": 1}
        self.drawn = 0

    def draw(self) -> Picture:
        self.drawn += 1
        return Picture({"n": len(self.rows)}, {"t": dict(self.rows)}, 0)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def feed(world: World, monkeypatch: pytest.MonkeyPatch) -> Feed:
    monkeypatch.setattr(feeds, "EVERY", 0.0)  # drawn anew whenever asked
    monkeypatch.setattr(feeds, "SHARE", 0)
    return Feed(world.draw, Calls(StillWorld().world), "v1")


async def test_a_slow_reader_gets_one_difference_for_all_it_missed(
    feed: Feed, world: World
) -> None:
    slow, quick = feed.watch(), feed.watch()
    world.rows["old"] = 0
    for each in (slow, quick):
        assert json.loads(await anext(each))["set"] == {"t": {"a": 1, "old": 0}}
    del world.rows["old"]
    heard = 0
    for n in range(200):
        world.rows |= {"a": n, f"n{n}": n}
        world.rows.pop(f"n{n - 1}", None)
        feed.now()
        heard += bool(json.loads(await anext(quick))["set"])
    assert heard >= 199
    missed = json.loads(await anext(slow))
    assert (missed["set"], missed["gone"]) == ({"t": {"a": 199, "n199": 199}}, {"t": ["old"]})
    assert not missed["whole"]
    for each in (slow, quick):
        await each.aclose()


async def test_nothing_is_drawn_while_nobody_watches(feed: Feed, world: World) -> None:
    watcher = feed.watch()
    assert world.drawn == 0
    await anext(watcher)
    await watcher.aclose()
    drawn = world.drawn
    for _ in range(50):
        await asyncio.sleep(0)
    assert world.drawn == drawn
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "drawing the page"]


async def test_drawing_is_a_tenth_of_the_work_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 0.5, 4.9, 5.6, 5.8])  # begun, drawn, too early, late enough, drawn
    monkeypatch.setattr(feeds, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    feed = Feed(world.draw, Calls(StillWorld().world), "v1")
    for drawn in (1, 1, 2):
        feed.now()
        assert world.drawn == drawn


async def test_a_bug_of_the_page_does_not_end_the_watching(
    feed: Feed, world: World, mishaps: list[str]
) -> None:
    watcher = feed.watch()
    await anext(watcher)
    before, feed._draw = feed._draw, lambda: {}["a secret of a client"]
    for _ in range(3):
        feed.now()
    (told,) = mishaps
    assert told.startswith("A bug of the page, which stays as it was: KeyError in <lambda> (line ")
    assert "secret" not in told
    mishaps.clear()
    feed._draw = before
    world.rows["b"] = 2
    feed.now()
    assert json.loads(await anext(watcher))["set"] == {"t": {"b": 2}}
    await watcher.aclose()


async def test_who_takes_nothing_is_let_go_and_holds_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "STALLED", 0.3)
    site = pages.Site.__new__(pages.Site)
    site.feed = Feed(world.draw, Calls(StillWorld().world), "v1")
    world.rows["fat"] = "x" * 30_000_000  # more than all buffers on the way hold
    app = web.Application()
    app.router.add_get("/stream", site._stream)
    with listening() as listener:
        async with serving(app, listener):
            with socket.create_connection(("127.0.0.1", port_of(listener))) as deaf:
                deaf.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
                async with asyncio.timeout(20):
                    while not feed_has(site.feed, 1):
                        await asyncio.sleep(0)
                    world.rows.pop("fat")
                    while not feed_has(site.feed, 0):
                        await asyncio.sleep(0)  # the loop goes round: it is not blocked


def feed_has(feed: Feed, watchers: int) -> bool:
    return feed._watchers == watchers


def test_rows_are_found_by_name() -> None:
    assert named({"k": {"name": "a"}}, "a") == {"name": "a"}
