"""Whether an answer can be read at all: a proxy's page or half a body is no answer of Azure's."""

from __future__ import annotations

import json
from typing import Any

from azure.core.exceptions import DecodeError, ServiceRequestError, ServiceResponseError


async def is_readable(method: str, http: Any) -> bool:
    """Take in the whole body of a read that succeeded; whether it is whole, and JSON.

    Args:
        method: Of the request; only what GET answers is judged, for only that is asked again.
        http: The SDK's response; its body is kept, so that it can be read once more.
    """
    if method != "GET" or not 200 <= http.status_code < 300 or http.status_code == 204:
        return True
    try:
        # An empty body cannot be read twice, and some operations have read theirs already.
        body: bytes = http.content if http.is_stream_consumed else await http.read()
    except (DecodeError, ServiceRequestError, ServiceResponseError):
        return False  # it broke off in the middle
    if http.status_code == 202 and not body:
        return True
    try:
        json.loads(body)
    except ValueError:
        # Runbooks write plain text (FACTS 12), which says of itself that it is some.
        return bool(body) and "text/plain" in str(http.headers.get("Content-Type") or "")
    return True
