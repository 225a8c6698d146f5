"""docs/reference/errors.md: every stable code, by family."""

from __future__ import annotations

from docs.codes import codes_in
from docs.tables import generated, table

FAMILIES = {
    "PLAN": "Recovery plans: exit code 2, nothing was sent",
    "INPUT": "What somebody typed: exit code 2",
    "SET": "Settings: exit code 2",
    "SIM": "The simulator: exit code 2",
    "PRE": "Preflight: found before the first act, exit code 1",
    "ISO": "Isolation: exit code 3",
    "AZ": "Azure said no, or nothing: exit code 3",
    "STEP": "Steps",
    "CHECK": "Checks: exit code 1",
    "OBJ": "Objectives: exit code 1",
    "SAFE": "Safety rules",
    "CLEAN": "Cleanup and its proof: exit code 4",
    "RUN": "Runs",
    "JRN": "Journal",
    "VER": "What `muster verify` finds: exit code 1 when one of them is an error",
    "MUSTER": "Muster itself",
}


def errors_page() -> str:
    codes = codes_in()
    lines = generated("Codes", "errors")
    others = sorted({code.split("-")[0] for code in codes} - FAMILIES.keys())
    for family, title in [*FAMILIES.items(), *((other, other) for other in others)]:
        rows = [codes[name] for name in sorted(codes) if name.split("-")[0] == family]
        if rows:
            lines += ["", f"## {title}", ""]
            lines += table(
                ("code", "what", "what to do"),
                ((f"`{row.code}`", row.title, row.hint) for row in rows),
            )
    return "\n".join(lines) + "\n"
