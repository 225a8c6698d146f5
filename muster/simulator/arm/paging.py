"""Lists in pages: `$top`, `nextLink`, and the `$skiptoken` that goes on where a page ended."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

from muster.simulator.arm.errors import bad_request
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json

TOKEN = "$skiptoken"  # noqa: S105 - a word of a query, no secret


def page(call: Call, values: list[Json], *, top: bool = False) -> Answer:
    """One page of a list; `nextLink` is there, and null on the last page [CLI].

    A page holds as many as the world's setting `page_size` says; `top`: fewer if `$top` says so.
    The token tells the last row, so that a list which changes meanwhile loses nothing it still
    has. Its form is ours: Azure's is opaque.
    """
    size = call.world.settings.page_size
    if top and (asked := call.query.get("$top", "")):
        size = min(size, _top(asked))
    start = _start(call, values)
    shown, rest = values[start : start + size], len(values) > start + size
    link = _link(call, start + size, str(shown[-1].get("id", ""))) if rest and shown else None
    return Answer(200, {"value": shown, "nextLink": link})


def _top(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise bad_request(
            "InvalidTopInQueryString", f"Invalid $top '{text}' specified in the query string."
        )
    return int(text)


def _start(call: Call, values: list[Json]) -> int:
    token = next((v for k, v in call.query.items() if k.lower() == TOKEN), "")
    if not token:
        return 0
    offset, last = _read(token)
    for n, value in enumerate(values):
        if value.get("id") == last:
            return n + 1
    return offset


def _read(token: str) -> tuple[int, str]:
    refusal = bad_request(
        "InvalidSkipToken", f"The {TOKEN} '{token}' in the query string is not valid."
    )
    try:
        offset, last = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, RecursionError) as err:
        raise refusal from err
    if type(offset) is not int or offset < 0:
        raise refusal
    return offset, str(last)


def _link(call: Call, offset: int, last: str) -> str:
    token = base64.urlsafe_b64encode(json.dumps([offset, last]).encode()).decode()
    query = {k: v for k, v in call.query.items() if k.lower() != TOKEN}
    path = quote(call.target.path, safe="/:@()")
    return f"{call.endpoint}{path}?{urlencode({**query, TOKEN: token}, safe='$')}"
