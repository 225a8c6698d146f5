"""What was found wrong with a plan, collected while it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from muster.errors import Problem
from muster.plan.codes import hint_for

_SUGGEST_AMONG = 200  # a file of thousands of wrong names must still be answered at once
_SUGGEST_AT_MOST = 100


@dataclass(slots=True)
class Findings:
    """Problems (the plan does not load) and warnings (it does)."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    _suggested: int = 0

    def problem(self, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(self.file, line, code, message, hint_for(code)))

    def warn(self, line: int, code: str, message: str) -> None:
        self.warnings.append(Problem(self.file, line, code, message, hint_for(code)))

    def suggestion(self, word: str, known: Iterable[str]) -> str:
        """` (did you mean 'x'?)`, or nothing if no known word is close."""
        if self._suggested >= _SUGGEST_AT_MOST:
            return ""
        self._suggested += 1
        by_folded = {name.casefold(): name for name in list(known)[:_SUGGEST_AMONG]}
        close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
        return self.asked_for(by_folded[close[0]] if close else None)

    @staticmethod
    def asked_for(word: str | None) -> str:
        """` (did you mean 'x'?)` of a word that was found close; nothing for None."""
        return f" (did you mean '{word}'?)" if word else ""

    def all_problems(self) -> tuple[Problem, ...]:
        """Every problem once, in the order of the file."""
        return _in_order(self.problems)

    def all_warnings(self) -> tuple[Problem, ...]:
        return _in_order(self.warnings)


def _in_order(found: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.line, one.code, one.message)))
