"""The HTML report: one file, works offline, prints well. Layout only; the record has the facts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from muster.replication.state_words import state_words, vm_words
from muster.report.rpo_svg import rpo_svg
from muster.report.soft_breaks import with_soft_breaks
from muster.report.timeline_svg import timeline_svg
from muster.report.words import (
    clock_words,
    name_of,
    seqs_words,
    span_words,
    utc_words,
)

# Opens what is folded before printing; browsers that know ::details-content do without.
_SCRIPT = """
addEventListener("beforeprint",function(){
document.querySelectorAll("details:not([open])").forEach(function(d){d.dataset.folded="";d.open=true})});
addEventListener("afterprint",function(){
document.querySelectorAll("details[data-folded]").forEach(function(d){
delete d.dataset.folded;d.open=false})});
"""

_LINE = 96  # characters of raw evidence on a line

_CODE = re.compile(r"`([^`]+)`")

_SPLIT_WORDS = {
    "machine": "Muster and its checks",
    "cloud": "waiting for Azure",
    "script": "plan's own scripts and runbooks",
    "human": "waiting for people",
}


_PASSED = {
    "drill": "Recovered within its objectives, every required check passed, nothing is left.",
    "replicate": "Every VM is protected, and set up as the plan says.",
    "disable": "The VMs are not replicated any more; everything else stands as it was.",
}


def render_html(record: Mapping[str, Any]) -> str:
    """A record as one HTML page; everything from the record is escaped."""
    page = (
        environment()
        .get_template("report.html.j2")
        .render(
            r=record,
            timeline=Markup(timeline_svg(record)),  # noqa: S704 - drawn by us, every text escaped
            rpo_plot=Markup(rpo_svg(record)) if record["vms"] else None,  # noqa: S704 - the same
            script=Markup(_SCRIPT),  # noqa: S704 - the constant above
            script_hash=_hash(_SCRIPT),
            split=_split(record["attribution"]),
            headline=headline(record),
        )
    )
    return with_soft_breaks(page)


def headline(record: Mapping[str, Any]) -> tuple[str, str]:
    """The outcome as a word, and the sentence under it."""
    if record["state"] == "open":
        return "OPEN", "This run was not closed: what follows is how far its journal goes."
    sentence = {
        "passed": _PASSED.get(record["operation"], _PASSED["drill"]),
        "aborted": "Ended by a person, or by a question's default, before it was through.",
    }.get(record["outcome"], "It did not show what it was to show.")
    if record["outcome"] == "failed" and record["causes"]:
        first = record["causes"][0]
        words = str(first["message"])
        of_check = str(first["code"]).startswith("CHECK-")
        sentence = f"Required check {words}" if of_check else words[:1].upper() + words[1:]
    elif record["outcome"] == "passed" and record["worked_out"] != "passed":
        sentence = "It was closed as passed, but its events do not bear that out: see deviations."
    return str(record["outcome"]).upper(), sentence


def _split(attribution: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The four parts of recovery time with their share of the bar, in percent."""
    if attribution is None or not attribution["total"]:
        return []
    return [
        {
            "name": name,
            "words": _SPLIT_WORDS[name],
            "seconds": value,
            "percent": round(100 * value / attribution["total"], 3),
        }
        for name, value in attribution["shown"].items()
    ]


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _coded(words: str) -> Markup:
    """Text in which `backticks` mark code, as in our hints."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words))))  # noqa: S704 - escaped first


def _pretty(value: Any, indent: str = "") -> str:
    """JSON that breaks only what does not fit on a line: raw evidence is long enough as it is."""
    flat = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if len(flat) + len(indent) <= _LINE or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        named = sorted(value.items(), key=lambda pair: str(pair[0]))
        parts = [f"{json.dumps(str(key))}: {_pretty(one, inner)}" for key, one in named]
        opening, closing = "{", "}"
    else:
        parts = [_pretty(one, inner) for one in value]
        opening, closing = "[", "]"
    body = f",\n{inner}".join(parts)
    return f"{opening}\n{inner}{body}\n{indent}{closing}"


@cache
def environment() -> Environment:
    """Where every page's template comes from, with the words that all of them use."""
    environment = Environment(
        loader=PackageLoader("muster.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "span": span_words,
        "utc": utc_words,
        "clock": clock_words,
        "seqs": seqs_words,
        "name": name_of,
        "pretty": _pretty,
        "coded": _coded,
        "state": state_words,
        "vm_state": vm_words,
    }
    return environment
