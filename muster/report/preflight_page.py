"""A preflight as one HTML page that works offline, in the style of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from muster.report.preflight_groups import in_causes
from muster.report.render_html import environment
from muster.report.soft_breaks import with_soft_breaks

_DRILL = {"stops": "stops a drill", "told": "stops nothing"}
_FAILOVER = {"stops": "stops a failover, unless overridden with a reason", "told": "stops nothing"}


def render_preflight(look: Mapping[str, Any]) -> str:
    """What `Look.as_data` says, as a page; everything in it is escaped."""
    checks = look["checks"]
    single, groups = in_causes(checks)
    word, sentence = headline(look)
    by_area = sorted(checks, key=lambda one: (str(one["area"]), one["id"]))
    page = (
        environment()
        .get_template("preflight.html.j2")
        .render(
            p=look,
            word=word,
            sentence=sentence,
            open=single,
            unread=groups,
            words=_DRILL if look["operation"] == "drill" else _FAILOVER,
            areas=[(area, list(of)) for area, of in groupby(by_area, lambda one: one["area"])],
        )
    )
    return with_soft_breaks(page)


def headline(look: Mapping[str, Any]) -> tuple[str, str]:
    """How it came out, as a word and a sentence."""
    stopping, told = len(look["stopping"]), len(look["told"])
    also = f" {told} more did not pass, and stop nothing." if told else ""
    if stopping:
        words = "check stops" if stopping == 1 else "checks stop"
        unless = "" if look["operation"] == "drill" else ", unless overridden with a reason"
        return "STOPPED", f"{stopping} {words} a {look['operation']}{unless}.{also}"
    if told:
        checks = "1 check" if told == 1 else f"{told} checks"
        return "READY", f"Nothing stops a {look['operation']}; {checks} did not pass, see below."
    return "READY", f"A {look['operation']} may begin: every check that applies passed."
