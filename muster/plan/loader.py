"""The only reader of recovery plans: a file becomes a plan, or every problem with its line."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from muster.clock import clock_from
from muster.errors import InputError, PlanError, Problem
from muster.plan.digest import canonical_form, digest_of, plan_from_canonical
from muster.plan.faults import note_faults
from muster.plan.findings import Findings
from muster.plan.lines import plain
from muster.plan.model import RecoveryPlan
from muster.plan.outline import outline_of
from muster.plan.reader import compose, read_text
from muster.plan.rules import judge
from muster.plan.scripts import Scripts


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan that may be run, and what names exactly what it says."""

    plan: RecoveryPlan
    path: Path
    digest: str  # `sha256:<hex>` of `canonical`
    scripts: dict[str, str]  # path as the plan writes it -> SHA-256, hex
    canonical: dict[str, Any]  # JSON value; `plan_from_canonical` reads it back

    def script(self, file: str) -> str:
        """The text of one of its scripts.

        Raises:
            InputError: PLAN-034, the file is gone or is not what was loaded.
        """
        try:
            content = (self.path.parent / file).read_bytes()
        except OSError as err:
            raise _changed(file, "can no longer be read") from err
        if hashlib.sha256(content).hexdigest() != self.scripts.get(file):
            raise _changed(file, "is not the script that was loaded with the plan")
        return content.decode("utf-8")


class Reading(NamedTuple):
    """What came of reading a plan: `loaded` is None as soon as there is one problem."""

    loaded: LoadedPlan | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load_plan(path: Path, environment: AnyMapping[str, str] | None = None) -> LoadedPlan:
    """Read a plan that is to be run.

    Args:
        path: The YAML file.
        environment: What `${NAME}` is replaced from; the process's environment by default.

    Raises:
        PlanError: With every problem of the file at once; nothing was sent.
    """
    loaded, problems, _ = read_plan(path, environment)
    if loaded is None:
        raise PlanError(problems)
    return loaded


def read_plan(path: Path, environment: AnyMapping[str, str] | None = None) -> Reading:
    """Read a plan for `muster check`: never raises for what is in the file."""
    findings = Findings(str(path))
    loaded = _read(path, os.environ if environment is None else environment, findings)
    problems = findings.all_problems()
    return Reading(None if problems else loaded, problems, findings.all_warnings())


def _read(path: Path, environment: AnyMapping[str, str], findings: Findings) -> LoadedPlan | None:
    text = read_text(path, findings)
    root = None if text is None else compose(text, environment, findings)
    if root is None:
        return None
    scripts = Scripts(path.parent)
    judge(outline_of(root), path.stem, scripts, clock_from().now(), findings)
    try:
        plan = RecoveryPlan.model_validate(plain(root))
    except ValidationError as err:
        note_faults(err, root, findings)
        return None
    canonical = canonical_form(plan, scripts.digests)
    return LoadedPlan(plan, path, digest_of(canonical), scripts.digests, canonical)


def find_plan(name_or_path: str, folder: Path) -> Path:
    """The file of a plan named by its name (`contoso-erp`) or by a path.

    Raises:
        InputError: There is no such plan; close names are listed.
    """
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path or os.sep in name_or_path:
        path = Path(name_or_path)
        if path.exists():
            return path
    elif (path := folder / f"{name_or_path}.yaml").exists():
        return path
    known = sorted(one.stem for one in folder.glob("*.yaml"))
    close = get_close_matches(Path(name_or_path).stem, known, n=3) or known[:10]
    hint = f"Did you mean: {', '.join(close)}?" if close else f"There are no plans in {folder}."
    raise InputError(f"there is no recovery plan '{name_or_path}'", code="INPUT-002", hint=hint)


def _changed(file: str, what: str) -> InputError:
    hint = "Put the script back, or start a new run with the plan as it is now."
    return InputError(f"script '{file}' {what}", code="PLAN-034", hint=hint)


__all__ = ["LoadedPlan", "Reading", "find_plan", "load_plan", "plan_from_canonical", "read_plan"]
