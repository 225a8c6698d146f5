"""A Chromium that stays open and is driven over its DevTools protocol: look, type, listen."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.browser.chromium import FLAGS, browser

STARTS_WITHIN, TICK = 60.0, 0.05
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


class Tab:
    """One tab: what it logged and asked for is kept as it comes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.console: list[str] = []  # errors and warnings
        self.requests: list[str] = []  # addresses

    async def send(self, method: str, **parameters: Any) -> Any:
        """Ask Chromium for something; its answer."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(60):
            return await answer

    async def listen(self) -> None:
        async for message in self._socket:
            told = message.json()
            if waiting := self._waiting.pop(told.get("id"), None):
                if not waiting.done():
                    waiting.set_result(told["error"] if "error" in told else told["result"])
            else:
                self._note(told.get("method"), told.get("params") or {})

    def _note(self, method: str, told: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.console.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.console.append(str([one.get("value") for one in told["args"]]))
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))

    async def open(self, url: str) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.send(f"{domain}.enable")
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=VIOLATIONS)
        await self.send("Page.navigate", url=url)

    async def value(self, script: str) -> Any:
        """What an expression is, as JSON."""
        told = await self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, script: str, within: float = 30.0) -> Any:
        """Ask until an expression is true.

        Raises: AssertionError if it never was.
        """
        deadline, never = time.monotonic() + within, asyncio.Event()
        while not (found := await self.value(script)):
            assert time.monotonic() < deadline, f"in {within:g} s never: {script}"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await never.wait()
        return found

    async def text(self, selector: str) -> str:
        return str(await self.value(f"document.querySelector({selector!r})?.innerText ?? ''"))

    async def size(self, width: int, height: int, *, phone: bool = False) -> None:
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone,
        )  # fmt: skip

    async def prefer(self, **features: str) -> None:
        """Media features, such as `prefers_color_scheme="dark"`."""
        wanted = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        await self.send("Emulation.setEmulatedMedia", features=wanted)

    async def picture(self, file: Path, *, whole: bool = False) -> None:
        told = await self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(told["data"]))


@asynccontextmanager
async def chromium_open(profile: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A Chromium with a profile of its own, and a session that talks to it."""
    program = browser()
    assert program, "no Chromium: `apt-get install chromium`"
    command = [program, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    try:
        port = await _port(profile / "DevToolsActivePort", process)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield session
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def tab(session: aiohttp.ClientSession) -> AsyncIterator[Tab]:
    """A new tab, closed at the end."""
    async with session.put("/json/new?about:blank") as answer:
        target = await answer.json()
    async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
        found = Tab(socket)
        listening = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            listening.cancel()
            async with session.get(f"/json/close/{target['id']}"):
                pass


async def _port(file: Path, process: asyncio.subprocess.Process) -> int:
    deadline, never = time.monotonic() + STARTS_WITHIN, asyncio.Event()
    while not (file.exists() and file.read_text().strip()):
        assert process.returncode is None, "Chromium ended at once"
        assert time.monotonic() < deadline, "Chromium opened no port"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK):
                await never.wait()
    return int(file.read_text().splitlines()[0])
