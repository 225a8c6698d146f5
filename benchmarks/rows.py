"""A figure as a row: what it is, what it came to, its target if it has one."""

from __future__ import annotations

Row = tuple[str, str, str]

NOT_MEASURED = "not measured"
"""What stands where a figure was not taken: never 0."""

WIDEST = 62


def line_of(row: Row) -> str:
    what, figure, target = row
    return f"{what:<{WIDEST}}  {figure}" + (f"  (target {target})" if target else "")


def per(amount: float | None, parts: float) -> float | None:
    """A share; None where there is nothing to divide, or nothing to divide it by."""
    return amount / parts if amount is not None and parts else None
