"""`make bench`: print every figure beside its target, as soon as it is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import (
    drills,
    fresh_clone,
    generated_world,
    in_process,
    preflight,
    simulator_load,
    startup,
)
from benchmarks.rows import Row, line_of


def figures(*, is_cloned: bool) -> Iterator[Row]:
    """Every figure, in the order in which they are taken."""
    yield from startup.figures()
    yield from drills.figures_of("contoso-erp")
    yield from drills.figures_of("contoso-erp", "--direct")
    yield from drills.figures_of("fabrikam-shop", "--direct")
    yield from simulator_load.figures()
    yield from generated_world.figures()
    yield from preflight.figures()
    yield from in_process.figures()
    if is_cloned:
        yield from fresh_clone.figures()


if __name__ == "__main__":
    for row in figures(is_cloned="--no-clone" not in sys.argv):
        print(line_of(row), flush=True)
