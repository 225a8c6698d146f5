"""A preflight as one HTML page that works offline, in the style of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from muster.plan.actions import Operation
from muster.report.preflight_groups import in_causes
from muster.report.render_html import environment
from muster.report.soft_breaks import with_soft_breaks

_UNLESS = ", unless overridden with a reason"


def render_preflight(look: Mapping[str, Any]) -> str:
    """What `Look.as_data` says, as a page; everything in it is escaped."""
    checks = look["checks"]
    single, groups = in_causes(checks)
    word, sentence = headline(look)
    noun = _noun(look)
    by_area = sorted(checks, key=lambda one: (str(one["area"]).casefold(), one["id"]))
    page = (
        environment()
        .get_template("preflight.html.j2")
        .render(
            p=look,
            word=word,
            sentence=sentence,
            open=single,
            unread=groups,
            noun=noun,
            words={"stops": f"stops a {noun}{_unless(look)}", "told": "stops nothing"},
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
        return "STOPPED", f"{stopping} {words} a {_noun(look)}{_unless(look)}.{also}"
    if told:
        checks = "1 check" if told == 1 else f"{told} checks"
        return "READY", f"Nothing stops a {_noun(look)}; {checks} did not pass, see below."
    return "READY", f"A {_noun(look)} may begin: every check that applies passed."


def _noun(look: Mapping[str, Any]) -> str:
    return Operation(look["operation"]).noun


def _unless(look: Mapping[str, Any]) -> str:
    """A failover alone goes on in spite of what would stop it."""
    return _UNLESS if look["operation"] == Operation.FAILOVER.value else ""
