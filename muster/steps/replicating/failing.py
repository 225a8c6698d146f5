"""A job that failed, told with whose it was: the journal knows which was only taken for ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from muster.gateway.ids import key_of
from muster.gateway.values import Job
from muster.steps.act import Sent
from muster.steps.jobs import require_success
from muster.steps.replicating.deed import Deed

JOB_FAILED = "STEP-042"
_DOING = {"created": "Making", "changed": "Changing", "removed": "Removing"}
_OURS = ", which this run sent,"
_TAKEN_FOR_OURS = (
    ", which was taken for this run's as the answer to its own request was lost, and may be "
    "somebody else's,"
)
_ONCE_MORE = (
    "If that job was somebody else's, this run's own request was not taken: run the same command "
    "again."
)


@dataclass(slots=True)
class Tries:
    """What became of sends of one act: jobs that ended and do not count as sent, and those of
    others that were at the same thing, as they ended.
    """

    failed: list[str] = field(default_factory=list)  # ids
    _others: dict[str, Job] = field(default_factory=dict)

    def note(self, others: Sequence[Job]) -> None:
        """Keep jobs of others, so that a later failure names them, too."""
        self._others |= {key_of(job.id): job for job in others}

    @property
    def others(self) -> tuple[Job, ...]:
        """In the order in which they were met."""
        return tuple(self._others.values())


def require_done(deed: Deed, sent: Sent, job: Job, others: Sequence[Job]) -> None:
    """Raise Site Recovery's own cause, with whose the job was, if it failed.

    Args:
        deed: What it was to bring about.
        sent: How the job came to this run.
        job: As it ended.
        others: Jobs of others that were at the same thing, as they ended.

    Raises:
        StepFailed: STEP-042: it did not succeed.
    """
    require_success(
        job,
        f"{_DOING.get(deed.how, 'Making')} the {deed.title}",
        JOB_FAILED,
        whose=_TAKEN_FOR_OURS if sent.adopted else _OURS,
        besides=" ".join(_told(deed, other) for other in others),
        then=_ONCE_MORE if sent.adopted else "",
    )


def _told(deed: Deed, other: Job) -> str:
    said = f" ({other.errors[0].code}: {other.errors[0].message})" if other.errors else ""
    about = deed.about or deed.title
    return f"Another job of {about} at the same time, {other.name}, is {other.state}{said}."
