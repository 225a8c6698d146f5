"""Are we ready ourselves: place, practice, key, room for evidence, clock?"""

from __future__ import annotations

from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.plan.actions import Operation
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    does_not_apply,
    failed,
    none_of,
    passed,
    rows_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.told import age
from muster.steps.preflight_checks.vault import region

ROOM = 200 * 1024**2
"""Bytes: a drill of 100 VMs writes some 10 MB; a full disk must not be what ends it."""
LAST_DRILL = timedelta(days=100)
"""A quarter and some days: what auditors ask for at least."""
SKEW = timedelta(seconds=30)
"""Half of the 60 s after which an act that was intended is no longer sent."""
OTHERS = 0o077


def we_outlive_the_source(facts: Facts) -> Verdict:
    facts.need("ours")
    if facts.ours.region is None:
        if facts.operation is Operation.REPLICATE and facts.ours.is_rehearsal:
            return does_not_apply("a rehearsed replication says nothing of where Muster will run")
        return unknown("MUSTER_REGION does not say in which region this runs")
    if region(facts.ours.region) == region(facts.plan.source.region):
        return failed(f"it runs in {facts.ours.region}, the region that may be lost")
    return passed(f"it runs in {facts.ours.region}")


def was_drilled(facts: Facts) -> Verdict:
    facts.need("ours", "history")
    if facts.ours.last_passed is None:
        return failed("no drill of this plan has passed, as far as the journal knows")
    age(facts.ours.last_passed, facts.now, "the last drill that passed")
    return passed(f"a drill passed on {facts.ours.last_passed:%Y-%m-%d}")


def was_drilled_lately(facts: Facts) -> Verdict:
    facts.need("ours", "history")
    last = facts.ours.last_passed
    if last is None:
        return unknown("no drill has passed yet")
    ago = age(last, facts.now, "the last drill that passed")
    if ago > LAST_DRILL:
        return failed(f"the last drill that passed was {ago.days} days ago")
    return passed(f"{ago.days} days ago")


def plan_is_as_drilled(facts: Facts) -> Verdict:
    facts.need("ours", "history")
    then = facts.ours.last_digest
    if then is None:
        return unknown("no drill has passed yet")
    if then == facts.digest:
        return passed("the plan is what the last drill that passed drilled")
    return failed(f"the plan has changed since that drill: {then[:19]}…, now {facts.digest[:19]}…")


def key_is_vouched_for(facts: Facts) -> Verdict:
    facts.need("ours")
    if facts.ours.is_rehearsal:
        return does_not_apply("nobody takes a rehearsal for evidence")
    if not facts.ours.key_is_there:
        return failed("there is no key that can be used; a run makes one nobody vouches for")
    if not facts.ours.key_is_attested:
        return failed("nobody vouches for the key")
    return passed("somebody vouches for the key")


def key_is_private(facts: Facts) -> Verdict:
    facts.need("ours")
    mode = facts.ours.key_mode
    if facts.ours.key_is_yet_to_be_made:
        return passed("there is none yet; a run makes one that nobody else may read")
    if mode is None:
        return unknown("who may read the key cannot be told")
    if mode & OTHERS:
        return failed(f"others may read the key: its mode is {mode:o}")
    return passed("nobody else may read the key")


def journal_has_room(facts: Facts) -> Verdict:
    facts.need("ours")
    lacking, free = facts.ours.journal_lacking, facts.ours.journal_free
    if lacking:
        return failed(lacking)
    if free is None or lacking is None:
        return unknown("how much room the journal has cannot be told")
    if free < ROOM:
        return failed(f"{free // 1024**2} MB are free for the journal")
    return passed(f"more than {ROOM // 1024**2} MB are free")


def clocks_agree(facts: Facts) -> Verdict:
    facts.need("ours")
    ahead = facts.ours.azure_ahead
    if ahead is None:
        return unknown("no answer of Azure's told the time")
    if abs(ahead) > SKEW:
        way = "ahead of" if ahead > timedelta() else "behind"
        by = timedelta(seconds=round(abs(ahead).total_seconds()))
        return failed(f"Azure's clock is {format_duration(by)} {way} ours")
    return passed(f"within {format_duration(SKEW)} of Azure's")


def journals_verify(facts: Facts) -> Verdict:
    """Chain, signed head, manifest and place in the register; one that does not is no evidence."""
    facts.need("ours")
    if not facts.ours.broken_runs:
        facts.need("history")
    return none_of(facts.ours.broken_runs, "the journals of earlier runs verify")


CHECKS = rows_of(
    Area.READINESS,
    ("PRE-098", "Muster does not run in the source region", N, T, T,
     "Run the worker in the target region, and say so in MUSTER_REGION.", we_outlive_the_source),
    ("PRE-099", "a drill of the plan has passed", N, T, N,
     "Drill the plan: `muster drill PLAN`.", was_drilled),
    ("PRE-100", "the last drill that passed is not long ago", N, T, N,
     "Drill the plan again: what was true then may have changed.", was_drilled_lately),
    ("PRE-101", "the plan is what was drilled last", N, T, N,
     "Drill the plan as it is now.", plan_is_as_drilled),
    ("PRE-102", "somebody vouches for the signing key", T, T, T,
     "Set MUSTER_SIGNING_KEY to a key that somebody vouches for (docs/reference/settings.md).",
     key_is_vouched_for),
    ("PRE-103", "nobody else may read the signing key", T, T, T,
     "Take the right to read the key away from group and others: `chmod 600`.", key_is_private),
    ("PRE-104", "the journal can be written, and has room", S, T, S,
     "Free some room, or set MUSTER_JOURNAL to a folder that can be written.", journal_has_room),
    ("PRE-105", "our clock and Azure's agree", S, T, S,
     "Set this machine's clock right (NTP): deadlines and ages are worked out by it.",
     clocks_agree),
    ("PRE-106", "the journals of earlier runs verify", T, T, T,
     "Look at it with `muster verify`: somebody changed it, or a disk did.", journals_verify),
)  # fmt: skip
