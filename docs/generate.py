"""`python -m docs.generate`: write docs/reference and the world file's schema, worked out from the
code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.cli_page import cli_page
from docs.errors_page import errors_page
from docs.outbound_page import outbound_page
from docs.pairs_page import pairs_page
from docs.plan_page import plan_page
from docs.preflight_page import preflight_page
from docs.record_page import record_page
from docs.settings_page import settings_page
from docs.simulator_page import simulator_page
from docs.support_page import support_page
from docs.survival_page import survival_page
from docs.world_schema import write_schema

REFERENCE = Path(__file__).parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "errors.md": errors_page,
    "outbound-rules.md": outbound_page,
    "plan.md": plan_page,
    "preflight.md": preflight_page,
    "record.md": record_page,
    "region-pairs.md": pairs_page,
    "settings.md": settings_page,
    "simulator.md": simulator_page,
    "support-matrix.md": support_page,
    "survival.md": survival_page,
}


def main() -> None:
    """Write every page and the schema anew."""
    write_schema()
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
