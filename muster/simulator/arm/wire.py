"""A request's body from the wire: what is no JSON, too large, or called something else."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from aiohttp import web

from muster.simulator.arm import packing
from muster.simulator.arm.errors import AzureError, bad_request

LARGEST_BODY = 4 * 1024**2
DEEPEST = 64
_TOO_DEEP = f"The reader's MaxDepth of {DEEPEST} has been exceeded."
_JSON = ("application/json", "text/json")


Body = str | AzureError
"""The text of a request's body, or why it is refused once it is known who asks."""


async def body_of(request: web.Request) -> Body:
    """Read a body, empty if there is none.

    413 and 415 in ARM's words (public issue threads); that it is a 413 is inferred.
    """
    if not request.can_read_body:
        return ""
    try:
        content = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return packing.too_large(LARGEST_BODY)
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding and content:
        unpacked = packing.unpacked(content, coding, LARGEST_BODY)
        if isinstance(unpacked, AzureError):
            return unpacked
        content = unpacked
    if not content.strip():
        return ""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _JSON:
        return AzureError(
            415,
            "UnsupportedMediaType",
            f"The content media type '{kind or '<null>'}' is not supported. "
            "Only 'application/json' is supported.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _unreadable("it is not UTF-8 text")


def value_of(text: Body) -> Any:
    """The JSON value of a body; `{}` for none, since several POSTs come without one.

    Raises: AzureError: what `body_of` found, or 400 InvalidRequestContent.
    """
    if isinstance(text, AzureError):
        raise text
    if not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as err:
        where = f"line {err.lineno}, position {err.colno}"
        raise _unreadable(f"Unexpected character encountered while parsing: {where}.") from err
    except ValueError as err:
        raise _unreadable(str(err)) from err
    except RecursionError as err:
        raise _unreadable(_TOO_DEEP) from err
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node)]
        if not level:
            return value
    raise _unreadable(_TOO_DEEP)


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _unreadable(why: str) -> AzureError:
    return bad_request(
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{why}'.",
    )
