"""Every method of the Site Recovery SDK is A2A and is called, or is not, and it says why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient
from ruamel.yaml import YAML

from tests.conformance.judged import pending
from tests.conformance.sdk_drive import Sdk
from tests.conformance.story import Story
from tests.conformance.surface import methods_of

pytestmark = pytest.mark.xdist_group("conformance")  # the story is told once
TABLE = YAML(typ="safe").load(Path(__file__).with_name("sdk_surface.yaml"))
A2A = {f"{group}.{name}" for group, names in TABLE["a2a"].items() for name in names}
PENDING = pending()["methods"]


@pytest.fixture(scope="session")
def drive(stories: Mapping[str, Story]) -> Sdk:
    found = stories["sdk"].drive
    assert isinstance(found, Sdk)
    return found


async def every_method() -> set[str]:
    return {method.title for method in await methods_of(SiteRecoveryManagementClient)}


async def excused() -> set[str]:
    return {
        title
        for title in await every_method()
        for name in TABLE["not_a2a"].get(title.partition(".")[0], {})
        if name in ("*", title.partition(".")[2])
    }


async def test_every_method_is_in_one_of_the_two_lists() -> None:
    methods = await every_method()
    assert len(methods) == 154
    assert methods - A2A - await excused() == set()
    assert A2A & await excused() == set()


async def test_the_lists_name_no_method_that_is_not_there() -> None:
    methods = await every_method()
    named = {
        f"{group}.{name}"
        for group, reasons in TABLE["not_a2a"].items()
        for name in reasons
        if name != "*"
    }
    groups = {title.partition(".")[0] for title in methods}
    assert (A2A | named) - methods == set()
    assert set(TABLE["not_a2a"]) - groups == set()


def test_every_method_that_is_a2a_answers(drive: Sdk) -> None:
    assert A2A - drive.answered - set(PENDING) == set()


def test_a_method_that_is_pending_does_not_answer_yet(drive: Sdk) -> None:
    assert set(PENDING) & drive.answered == set(), "take them out of pending.yaml"
    assert set(PENDING) <= A2A


def test_what_is_answered_becomes_a_model_and_the_same_json_again(drive: Sdk) -> None:
    lost = {loss.rpartition(".")[2] for losses in drive.lost.values() for loss in losses}
    known = {
        f"{key}: unknown to {model}"
        for model, each in TABLE["unknown_to_models"].items()
        for key in each["keys"]
    }
    assert lost - known == set()
    assert known - lost == set(), "take them out of sdk_surface.yaml"
    assert drive.judged > 150
