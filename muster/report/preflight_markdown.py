"""A preflight as Markdown, for Prefect's artifact: what is wrong and what to do, on one page.

Prefect's UI draws each row of a table on one line: in a table, reasons and remedies stand far to
the right of the screen. Paragraphs and lists are folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from muster.plan.actions import Operation
from muster.report.markdown import code, coded, plain
from muster.report.preflight_groups import Check, Unread, areas_of, in_causes
from muster.report.preflight_page import headline
from muster.report.words import utc_words


def preflight_markdown(look: Mapping[str, Any]) -> str:
    """What `Look.as_data` says: what stops the operation, what else did not pass, then all.

    Every check that did not pass is shown with its reason and its remedy; checks that could not
    be read for one common reason are shown as one.
    """
    checks, operation = look["checks"], str(look["operation"])
    lines = [
        *_head(look),
        *_open(checks, operation, does_stop=True),
        *_open(checks, operation, does_stop=False),
        *_again(look),
        *_by_area(checks),
    ]
    return "\n".join(lines) + "\n"


def _head(look: Mapping[str, Any]) -> Iterator[str]:
    word, _ = headline(look)  # the sentence stands above, as the artifact's description
    yield f"# {plain(look['plan'])}: {word}"
    if look["target"] == "simulator":
        yield from ("", "> **SIMULATOR: read from Muster's simulator, not from Azure**")


def _again(look: Mapping[str, Any]) -> Iterator[str]:
    command = f"muster preflight {code(look['plan'])} --for {code(look['operation'])}"
    yield from ("", f"Looked at {utc_words(look['at'])} UTC; nothing was written. "
        f"To look again, run this flow once more, or `{command}`.")  # fmt: skip


def _open(checks: Sequence[Check], operation: str, *, does_stop: bool) -> Iterator[str]:
    """What did not pass and stops the operation, or what did not pass and stops nothing."""
    every, all_groups = in_causes(checks)
    single = [one for one in every if (one["severity"] == "stops") is does_stop]
    groups = [one for one in all_groups if bool(one.stopping) is does_stop]
    if not single and not groups:
        return
    title = (
        f"What stops a {Operation(operation).noun}"
        if does_stop
        else "What did not pass, and stops nothing"
    )
    yield from ("", f"## {plain(title)}")
    for one in single:
        named = f"{plain(one['id'])} {coded(one['title'])}: {plain(one['verdict'])}"
        yield from _told(named, str(one["why"]), str(one["remedy"]))
    for group in groups:
        yield from _told(_named(group, operation), group.why, group.remedy)
        yield from ("", plain(", ".join(group.ids)))


def _told(named: str, why: str, remedy: str) -> Iterator[str]:
    yield from ("", f"### {named}", "", f"**Why:** {coded(why)}")
    yield from ("", f"**What to do:** {coded(remedy)}")


def _named(group: Unread, operation: str) -> str:
    return f"{len(group.ids)} checks {group.what}; {group.stops(operation)}"


def _by_area(checks: Sequence[Check]) -> Iterator[str]:
    """Each area with how many of its checks passed, and each of them on a line."""
    yield from ("", "## Every check")
    for area, passed, count in areas_of(checks):
        yield from ("", f"**{plain(area)}**: {passed} of {count} passed", "")
        ours = (one for one in checks if one["area"] == area)
        for one in sorted(ours, key=lambda one: (one["verdict"] == "passed", one["id"])):
            named = f"{plain(one['id'])} {coded(one['title'])}"
            word = plain(one["verdict"])
            yield f"- {named}: {word if word == 'passed' else f'**{word}**'}, {coded(one['why'])}"
