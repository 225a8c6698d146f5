"""docs/reference/settings.md: every environment variable that Muster reads or sets."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from docs.tables import generated, table
from docs.words import words

ROOT = Path(__file__).parents[1]
_NAME = re.compile(
    r"^(?:(?:MUSTER|AZURE|PREFECT)_[A-Z][A-Z_]*|(?:HTTPS?|ALL|NO)_PROXY"
    r"|SSL_CERT_(?:FILE|DIR)|IDENTITY_(?:ENDPOINT|HEADER)|MSI_SECRET)$"
)


def settings_page() -> str:
    lines = generated("Settings", "settings")
    for section in words("settings").values():
        lines += ["", f"## {section['title']}", ""]
        rows = (
            (f"`{name}`", said["default"], said["meaning"])
            for name, said in section["names"].items()
        )
        lines += table(("variable", "default", "meaning"), rows)
    return "\n".join(lines) + "\n"


def names_in_code() -> dict[str, str]:
    """Every variable that the code names, with a file that does."""
    found: dict[str, str] = {}
    for package in ("muster", "flows", "tasks"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                value = node.value if isinstance(node, ast.Constant) else None
                if isinstance(value, str) and _NAME.match(value):
                    found.setdefault(value, path.relative_to(ROOT).as_posix())
    return found
