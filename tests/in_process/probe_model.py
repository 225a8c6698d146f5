"""What `muster/checks/probe.sh` says, worked out without bash: the same lines in the same time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.contract import Guest
from muster.simulator.guests.reach import Dropped, Reached, Refused, Verdict

INTERVAL, CONNECT = 5.0, 10.0
WRITTEN = re.compile(r'"written_at"\s*:\s*"((?:[^"\\]|\\.)+)"')
WRITER = re.compile(r'"writer"\s*:\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Answered:
    """What an HTTP service says."""

    status: int
    text: str


@dataclass(frozen=True)
class Row:
    """One check, as the first line of the script carries it."""

    id: str
    kind: str
    host: str
    port: str
    url: str
    status: str
    contains: str
    within: str


@dataclass
class Look:
    """What one look found."""

    holds: bool
    how: str
    more: dict[str, Any]


class Probe:
    """One run of the probe in one guest; `said` grows as checks come to their ends."""

    def __init__(
        self,
        script: str,
        guest: Guest,
        clock: AzureTime,
        knock: Callable[[Guest, str, int], Verdict],
        fetch: Callable[[str, int, str], Answered | None],
    ) -> None:
        data = base64.b64decode(script.partition("\n")[0].split("'")[1]).decode()
        self._rows = [Row(*map(unquote, line.split("|"))) for line in data.splitlines()]
        self._guest, self._clock = guest, clock
        self._knock, self._fetch = knock, fetch
        self.said: list[str] = []

    async def run(self) -> None:
        """All checks side by side, then the last line."""
        at = datetime.fromtimestamp(self._clock.seconds(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._say({"muster_probe": 1, "host": self._guest.name, "at": at, "proxy": True})
        await asyncio.gather(*map(self._check, self._rows))
        self._say({"muster_probe": "end", "checks": len(self._rows)})

    def _say(self, line: dict[str, Any]) -> None:
        self.said.append(json.dumps(line, separators=(",", ":")) + "\n")

    async def _check(self, row: Row) -> None:
        if row.kind == "unreachable":
            await self._unreachable(row)
            return
        look = {"tcp": self._tcp, "http": self._http, "data_loss": self._data_loss}[row.kind]
        began = int(self._clock.seconds())
        attempts, within = 0, int(row.within)
        while True:
            looked, attempts = int(self._clock.seconds()), attempts + 1
            found = await look(row)
            if found.holds or looked - began >= within:
                break
            rest = min(INTERVAL, began + within - int(self._clock.seconds()))
            await self._clock.sleep(max(0.0, rest))
        seconds = int(self._clock.seconds()) - began
        told = {"ok": found.holds, "how": found.how, "attempts": attempts, "seconds": seconds}
        self._say({"id": row.id, "kind": row.kind, **told, **found.more})

    async def _connect(self, host: str, port: int) -> tuple[str, str]:
        """How it went, and the VM that was reached."""
        match self._knock(self._guest, host, port):
            case Reached(vm_id):
                return "connected", vm_id
            case Refused():
                return "refused", ""
            case Dropped():
                await self._clock.sleep(CONNECT)
                return "timeout", ""
            case _:
                return "unresolved", ""

    async def _tcp(self, row: Row) -> Look:
        how, _ = await self._connect(row.host, int(row.port))
        return Look(how == "connected", how, {})

    async def _answer(self, row: Row, status: int) -> tuple[str, Answered | None]:
        url = urlsplit(row.url)
        how, vm_id = await self._connect(url.hostname or "", url.port or 80)
        if how != "connected":
            return how, None
        answered = self._fetch(vm_id, url.port or 80, url.path or "/")
        if answered is None:
            return "curl-52", None  # whatever answers, it is no HTTP
        return ("answered" if answered.status == status else "status"), answered

    async def _http(self, row: Row) -> Look:
        how, answered = await self._answer(row, int(row.status))
        if answered is None:
            return Look(False, how, {})
        if how == "answered" and row.contains not in answered.text:
            how = "text"
        more = {
            "status": answered.status,
            "sha256": hashlib.sha256(answered.text.encode()).hexdigest(),
            "body": answered.text[:100],
        }
        return Look(how == "answered", how, more)

    async def _data_loss(self, row: Row) -> Look:
        how, answered = await self._answer(row, 200)
        status = {"status": answered.status if answered else 0}
        text = answered.text if answered else ""
        written = WRITTEN.search(text)
        if how != "answered" or written is None:
            return Look(
                False, "text" if how == "answered" else how, {**status, "body": text[:100]}
            )
        writer = WRITER.search(text)
        more = {"written_at": written[1][:40], "writer": writer[1][:80] if writer else ""}
        return Look(True, how, {**status, **more})

    async def _unreachable(self, row: Row) -> None:
        began, hows = int(self._clock.seconds()), []
        for attempt in (1, 2, 3):
            if attempt > 1:
                await self._clock.sleep(2.0)
            hows.append((await self._connect(row.host, int(row.port)))[0])
            if hows[-1] == "connected":
                break
        ok = all(how in ("timeout", "no-route") for how in hows)
        seconds = int(self._clock.seconds()) - began
        told = {"ok": ok, "how": ",".join(hows), "attempts": len(hows), "seconds": seconds}
        self._say({"id": row.id, "kind": row.kind, **told})
