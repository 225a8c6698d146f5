"""What counts as a loss between an answer and the SDK's model of it."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.recoveryservicessiterecovery import models

from tests.conformance.lossless import losses

JOB = {
    "id": "/j",
    "name": "j",
    "properties": {
        "state": "Succeeded",
        "startTime": "2022-10-11T21:54:22.1840891Z",
        "allowedActions": ["Cancel"],
        "tasks": [
            {
                "taskId": "a",
                "startTime": "0001-01-01T00:00:00",
                "customDetails": {"instanceType": "TaskDetails"},
                "errors": [],
            }
        ],
        "customDetails": None,
    },
}


def job(**properties: Any) -> dict[str, Any]:
    return JOB | {"properties": JOB["properties"] | properties}  # type: ignore[operator]


def test_a_whole_answer_loses_nothing() -> None:
    assert losses(models.Job(JOB), JOB) == []


@pytest.mark.parametrize(
    ("properties", "loss"),
    [
        ({"neverSeen": 1}, "properties.neverSeen: unknown to JobProperties"),
        (
            {"startTime": "yesterday"},
            "properties.startTime: str is no ",
        ),
        ({"tasks": {"taskId": "a"}}, "properties: dict is no "),
        (
            {"allowedActions": "Cancel"},
            "properties.allowedActions: str is no ",
        ),
        ({"state": 5}, "properties.state: reads '5'"),
    ],
)
def test_what_a_model_cannot_hold_is_a_loss(properties: dict[str, Any], loss: str) -> None:
    told = job(**properties)
    assert [found for found in losses(models.Job(told), told) if found.startswith(loss)]


def test_a_model_that_says_something_else_is_a_loss() -> None:
    assert "serialised otherwise" in losses(models.Job(JOB), job(state="Failed"))[0]


def test_a_list_that_became_shorter_is_a_loss() -> None:
    assert losses([models.Job(JOB)], [JOB, JOB]) == [": 2 elements became 1"]
