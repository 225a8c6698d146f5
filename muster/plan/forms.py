"""What a text of the wrong form should look like, in words: nobody reads a regular expression."""

from __future__ import annotations

import re

from muster.plan.regions import CONTINENTS, meant_region, squeezed

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
        meant = _continent(path, found) or meant_region(found)
        write = f": write {meant}" if meant else ", such as westus2"
        return f"should be a region by Azure's short name, without spaces or capitals{write}"
    if _SUFFIX.search(path):
        suffix = squeezed(found)[:12] or "asr"
        return f"should be a hyphen and 1 to 12 small letters or digits: write -{suffix}"
    if _POOL.search(path):
        return (
            f"should be BALANCER/POOL, such as lb-web/pool1; {found} names no pool of a balancer"
        )
    return None


def _continent(path: str, found: str) -> str | None:
    """The continent that a text means, where the key takes one."""
    if not path.endswith("data_residency"):
        return None
    return next((one for one in CONTINENTS if squeezed(one) == squeezed(found)), None)
