"""Bodies that come packed: read, or refused in ARM's form."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from muster.simulator.arm import packing
from muster.simulator.arm.errors import AzureError

from .asked import NETWORK
from .conftest import Azure

TABLE = f"{NETWORK}/routeTables/packed"
BODY = json.dumps({"location": "westus2", "properties": {}}).encode()


async def sent(azure: Azure, content: bytes, coding: str) -> Any:
    headers = {
        "Authorization": f"Bearer {await azure.as_('operator')}",
        "Content-Type": "application/json",
        "Content-Encoding": coding,
    }
    url = f"{azure.endpoint}{TABLE}?api-version=2024-05-01"
    async with azure.http.put(url, data=content, headers=headers) as got:
        assert "json" in got.headers["Content-Type"]
        return got.status, (await got.json()).get("error", {}).get("code")


@pytest.mark.parametrize(
    ("content", "coding", "expected"),
    [
        (gzip.compress(BODY, mtime=0), "gzip", (201, None)),
        (zlib.compress(BODY), "deflate", (201, None)),
        (BODY, "identity", (201, None)),
        (b"zzz", "gzip", (400, "InvalidRequestContent")),
        (gzip.compress(BODY, mtime=0)[:-12], "gzip", (400, "InvalidRequestContent")),
        (b"zzz", "deflate", (400, "InvalidRequestContent")),
        (b"zzz", "zstd", (415, "UnsupportedMediaType")),
        (b"zzz", "br", (415, "UnsupportedMediaType")),
        (b"zzz", "gzip, gzip", (415, "UnsupportedMediaType")),
        (gzip.compress(b" " * (5 * 1024**2), mtime=0), "gzip", (413, "RequestContentTooLarge")),
    ],
    ids=[
        "gzip",
        "deflate",
        "identity",
        "no-gzip",
        "cut-gzip",
        "no-deflate",
        "zstd",
        "br",
        "twice",
        "too-large",
    ],
)
async def test_a_packed_body_is_read_or_refused(
    azure: Azure, content: bytes, coding: str, expected: tuple[int, str | None]
) -> None:
    assert await sent(azure, content, coding) == expected


def test_a_small_body_that_unpacks_to_a_huge_one_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * (1 << 28), mtime=0)
    tracemalloc.start()
    try:
        found = packing.unpacked(bomb, "gzip", 1 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 23
    assert isinstance(found, AzureError)
    assert found.status == 413
