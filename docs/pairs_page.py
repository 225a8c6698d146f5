"""docs/reference/region-pairs.md: which regions replicate to which, from the tables."""

from __future__ import annotations

from collections.abc import Iterator

from docs.tables import generated, head, table
from muster.plan.pairs import pair_rows, pair_source
from muster.plan.regions import Region, region_sources, regions

PAIRS = pair_rows()
_HEADING = (
    "region", "location", "geography", "`data_residency`", "zones", "paired with", "rests on",
)  # fmt: skip


def pairs_page() -> str:
    """The page."""
    lines = [*generated("Region pairs", "pairs"), "", "## What is refused", ""]
    lines += table(("region", "rule", "rests on"), _rules())
    lines += ["", "## Regions", "", *head("regions"), ""]
    lines += table(_HEADING, map(_region, regions().values()))
    lines += ["", "## Sources", ""]
    sources = {**region_sources(), **PAIRS["sources"]}
    lines += table(("word", "source"), ((f"`{word}`", text) for word, text in sources.items()))
    return "\n".join(lines) + "\n"


def _rules() -> Iterator[tuple[str, str, str]]:
    for region, row in PAIRS["reserved"].items():
        yield region, f"reserved: only together with `{row['serves']}`", _rests(row["rests"])
    for region, row in PAIRS["only_to"].items():
        targets = ", ".join(f"`{one}`" for one in row["targets"])
        yield region, f"replicates to {targets} alone", _rests(row["rests"])
    for region, row in PAIRS["never_target"].items():
        yield region, f"only ever a source. {row['but']}", _rests(row["rests"])
    for region, row in PAIRS["never_source"].items():
        yield region, "only ever a target", _rests(row["rests"])


def _rests(word: str) -> str:
    return pair_source(word).partition(" ")[0]


def _region(region: Region) -> tuple[str, ...]:
    zones = "zone to zone" if region.zone_to_zone else "yes" if region.zones else ""
    return (
        f"{region.name}{' (access restricted)' if region.restricted else ''}",
        f"`{region.location}`",
        region.geography,
        region.continent,
        zones,
        f"`{region.paired}`" if region.paired else "",
        ", ".join(region.rests),
    )
