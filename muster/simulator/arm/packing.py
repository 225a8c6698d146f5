"""Bodies that come packed (`Content-Encoding`): unpacked, or refused in ARM's form.

Which codings ARM takes is not documented; status and words of the refusals are ours.
"""

from __future__ import annotations

import zlib

from muster.simulator.arm.errors import AzureError, bad_request

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Coding -> how zlib has to look at it."""


def unpacked(content: bytes, coding: str, largest: int) -> bytes | AzureError:
    """A packed body as it was before, or why it is refused (400, 413, 415)."""
    if coding == "identity":
        return content
    if coding not in _WINDOWS:
        return AzureError(
            415,
            "UnsupportedMediaType",
            f"The content encoding '{coding[:40]}' is not supported. Only 'gzip' and 'deflate' "
            "are.",
        )
    reader = zlib.decompressobj(_WINDOWS[coding])
    try:
        found = reader.decompress(content, largest + 1)
    except zlib.error:
        return _unreadable(coding)
    if len(found) > largest:
        return too_large(largest)
    return found if reader.eof else _unreadable(coding)


def too_large(largest: int) -> AzureError:
    """413 in ARM's words (public issue threads); that it is a 413 is inferred."""
    return AzureError(
        413,
        "RequestContentTooLarge",
        f"The request content size exceeds the maximum size of {largest >> 20} MB.",
    )


def _unreadable(coding: str) -> AzureError:
    return bad_request(
        "InvalidRequestContent",
        f"The request content was invalid and could not be decoded as '{coding}'.",
    )
