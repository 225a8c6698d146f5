"""`make bench`: print every figure beside its target."""

from __future__ import annotations

import sys

from benchmarks import drills, fresh_clone, simulator_load, startup


def main() -> None:
    rows = startup.figures()
    rows += drills.figures_of("contoso-erp")
    rows += drills.figures_of("contoso-erp", "--direct")
    rows += drills.figures_of("fabrikam-shop", "--direct")
    rows += simulator_load.figures()
    if "--no-clone" not in sys.argv:
        rows += fresh_clone.figures()
    width = max(len(row[0]) for row in rows)
    for what, figure, target in rows:
        print(f"{what:<{width}}  {figure}" + (f"  (target {target})" if target else ""))


main()
