"""A client that runs while time is moved: it notices, and what it leaves behind says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.clock import ScaledClock
from muster.gateway.date_watch import Dates
from muster.gateway.open import open_gateway
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.settings import settings_from

from .conftest import Azure, running, settings_of
from .test_time_control import told

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def read(gateway: Gateway, azure: Azure) -> str:
    """What the gateway thinks of the clocks after some calls."""
    vault = VaultRef(azure.settings["MUSTER_SUBSCRIPTION"], "rg-dr", "rsv")
    for _ in range(3):
        assert await gateway.vault(vault) is not None
    return gateway.usage().parted


@pytest.mark.parametrize("speed", [60.0, 3600.0])
async def test_a_run_is_told_that_time_was_moved_under_it_and_one_after_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speed: float
) -> None:
    async with running(tmp_path / "state", speed=speed) as azure:
        for name, value in azure.settings.items():
            monkeypatch.setenv(name, value)
        async with open_gateway(settings_from(azure.settings)) as gateway:
            assert await read(gateway, azure) == ""
            await told(azure, "/time/jump?by=1d")
            said = await read(gateway, azure)
            assert "was 1 day, 0:0" in said or "was 23:59" in said
            assert "ahead of it; spans and ages in this run are not to be trusted" in said
        async with open_gateway(settings_from(settings_of(azure.folder))) as gateway:
            assert await read(gateway, azure) == ""


@given(took=st.integers(0, 100_000), at=st.floats(0, 1), off=st.integers(-100_000, 100_000))
def test_a_date_within_its_call_is_never_suspected_and_one_far_outside_always(
    took: int, at: float, off: int
) -> None:
    dates, after = Dates(ScaledClock(0.0, 60.0)), NOON + timedelta(seconds=took)
    azure = NOON + timedelta(seconds=int(took * at) + off)
    dates.compare(NOON, format_datetime(azure, usegmt=True), after)
    slack = timedelta(seconds=2 + 6)
    assert bool(dates.parted) == (not NOON - slack <= azure <= after + slack)


def test_what_is_no_date_parts_nothing() -> None:
    dates = Dates(ScaledClock(0.0, 60.0))
    dates.compare(NOON, "yesterday", NOON)
    assert dates.parted == ""
