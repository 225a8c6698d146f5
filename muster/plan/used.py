"""Keys that came later: one that says nothing stays out of a plan's canonical form.

So the digest of a plan that uses no new key is what it was before there was one, and a key that
is written with its default means the same as one that is left out.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field


def later(default: Any, description: str = "", **more: Any) -> Any:
    """A field with a default, which is written into the canonical form only if it differs."""
    if description:
        more["description"] = description
    return Field(default, exclude_if=lambda value: value == default, **more)
