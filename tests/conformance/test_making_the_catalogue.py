"""From samples and recordings to the catalogue, and nothing of their values with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.entries import CATALOGUE, Entry, entry_of, load, save
from tests.conformance.facts import FACT_KEYS
from tests.conformance.make_catalogue import main

VAULT = "/subscriptions/s-1/resourceGroups/g-1/providers/Microsoft.RecoveryServices/vaults/v-1"


def sample(body: Any, **more: Any) -> dict[str, Any]:
    """A sample as the folder holds them."""
    path = f"{VAULT}/replicationFabrics/f-1?api-version=2022-08-01"
    return {
        "source": "somewhere",
        "request": {"method": "GET", "path": path, "body": None},
        "response": {"status": 200, "headers": {"Retry-After": "30"}, "body": body},
    } | more


def written(folder: Path, **samples: Any) -> Path:
    folder.mkdir()
    for name, content in samples.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def made(catalogue: Path) -> dict[str, Entry]:
    return {entry.name: entry for entry in load(catalogue)}


SECRET = st.from_regex(r"[a-z]{8}[0-9]{4}", fullmatch=True)
KEYS = st.sampled_from(["name", "friendlyName", "location", "anything", "targetObjectName"])


@given(st.dictionaries(KEYS, SECRET, min_size=1), SECRET)
def test_no_value_of_a_sample_gets_into_its_entry(body: dict[str, str], fabric: str) -> None:
    told = sample({"id": f"{VAULT}/replicationFabrics/{fabric}", "properties": body})
    text = repr(entry_of("one", told, "recorded").body)
    assert [value for value in (*body.values(), fabric) if value in text] == []


@pytest.mark.parametrize("entry", load(), ids=lambda entry: entry.name)
def test_every_word_in_the_catalogue_stands_under_a_key_that_is_azures(entry: Entry) -> None:
    ruled = {"name", "friendlyName", "taskId", "groupId"}  # decided by what stands beside them

    def keys_with_words(shape: Any, key: str = "") -> set[str]:
        if isinstance(shape, dict):
            return {
                found
                for name, each in shape.items()
                for found in keys_with_words(each, name.removesuffix("?"))
            }
        if isinstance(shape, list):
            return {found for each in shape for found in keys_with_words(each, key)}
        words = isinstance(shape, str) and shape.startswith("'") and not shape[1].isdigit()
        return {key} if words else set()

    found = keys_with_words(entry.body) | keys_with_words(entry.request)
    assert found <= FACT_KEYS | ruled


def test_a_sample_becomes_an_entry_of_its_name(tmp_path: Path) -> None:
    body = {"id": f"{VAULT}/replicationFabrics/f-1", "properties": {"health": "Normal"}}
    folder = written(tmp_path / "samples", fabric_get=sample(body), spec_other=sample(None))
    assert main([str(folder), "--catalogue", str(tmp_path / "made")]) == 0
    entry = made(tmp_path / "made")["fabric_get"]
    assert (entry.rests, entry.source, entry.status) == ("recorded", "somewhere", 200)
    assert (entry.operation, entry.api_version) == ("GET {v}/replicationFabrics/{}", "2022-08-01")
    assert (entry.request, entry.headers) == (None, {"Retry-After": "digits"})
    assert entry.body == {
        "id": "{v}/replicationFabrics/{}",
        "properties": {"health": "'Normal'"},
    }
    assert made(tmp_path / "made")["spec_other"].rests == "from the specification"


def test_a_name_that_would_survive_stops_the_making(tmp_path: Path) -> None:
    body = {"id": f"{VAULT}/replicationFabrics/Leaky1", "properties": {"health": "Leaky1"}}
    folder = written(tmp_path / "samples", fabric_get=sample(body))
    with pytest.raises(SystemExit, match=r"fabric_get\.json: values would get .*: Leaky1"):
        main([str(folder), "--catalogue", str(tmp_path / "made")])


def test_recordings_drop_in_as_they_are_and_stay(tmp_path: Path) -> None:
    samples = written(tmp_path / "samples", fabric_get=sample({"id": None}))
    recordings = written(tmp_path / "recordings", item_test_failover=sample({"id": None}))
    catalogue = ["--catalogue", str(tmp_path / "made")]
    main([str(samples), *catalogue])
    main(["--recordings", str(recordings), *catalogue])
    main([str(samples), *catalogue])
    told = {name: entry.rests for name, entry in made(tmp_path / "made").items()}
    assert told == {
        "fabric_get": "recorded",
        "item_test_failover": "recorded at first contact",
    }


def test_a_recording_that_asks_the_same_again_makes_one_entry(tmp_path: Path) -> None:
    asked = {f"{at:04}_get_fabric": sample({"id": None, "name": f"f{at}"}) for at in range(3)}
    other = {"0009_get_fabric": sample({"id": None, "name": None})}
    folder = written(tmp_path / "recordings", **asked, **other)
    main(["--recordings", str(folder), "--catalogue", str(tmp_path / "made")])
    assert sorted(made(tmp_path / "made")) == ["0000_get_fabric", "0009_get_fabric"]


def test_answers_to_one_operation_agree_on_how_their_times_are_written(tmp_path: Path) -> None:
    one, other = "2023-01-16T09:31:29.1388321Z", "2023-01-16T09:31:29.1388320Z"
    folder = written(
        tmp_path / "samples", one=sample({"startTime": one}), other=sample({"startTime": other})
    )
    main([str(folder), "--catalogue", str(tmp_path / "made")])
    told = {entry.body["startTime"] for entry in made(tmp_path / "made").values()}
    assert told == {"time, 7 digits with zeros, Z"}


def test_the_committed_catalogue_is_as_the_script_writes_it(tmp_path: Path) -> None:
    save(load(), tmp_path)
    ours = {path.name: path.read_text() for path in CATALOGUE.glob("*.json")}
    assert {path.name: path.read_text() for path in tmp_path.glob("*.json")} == ours
    assert len(ours) >= 65
