"""docs/reference/support-matrix.md: which VMs are replicated, from the tables that judge them."""

from __future__ import annotations

from collections.abc import Iterator

from docs.tables import generated, head, table
from muster.replication.tables import table as facts

_VERDICT = {
    "refuse": "left out: `unsupported`",
    "wait": "left out until it changes: `pending`",
    "tell": "told, and replicated",
}
MATRIX, SYSTEMS = facts("support"), facts("systems")


def support_page() -> str:
    """The page."""
    lines = [*generated("Support matrix", "support"), "", "## VMs", ""]
    heading = ("rule", "holds for", "then the VM is", "remedy", "rests on")
    lines += table(heading, _rows("rows"))
    lines += ["", "## Cache storage", "", *head("cache"), ""]
    lines += table(("rule", "holds for", "then it is", "remedy", "rests on"), _rows("cache"))
    lines += ["", "## Operating systems", "", *head("systems"), ""]
    lines += table(("system", "releases", "kernels"), _systems())
    lines += ["", "## Sources", ""]
    sources = {**MATRIX["sources"], "systems": SYSTEMS["sources"]["matrix"]}
    lines += table(("word", "source"), ((f"`{word}`", text) for word, text in sources.items()))
    return "\n".join(lines) + "\n"


def _rows(part: str) -> Iterator[tuple[str, ...]]:
    for rule, row in MATRIX[part].items():
        remedy = row["remedy"].format(found="…", wanted="…")
        shown = "as Azure recommends" if remedy == "…" else remedy
        verdict = _VERDICT[row["verdict"]] if part == "rows" else _of_account(row["verdict"])
        yield f"`{rule}`", row["what"], verdict, shown, row["rests"]


def _of_account(verdict: str) -> str:
    return "refused" if verdict == "refuse" else "told, and used"


def _systems() -> Iterator[tuple[str, str, str]]:
    for family in ("linux", "windows"):
        for row in SYSTEMS[family].values():
            yield row["shown"], ", ".join(row["releases"]), "; ".join(_kernels(row))


def _kernels(row: dict[str, dict[str, object]]) -> Iterator[str]:
    for release, least in row.get("kernel_from", {}).items():
        yield f"{release}: {least} or later"
    for release, series in row.get("kernels", {}).items():
        if isinstance(series, list):
            yield f"{release}: {', '.join(map(str, series))}"
