"""Every error of ours: a sentence, a stable code, a hint, an exit code. Imports nothing ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

EXIT_OK = 0
EXIT_FAILED = 1  # an objective or a check failed, or a record was tampered with
EXIT_BAD_INPUT = 2  # nothing was sent to Azure
EXIT_AZURE = 3  # Azure said no, or said nothing
EXIT_LEFT_OVERS = 4
EXIT_ABORTED = 5
EXIT_INTERRUPTED = 130


class MusterError(Exception):
    """Base of every error that reaches a person.

    Args:
        message: What happened, where (file:line, VM, step) and why, as a sentence.
        code: Overrides the class's stable code.
        hint: Overrides the class's hint: what to do now.
    """

    code: ClassVar[str] = "MUSTER-000"
    hint: ClassVar[str] = "Please report this: it has no code of its own yet."
    exit_code: ClassVar[int] = EXIT_FAILED

    def __init__(self, message: str, *, code: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.shown_code = code or self.code
        self.shown_hint = hint or self.hint

    def __str__(self) -> str:
        return f"[{self.shown_code}] {self.message} -- {self.shown_hint}"

    def as_data(self) -> dict[str, str]:
        """The error as journal and `--json` carry it."""
        return {"code": self.shown_code, "message": self.message, "hint": self.shown_hint}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file a person wrote."""

    file: str
    line: int  # 1-based
    code: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: [{self.code}] {self.message} -- {self.hint}"

    def as_data(self) -> dict[str, str | int]:
        return asdict(self)


class PlanError(MusterError):
    """A plan that does not load; carries every problem at once. Nothing was sent."""

    code = "PLAN-000"
    hint = "Mend every line named above, then run `muster check` again."
    exit_code = EXIT_BAD_INPUT

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the recovery plan")

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class InputError(MusterError):
    """Something a person typed or set cannot be used. Nothing was sent."""

    code = "INPUT-001"
    hint = "See `muster COMMAND --help` for what is accepted."
    exit_code = EXIT_BAD_INPUT


class SettingsError(InputError):
    code = "SET-001"
    hint = (
        "Set the variable named above (docs/reference/settings.md), "
        "or source the simulator's `simulator.env`."
    )


class GatewayError(MusterError):
    """Azure said no, or said nothing."""

    code = "AZ-000"
    hint = "Read Azure's own words above; `muster report RUN` keeps the whole answer."
    exit_code = EXIT_AZURE


class PreflightFailed(MusterError):
    """What was found before the first act does not permit a drill."""

    code = "PRE-000"
    hint = "Mend what the failed preflight checks name; each says how."
    exit_code = EXIT_FAILED


class IsolationRefused(MusterError):
    """The drill network reaches, or may reach, something of production (safety rule 2)."""

    code = "ISO-001"
    hint = (
        "Remove the hop that is named, or let Muster make the network: "
        "`drill: {network: {create: NAME}}`."
    )
    exit_code = EXIT_AZURE


class StepFailed(MusterError):
    """A step did not reach what it wanted: a job failed, a VM never booted, a check failed."""

    code = "STEP-000"
    hint = "The report shows what was seen; the drill's copies were cleaned up."
    exit_code = EXIT_FAILED


class WaitEnded(StepFailed):
    """A bounded wait came to its end before the world was as wanted."""

    code = "STEP-001"
    hint = (
        "Look at the last state that was seen; raise the timeout in the plan "
        "only if it was still moving."
    )


class LeftOvers(MusterError):
    """The inventory shows things of this drill that are still there."""

    code = "CLEAN-001"
    hint = (
        "The record closes with them named. Remove them by hand: a copy by its item's "
        "`Cleanup test failover` in the vault, all else by the ids named."
    )
    exit_code = EXIT_LEFT_OVERS


class Aborted(MusterError):
    code = "RUN-005"
    hint = "Somebody, or a question's default, ended this run; the report says who and when."
    exit_code = EXIT_ABORTED


class JournalError(MusterError):
    """The journal cannot be read, written or trusted."""

    code = "JRN-000"
    hint = "Run `muster verify RUN` to see where the journal breaks."
    exit_code = EXIT_FAILED


class SegmentTaken(JournalError):
    """Another process appended first: this one no longer owns the run and stops."""

    code = "JRN-001"
    hint = "Another process took this run over; follow it with `muster status RUN`."


class Tampered(JournalError):
    code = "JRN-002"
    hint = (
        "Put the file back from another copy of the evidence (`muster verify RUN` names it): this "
        "one was changed after it was written. Where the run's signed head says that it was "
        "closed, new runs of the plan begin beside it all the same."
    )


class RunClosed(JournalError):
    code = "JRN-003"
    hint = "A closed run is evidence and stays as it is; start a new one."
    exit_code = EXIT_BAD_INPUT


class RunNotFound(JournalError):
    code = "JRN-004"
    hint = "`muster status` lists the runs of this journal."
    exit_code = EXIT_BAD_INPUT


class NotOwned(MusterError):
    """An act was about to touch what this run did not make (safety rule 1). It was not sent."""

    code = "SAFE-001"
    hint = "This is a guard of Muster, not of your plan: please report it with the run's id."
    exit_code = EXIT_FAILED
