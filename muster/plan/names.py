"""What may be a name in a plan."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

TRUTH_WORDS = frozenset(
    {"yes", "no", "on", "off", "true", "false", "null", "none", "~", "y", "n", ""}
)
"""Words that one YAML reader or another takes for a truth value or for nothing."""


def refuse_truth_words(value: Any) -> Any:
    """Names that YAML may take for a truth value or null are refused.

    Raises:
        PydanticCustomError: PLAN-011.
    """
    if (
        value is None
        or isinstance(value, bool)
        or (isinstance(value, str) and value.lower() in TRUTH_WORDS)
    ):
        raise PydanticCustomError(
            "PLAN-011",
            "{text} cannot be a name: YAML readers take it for a truth value or for nothing",
            {"text": repr(value)},
        )
    return value


def refuse_truth_value(value: Any) -> Any:
    """A number is never `true`, though Python takes that for 1.

    Raises:
        PydanticCustomError: PLAN-062.
    """
    if isinstance(value, bool):
        raise PydanticCustomError("PLAN-062", "should be a whole number, found a truth value", {})
    return value


_words = BeforeValidator(refuse_truth_words)

PlanName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,47}$", description="Lower case, digits and dashes."),
    _words,
]
GroupName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,47}$", description="Lower case, digits and dashes."),
    _words,
]
VmName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name of the source VM in Azure."
    ),
    _words,
]
AzureName = Annotated[
    str,
    Field(
        pattern=r"^(/subscriptions/[^\s]+|[A-Za-z0-9_][A-Za-z0-9_.()-]{0,89})$",
        description="A name, or a full ARM id.",
    ),
    _words,
]
