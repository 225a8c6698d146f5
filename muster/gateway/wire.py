"""ARM without an SDK's opinion: whatever was answered, also a refusal, as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from muster.gateway.budget import Budget
from muster.gateway.connections import Connections
from muster.gateway.translate import in_our_words
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """Status, headers by their names in small letters, and the body: JSON, text or None."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Wire:
    """Requests with our token, budget and recording; open with `async with`."""

    def __init__(self, settings: Settings) -> None:
        self._connections = Connections(settings, Budget(settings.clock))

    async def __aenter__(self) -> Wire:
        await self._connections.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._connections.__aexit__(*exc)

    async def ask(
        self, method: str, path: str, api_version: str | None, body: Any = None
    ) -> WireAnswer:
        """Send one request; a status that is no success is an answer like any other.

        Args:
            method: HTTP's.
            path: An ARM path, or the whole address of a poll, which must be of our endpoint.
            api_version: None sends none, as does a path that has its own query.
            body: JSON, or a str that is sent as it is.

        Raises:
            GatewayError: Nobody answered, or there is no token.
        """
        with in_our_words(f"{method} {path.partition('?')[0]}"):
            answer = await self._connections.send(method, path, api_version, body)
            content = answer.content  # read already: it was not asked for as a stream
        headers = {name.casefold(): text for name, text in answer.headers.items()}
        return WireAnswer(answer.status_code, headers, _value(content))


def _value(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
