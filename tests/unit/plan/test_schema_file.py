"""The schema that editors use agrees with the model, and the committed file with the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from muster.plan.findings import Findings
from muster.plan.lines import plain
from muster.plan.reader import compose
from muster.plan.schema import SCHEMA_FILE, plan_schema, schema_text, write_schema
from tests.unit.plan.broken_plans import CASES, VALID, Case


def read(text: str) -> Any:
    """A plan's text as an editor sees it."""
    root = compose(text, {}, Findings("plan.yaml"))
    assert root is not None
    return plain(root)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = plan_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_committed_file_is_fresh() -> None:
    message = "stale: run `python -m muster.plan.schema`"
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), message


def test_writing_the_file(tmp_path: Path) -> None:
    write_schema(tmp_path / "schema.json")
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", ["contoso-erp", "fabrikam-shop"])
def test_the_committed_plans_are_valid(name: str, validator: Draft202012Validator) -> None:
    plan = read(Path(f"recovery_plans/{name}.yaml").read_text())
    assert [error.message for error in validator.iter_errors(plan)] == []


def test_variables_are_valid(validator: Draft202012Validator) -> None:
    text = VALID.replace("rto: 30m", "rto: '${RTO}'").replace("region: westus2", "region: '${R}'")
    plan = YAML(typ="safe", pure=True).load(text)
    assert list(validator.iter_errors(plan)) == []


SHAPE = {"PLAN-031", "PLAN-032", "PLAN-033", "PLAN-060", "PLAN-061", "PLAN-063", "PLAN-064"}
SHAPE |= {"PLAN-065"}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if {line.split()[1] for line in case.expected.split("\n")} <= SHAPE],
    ids=lambda case: case.what,
)
def test_an_editor_marks_mistakes_of_shape(case: Case, validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(read(case.text))) != []


def test_optional_keys_are_left_out_and_defaults_read_like_a_plan() -> None:
    assert '"null"' not in schema_text()
    assert '"default": "PT' not in schema_text()
