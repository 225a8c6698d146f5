"""What answers' `Date` says of our clock: how far off it is, and whether a simulator's parted."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from muster.clock import Clock

SLACK = timedelta(seconds=2)  # of Azure time: a `Date` has whole seconds
WALL_SLACK = 0.1  # seconds: a wall clock may be set right between the two readings
logger = logging.getLogger(__name__)


class Dates:
    """What a run saw of the simulator's clock. Somebody may pause it, or let it jump, meanwhile.

    Our clock is the line we read at the start; the simulator's is another one from then on, and
    every span between one of our instants and one of its is wrong. Nothing is stopped by that, a
    cleanup least of all: it is kept for the journal, which makes a deviation of it.
    """

    def __init__(self, clock: Clock, *, is_one: bool = True) -> None:
        """`is_one`: both clocks are said to be the same one, as the simulator's and ours are."""
        self.clock = clock
        self.is_one = is_one
        self.ahead: timedelta | None = None  # Azure's clock against ours, as last told
        self.parted = ""  # how, when it was first seen; "" while the clocks are one

    def compare(self, before: datetime, told: str, after: datetime) -> None:
        """Hold a `Date` against our clock before the call and after it."""
        try:
            azure = parsedate_to_datetime(told)
        except ValueError:
            return
        if azure.tzinfo is None:  # `-0000`: no zone is told
            return
        self.ahead = azure - (before + (after - before) / 2)
        if self.parted or not self.is_one:
            return
        slack = SLACK + timedelta(seconds=WALL_SLACK * self.clock.speed)
        if before - slack <= azure <= after + slack:
            return
        way = "ahead of" if azure > after else "behind"
        by = azure - after if azure > after else before - azure
        self.parted = (
            f"the simulator's time was moved while this ran: at {after:%Y-%m-%dT%H:%M:%SZ} of our "
            f"clock an answer was {timedelta(seconds=round(by.total_seconds()))} {way} it; spans "
            "and ages in this run are not to be trusted"
        )
        logger.warning("The clocks parted: %s", self.parted)


class DateWatch(AsyncHTTPPolicy[Any, Any]):
    """Next to the wire, in one client's pipeline."""

    def __init__(self, dates: Dates) -> None:
        super().__init__()
        self._dates = dates

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        before = self._dates.clock.now()
        response = await self.next.send(request)
        told = response.http_response.headers.get("Date")
        if told:
            self._dates.compare(before, told, self._dates.clock.now())
        return response
