from __future__ import annotations

from datetime import timedelta

import pytest
from azure.core.exceptions import ServiceRequestTimeoutError, ServiceResponseError

from muster.gateway.retry import PAUSES, PAUSES_UNREACHED, pause_after_error

NEVER_SENT = ServiceRequestTimeoutError("no route")
NO_ANSWER = ServiceResponseError("connection reset")


def pause(error: Exception, tries: int, *, is_act: bool = False, reached: bool = False):
    return pause_after_error(error, tries, is_act=is_act, reached=reached)


def test_an_address_that_never_answered_is_told_soon() -> None:
    assert pause(NEVER_SENT, 0) == PAUSES[0]
    assert pause(NEVER_SENT, len(PAUSES_UNREACHED)) is None


@pytest.mark.parametrize("error", [NEVER_SENT, NO_ANSWER])
def test_a_read_waits_for_an_azure_that_answered_before(error: Exception) -> None:
    assert pause(error, 100, reached=True) == PAUSES[-1] >= timedelta(seconds=1)


def test_an_act_is_sent_again_only_if_it_surely_never_left() -> None:
    assert pause(NEVER_SENT, 0, is_act=True, reached=True) == PAUSES[0]
    assert pause(NO_ANSWER, 0, is_act=True, reached=True) is None
    assert pause(NEVER_SENT, 0, is_act=True) is None
