"""The canonical form of a plan and its digest: what exactly ran, whatever its spelling."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from pydantic import ValidationError

from muster.errors import InputError
from muster.plan.codes import hint_for
from muster.plan.model import RecoveryPlan

FORMAT = "muster-plan/1"


def canonical_form(plan: RecoveryPlan, scripts: Mapping[str, str]) -> dict[str, Any]:
    """A plan as a JSON value that is the same for every spelling of it.

    Args:
        plan: The plan, variables replaced.
        scripts: SHA-256 (hex) of every script by the path the plan writes.
    """
    return {
        "format": FORMAT,
        "plan": plan.model_dump(mode="json", by_alias=True),
        "scripts": dict(scripts),
    }


def digest_of(canonical: Mapping[str, Any]) -> str:
    """`sha256:<hex>` of the RFC 8785 form of a canonical plan."""
    return f"sha256:{hashlib.sha256(rfc8785.dumps(dict(canonical))).hexdigest()}"


def plan_from_canonical(canonical: Mapping[str, Any]) -> RecoveryPlan:
    """The plan that a journal holds; variables are not replaced again.

    Raises:
        InputError: PLAN-055, the form is of another version of Muster.
    """
    try:
        if canonical["format"] != FORMAT:
            raise _other_version(str(canonical["format"]))
        return RecoveryPlan.model_validate(canonical["plan"])
    except (KeyError, ValidationError) as err:
        raise _other_version("not readable") from err


def _other_version(found: str) -> InputError:
    message = f"the recorded plan is not of the form {FORMAT}: {found[:40]}"
    return InputError(message, code="PLAN-055", hint=hint_for("PLAN-055"))
