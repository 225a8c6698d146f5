"""What a text of the wrong form should look like, in words: nobody reads a regular expression."""

from __future__ import annotations

import re

_REGION = re.compile(r"(^|\.)(region|data_residency(\[\d+\])?)$")
_SUFFIX = re.compile(r"replication\.suffix$")
_POOL = re.compile(r"backend_pools(\[\d+\])?$")


def form_of(path: str, found: str) -> str | None:
    """`should be a region …` for the keys whose pattern says little; None for the others.

    Args:
        path: Of the key, as `target.region` or `groups[0].vms[1].nics[0].backend_pools[0]`.
        found: What stands there.
    """
    if _REGION.search(path):
        squeezed = re.sub(r"[^a-z0-9]", "", found.casefold())
        write = f": write {squeezed}" if squeezed else ", such as westus2"
        return f"should be a region by Azure's short name, without spaces or capitals{write}"
    if _SUFFIX.search(path):
        squeezed = re.sub(r"[^a-z0-9]", "", found.casefold())[:12] or "asr"
        return f"should be a hyphen and 1 to 12 small letters or digits: write -{squeezed}"
    if _POOL.search(path):
        return (
            f"should be BALANCER/POOL, such as lb-web/pool1; {found} names no pool of a balancer"
        )
    return None
