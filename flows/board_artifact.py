"""The table artifact of a run: made once, brought up to date while the run goes on."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import httpx
from prefect.artifacts import TableArtifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.exceptions import PrefectException

from muster.cli.board import Board, Line, StepView, span_text
from muster.cli.progress import footing
from muster.journal.events import Event

EVERY_SECONDS = 2.0  # on the wall: people watch it; the server should not feel it

NO_SERVER = (PrefectException, httpx.HTTPError, OSError)
"""What a server that is away raises. Evidence lies in the journal: a picture of it never stops a
drill."""

log = logging.getLogger("muster.flows")


class BoardArtifact:
    """Feeds events to a board and the board to Prefect."""

    def __init__(self, key: str) -> None:
        self.board = Board()
        self._key = key
        self._id: UUID | None = None
        self._is_stale = False

    def see(self, event: Event) -> None:
        self.board.see(event)
        self._is_stale = True

    async def keep_up(self) -> None:
        """Push changes until cancelled."""
        while True:
            await self.push()
            await asyncio.sleep(EVERY_SECONDS)

    async def push(self) -> None:
        """Bring the artifact up to date, if anything changed."""
        if not self._is_stale or not self.board.steps:
            return
        self._is_stale = False
        try:
            await self._push()
        except NO_SERVER as err:
            self._is_stale = True
            log.warning("the table artifact could not be updated: %s", err)

    async def _push(self) -> None:
        rows, about = rows_of(self.board), about_of(self.board)
        if self._id is None:
            table = TableArtifact(key=self._key, table=rows, description=about)
            self._id = (await table.acreate()).id
            return
        async with get_client() as client:
            update = ArtifactUpdate(data=json.dumps(rows), description=about)
            await client.update_artifact(self._id, update)


def rows_of(board: Board) -> list[dict[str, Any]]:
    """The board as rows of text, one per VM and one per other step."""
    return [_row(line, board) for line in board.lines()]


def _row(line: Line, board: Board) -> dict[str, Any]:
    alone = line.cells.get("step")
    row: dict[str, Any] = {"group": line.group, "what": line.what}
    if alone is not None:
        row["step"] = _cell(alone, board)
    names = [name.replace("-", " ") for name in board.columns]
    for name, heading in zip(board.columns, names, strict=True):
        if step := line.cells.get(name):
            row[heading] = _cell(step, board)
    if copy := board.copies.get(line.what):
        row["protect"] = f"{row.get('protect', '')}, {copy}"
    if line.checks:
        row["verdicts"] = ", ".join(f"{count} {verdict}" for verdict, count in line.checks.items())
    last = ("verdicts",) if board.recovers else ()
    return {name: row.get(name, "") for name in ("group", "what", "step", *names, *last)}


def _cell(step: StepView, board: Board) -> str:
    took = f" {span_text(step.took(board.now()))}" if step.began else ""
    return f"{step.status}{took}"


def about_of(board: Board) -> str:
    """The words above the table: which run, against what, how long against the objective."""
    where = "**SIMULATOR, rehearsal, not evidence**" if board.target == "simulator" else "Azure"
    outcome = f"**{board.outcome}**" if board.outcome else "under way"
    how_far = f"{_how_far(board)} " if board.recovers or board.protected()[1] else ""
    return f"Run `{board.run}` against {where}: {outcome}.\n\n{how_far}{footing(board)}"


def _how_far(board: Board) -> str:
    if board.recovers:
        return f"Recovery time {span_text(board.elapsed())} of {span_text(board.rto)} (RTO)."
    done, all_of_them = board.protected()
    return f"{done} of {all_of_them} VMs are protected."


@asynccontextmanager
async def board_artifact(key: str) -> AsyncIterator[BoardArtifact]:
    """While inside, the artifact keeps up with the events it is fed; at the end it shows the
    last of them.
    """
    artifact = BoardArtifact(key)
    keeping_up = asyncio.create_task(artifact.keep_up())
    try:
        yield artifact
    finally:
        keeping_up.cancel()
        with suppress(asyncio.CancelledError):
            await keeping_up
        await artifact.push()
