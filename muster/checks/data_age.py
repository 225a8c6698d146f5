"""data_loss: how much of what production wrote is missing in the copy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from muster.checks.addresses import AddressOf, filled
from muster.checks.ages import age_at
from muster.checks.probe import ProbeCheck, ProbeResult
from muster.checks.verdict import Verdict, no_answer, seen_of, unanswered
from muster.plan.checks import DataLossCheck
from muster.plan.durations import format_duration


@dataclass(frozen=True, slots=True)
class Against:
    """What a marker is measured against."""

    reference: datetime | None  # when all recovery points were resolved
    copy_made_at: datetime | None
    copy_names: Collection[str]  # a marker that one of these wrote is the copy's own
    is_latest: bool = False  # the copy came from `latest`: it may hold what was written since


def data_loss_probe(check: DataLossCheck, check_id: str, address_of: AddressOf) -> ProbeCheck:
    """What the probe is asked; raises NoAddress."""
    url = filled(check.url, address_of)
    return ProbeCheck(check_id, "data_loss", url=url, within=check.within)


def judge_data_loss(check: DataLossCheck, result: ProbeResult | None, against: Against) -> Verdict:
    """Reference instant minus the newest marker that production wrote.

    A marker that is younger than the copy, or that a copy wrote, shows nothing about production,
    and one that is younger than the points were shows that clocks differ: not evidenced.
    """
    if verdict := unanswered(result):
        return verdict
    assert result is not None  # noqa: S101 - `unanswered` says so
    if not result.ok:
        how = result.detail.get("how")
        return no_answer(f"no marker was read from {check.url}: {how}", **seen_of(result))
    written = instant_in(result.detail.get("written_at"))
    if written is None or against.reference is None or against.copy_made_at is None:
        why = "the marker's time stamp" if written is None else "the instant to measure against"
        return no_answer(f"{why} is missing or no UTC instant", **seen_of(result))
    writer = str(result.detail.get("writer") or "")
    if why := _not_productions(written, writer, against):
        return no_answer(why, **seen_of(result))
    loss = _loss(written, against)
    if loss is None:
        ahead = format_duration(written - against.reference)
        why = (
            f"the newest marker is dated {ahead} after the recovery points were resolved, which "
            "no copy of them can hold: the clocks of production and of this machine differ"
        )
        return no_answer(why, **{**seen_of(result), "written_at": _text(written)})
    evidence = {
        **seen_of(result),
        "written_at": _text(written),
        "writer": writer,
        "reference": _text(against.reference),
        "loss_seconds": loss.total_seconds(),
    }
    said = f"{format_duration(loss)} of data, at most {format_duration(check.at_most)} allowed"
    if loss <= check.at_most:
        return Verdict("passed", f"a failover would have lost {said}", evidence)
    return Verdict("failed", f"a failover would have lost {said}", evidence)


def _loss(written: datetime, against: Against) -> timedelta | None:
    assert against.reference is not None  # noqa: S101 - its caller has looked
    loss = age_at(against.reference, written)
    return timedelta() if loss is None and against.is_latest else loss


def _not_productions(written: datetime, writer: str, against: Against) -> str:
    if writer.casefold() in {name.casefold() for name in against.copy_names}:
        return f"the newest marker was written by the test copy {writer}, not by production"
    if against.copy_made_at is not None and written >= against.copy_made_at:
        return "the newest marker is younger than the test copy, so production did not write it"
    return ""


def instant_in(value: object) -> datetime | None:
    """An instant with a time zone, as UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
