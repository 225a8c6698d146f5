"""Words that no code holds are complete: none missing, none left from what is gone."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from docs.plan_page import definition_of, plan_page
from docs.record_page import SCHEMA
from docs.settings_page import names_in_code
from docs.simulator_page import LEVELS, PARTS
from docs.words import words
from docs.world_schema import described, meanings, schema_text
from muster.plan.schema import plan_schema
from muster.simulator.routes import TABLE
from muster.simulator.spans import built_in
from muster.simulator.worlds.schema import ROOT as WORLD
from muster.simulator.worlds.schema import SCHEMA_FILE, world_schema
from tests.docs.pages import ROOT

PLAN_SCHEMA = plan_schema()
PLAN = words("plan")
KEYS = [(name, key) for name, section in PLAN.items() for key in section["keys"]]


def test_every_key_of_a_plan_has_a_meaning_and_none_is_stale() -> None:
    known = {
        name: set(definition["properties"])
        for name, definition in [("plan", PLAN_SCHEMA), *PLAN_SCHEMA["$defs"].items()]
        if "properties" in definition
    }
    assert {name: set(section["keys"]) for name, section in PLAN.items()} == known


@pytest.mark.parametrize(("name", "key"), KEYS, ids=[f"{name}.{key}" for name, key in KEYS])
def test_the_example_of_a_key_is_valid(name: str, key: str) -> None:
    said = PLAN[name]["keys"][key]
    value: Any = YAML(typ="safe", pure=True).load(said["example"])
    schema = definition_of(PLAN_SCHEMA, name)["properties"][key]
    jsonschema.validate(value, {**schema, "$defs": PLAN_SCHEMA["$defs"]})
    assert said["meaning"] or schema.get("description")


def test_every_field_of_the_record_has_a_meaning_and_none_is_stale() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert set(words("record")) == set(schema["properties"])


def test_every_variable_that_the_code_names_is_explained_and_none_is_stale() -> None:
    explained = {name for section in words("settings").values() for name in section["names"]}
    assert explained == set(names_in_code())


def test_no_variable_is_read_by_a_name_that_is_put_together() -> None:
    """What the test above cannot see."""
    asked = re.compile(r"""(?:environ(?:\.get\(|\[)|getenv\()\s*(?:f["']|[^\s\])]+ ?\+)""")
    files = [p for package in ("muster", "flows", "tasks") for p in (ROOT / package).rglob("*.py")]
    assert asked.search('os.environ.get(f"MUSTER_{name}")')
    assert [str(p) for p in files if asked.search(p.read_text(encoding="utf-8"))] == []


def test_the_levels_that_routes_rest_on_are_explained() -> None:
    assert set(words("simulator")["levels"]) == set(LEVELS)
    assert {route.rests for route in TABLE.values()} <= set(LEVELS)


def test_every_key_of_a_world_has_a_meaning_and_none_is_stale() -> None:
    said = words("simulator")
    known = {part: set(model.model_fields) for part, _, model in PARTS}
    assert {part: set(said[part]) for part in known} == known


def test_every_key_of_the_worlds_schema_has_a_meaning_and_none_is_stale() -> None:
    schema = world_schema()
    known = {WORLD: schema, **schema["$defs"]}
    assert {name: set(said) for name, said in meanings().items()} == {
        name: set(definition["properties"]) for name, definition in known.items()
    }
    described_ = described()
    shown = [described_, *described_["$defs"].values()]
    assert all(key.get("description") for part in shown for key in part["properties"].values())


def test_the_worlds_schema_is_fresh_and_editors_find_it() -> None:
    stale = "stale: run `python -m docs.generate`"
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), stale
    for world in (ROOT / "deployments" / "rehearsal").glob("*.world.yaml"):
        first = world.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (world.parent / first.partition("=")[2]).resolve() == SCHEMA_FILE.resolve()


def test_the_worlds_schema_speaks_as_people_write() -> None:
    schema = world_schema()
    assert schema["$defs"]["VmFacts"]["properties"]["boot"]["default"] == "40s"
    assert schema["$defs"]["PolicyFacts"]["properties"]["keep_recovery_points"]["default"] == "1d"
    assert schema["$defs"]["Bucket"]["properties"]["size"]["type"] == "integer"
    assert [name for name, part in schema["$defs"].items() if "title" in part] == []
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False


def test_every_span_of_the_simulator_says_what_it_is_and_rests_on_something_known() -> None:
    spans = built_in()
    assert [name for name, span in spans.items() if not span.what] == []
    assert {span.rests for span in spans.values()} == {"recorded", "documented", "guess"}
    sure = ("recorded", "documented")
    assert [name for name, one in spans.items() if one.rests in sure and not one.source] == []


def test_no_type_names_one_word_twice() -> None:
    """A zone is written as text or as a number: to a reader that is one word."""
    for line in plan_page().splitlines():
        cells = line.split(" | ")
        words = cells[1].split(", ") if len(cells) > 2 else []
        assert len(words) == len(set(words)), line
