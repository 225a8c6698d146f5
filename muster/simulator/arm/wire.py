"""A request's body from the wire: what is no JSON, too large, or called something else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from muster.simulator.arm import packing
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.exchange import LARGEST_BODY, Request

DEEPEST = 64
_TOO_DEEP = f"The reader's MaxDepth of {DEEPEST} has been exceeded."
_JSON = ("application/json", "text/json")
_INTEGERS = range(-(2**63), 2**63)
_HALF_A_SIGN = re.compile(r"\\u[dD][89a-fA-F]")  # perhaps one of two that belong together
_NOT_PRINTED = re.compile(r"[^ -~]")


Body = str | AzureError
"""The text of a request's body, or why it is refused once it is known who asks."""


def body_of(request: Request) -> Body:
    """The text of a body, empty if there is none.

    413 and 415 in ARM's words (public issue threads); that it is a 413 is inferred.
    """
    content = request.body
    if content is None:
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


def told_in(headers: Mapping[str, str], name: str) -> str:
    """A header that is told again and kept: ASCII that prints, with `?` for any other sign.

    Bytes that are no text arrive as halves of surrogate pairs, which nothing can keep or send.
    """
    return _NOT_PRINTED.sub("?", headers.get(name, ""))


def value_of(text: Body) -> Any:
    """The JSON value of a body; `{}` for none, since several POSTs come without one.

    Raises: AzureError: what `body_of` found, or 400 InvalidRequestContent.
    """
    if isinstance(text, AzureError):
        raise text
    if not text.strip():
        return {}
    value = _parsed(text)
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node)]
        if not level:
            return value
    raise _unreadable(_TOO_DEEP)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse, parse_int=_integer, parse_float=_finite)
        if _HALF_A_SIGN.search(text):
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except json.JSONDecodeError as err:
        where = f"line {err.lineno}, position {err.colno}"
        raise _unreadable(f"Unexpected character encountered while parsing: {where}.") from err
    except UnicodeEncodeError as err:
        raise _unreadable("it holds half of a surrogate pair, which is no text") from err
    except ValueError as err:
        raise _unreadable(str(err)) from err
    except RecursionError as err:
        raise _unreadable(_TOO_DEEP) from err


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _integer(digits: str) -> int:
    """As Newtonsoft, which ARM reads JSON with: no more than 64 bits (its words from memory)."""
    if len(digits) > len(str(_INTEGERS.start)) or int(digits) not in _INTEGERS:
        raise ValueError(f"JSON integer {digits[:40]} is too large or small for an Int64.")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:40]} is too large or small for a Double.")
    return number


def _unreadable(why: str) -> AzureError:
    return bad_request(
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{why}'.",
    )
