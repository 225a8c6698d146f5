"""Keeps the wire: each request and its answer as a file, without tokens and secrets."""

from __future__ import annotations

import itertools
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from muster import __version__
from muster.gateway.sanitise import unsigned
from muster.journal.scrub import scrub

KEPT = frozenset(
    {
        "azure-asyncoperation",
        "cache-control",
        "content-length",
        "content-type",
        "date",
        "expires",
        "location",
        "pragma",
        "retry-after",
        "www-authenticate",
    }
)
"""Headers of answers that are kept, besides all that begin with `x-ms-`."""
_ADDRESSES = frozenset({"azure-asyncoperation", "location"})
logger = logging.getLogger(__name__)
RAW = "raw"  # folder of what is not sanitised yet


class RecordingPolicy(AsyncHTTPPolicy[Any, Any]):
    """Next to the wire, behind the token: headers of requests are never looked at."""

    def __init__(self, folder: Path) -> None:
        """`folder` gets `raw/`, which only its owner may read: it names what there is."""
        super().__init__()
        self._folder = folder / RAW
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._numbers = itertools.count()

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        response = await self.next.send(request)
        answer = response.http_response
        content = await _content(answer)
        try:
            self._keep(request.http_request, answer.status_code, answer.headers, content)
        except OSError as err:  # a disk that is full must not cost an act its answer
            logger.warning("An answer could not be recorded: %s", err)
        return response

    def _keep(self, request: Any, status: int, headers: Mapping[str, str], content: bytes) -> None:
        url = urlsplit(request.url)
        pair = {
            "source": f"muster {__version__}, {time.strftime('%Y-%m-%d', time.gmtime())}",
            "request": {
                "method": request.method,
                "path": unsigned(url.path + (f"?{url.query}" if url.query else "")),
                "body": scrub(_value(request.content)),
            },
            "response": {
                "status": status,
                "headers": _headers(headers),
                "body": scrub(_value(content)),
            },
        }
        name = f"{time.time_ns():020}-{os.getpid()}-{next(self._numbers):05}.json"
        file = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            json.dump(pair, stream, indent=1, ensure_ascii=False)


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Addresses to poll at keep the length of their signature; all else is scrubbed as usual."""
    kept = {name: text for name, text in headers.items() if _is_kept(name)}
    return {
        name: unsigned(text) if name.casefold() in _ADDRESSES else str(scrub(text))
        for name, text in kept.items()
    }


async def _content(answer: Any) -> bytes:
    """The body, which whoever asked may read once more.

    azure-core takes an empty body that was read for one that was not, and then refuses to read a
    consumed stream: whoever asked would lose the answer to an act. So what is known to be empty is
    not read, and what turns out to be is marked as not consumed.
    """
    if answer.status_code in (204, 304) or answer.headers.get("Content-Length") == "0":
        return b""
    content: bytes = await answer.read()
    if not content:
        answer._is_stream_consumed = False  # noqa: SLF001 - there is no public way
    return content


def _is_kept(name: str) -> bool:
    return name.casefold() in KEPT or name.casefold().startswith("x-ms-")


def _value(content: Any) -> Any:
    """JSON where it is JSON, else text; None for nothing."""
    if not content:
        return None
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)
    try:
        return json.loads(text)
    except ValueError:
        return text
