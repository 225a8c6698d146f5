"""Which calls may be sent again, and when: an act only if Azure surely did not take it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.exceptions import (
    DecodeError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
)
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from muster.clock import Clock
from muster.gateway.budget import Budget
from muster.gateway.limits import ACT_PATIENCE
from muster.gateway.readable import is_readable

REPEATABLE = "muster_repeatable"
"""Option of a call: a PUT that may be sent twice, a whole network. All other writes are acts.

Below us, aiohttp sends a GET, PUT or DELETE, never a POST, once more when a connection that it
had kept turns out to be closed. So a PUT always bears a name of ours: twice is the same as once.
"""

PATIENCE = timedelta(minutes=5)  # for all repetitions of one call together, in Azure time
PAUSES = tuple(timedelta(seconds=s) for s in (0.5, 1, 2, 4, 8))
PAUSES_UNREACHED = PAUSES[:3]  # nobody ever answered: a wrong address, so say it soon
TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
EXPIRED = "ExpiredAuthenticationToken"
"""What ARM says of a token that ran out on its way: the call was not looked at, so that an act may
be sent again, too, with the token that is asked for then. Sent on once: a clock that is wrong
does not get better by that.
"""


class RetryPolicy(AsyncHTTPPolicy[Any, Any]):
    """Takes the place of azure-core's: knows acts from reads, and waits in Azure time."""

    def __init__(self, clock: Clock, budget: Budget) -> None:
        super().__init__()
        self._clock = clock
        self._budget = budget

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        repeatable = request.context.options.pop(REPEATABLE, False)
        method = request.http_request.method
        act = method in {"POST", "PUT", "PATCH"} and not repeatable
        request.context["is_act"] = act
        left = ACT_PATIENCE if act else PATIENCE
        tries = 0
        while True:
            began = self._clock.monotonic()
            pause, response, error = await self._once(request, tries, is_act=act)
            if error is not None:
                left -= self._clock.monotonic() - began  # a try that hangs is a wait, too
            if pause is None or pause > left:
                break
            left -= pause
            tries += 1
            if response is not None:
                await response.http_response.close()  # a streamed one would hold its connection
            await self._clock.sleep(pause)
        if error is not None:
            raise error
        if response is None:
            raise AssertionError("a call ended with neither answer nor error")
        return response

    async def _once(
        self, request: PipelineRequest[Any], tries: int, *, is_act: bool
    ) -> tuple[timedelta | None, PipelineResponse[Any, Any] | None, Exception | None]:
        """Send; what came of it, and how long to wait before another try (None: no other)."""
        try:
            response = await self.next.send(request)
        except (ServiceRequestError, ServiceResponseError) as error:
            reached = self._budget.has_answered
            return pause_after_error(error, tries, is_act=is_act, reached=reached), None, error
        except IncompleteReadError as error:  # it broke off in the middle
            again = request.http_request.method == "GET" and tries < len(PAUSES)
            return (PAUSES[tries] if again else None), None, error
        http = response.http_response
        if not await is_readable(request.http_request.method, http):
            pauses = PAUSES if self._budget.has_answered else PAUSES_UNREACHED
            return (pauses[tries] if tries < len(pauses) else None), response, None
        self._budget.has_answered = True
        if tries == 0 and http.status_code == 401 and await _says_expired(http):
            return PAUSES[0], response, None
        pause = pause_after_answer(http.status_code, http.headers, tries, is_act=is_act)
        if http.status_code == 429:
            self._budget.count_throttled()
            wait = retry_after(http.headers) or timedelta(seconds=1)
            self._budget.bucket(request.http_request.method, request.http_request.url).close_for(
                wait
            )
        return pause, response, None


async def _says_expired(http: Any) -> bool:
    """Whether a 401 is about a token that was good once; the body is kept, to be read again."""
    try:
        body: bytes = http.content if http.is_stream_consumed else await http.read()
        return str(json.loads(body)["error"]["code"]) == EXPIRED
    except (
        DecodeError,
        ServiceRequestError,
        ServiceResponseError,
        KeyError,
        TypeError,
        ValueError,
    ):
        return False  # then nobody knows what it was about


def pause_after_answer(status: int, headers: Any, tries: int, *, is_act: bool) -> timedelta | None:
    """How long to wait before sending again; None: not again.

    After a 429 an act may be sent again too, for that one was surely not accepted. A 5xx tells
    nothing about that. A 429 is no failure of the call, others may have spent the budget: it is
    waited out as long as patience lasts, however often it comes.
    """
    if status not in TEMPORARY or (is_act and status != 429):
        return None
    if tries >= len(PAUSES) and status != 429:
        return None
    asked = retry_after(headers)
    return PAUSES[min(tries, len(PAUSES) - 1)] if asked is None else max(asked, PAUSES[0])


def pause_after_error(
    error: Exception, tries: int, *, is_act: bool, reached: bool
) -> timedelta | None:
    """The same for a call that got no answer; a certificate does not get better by waiting.

    Args:
        error: What the SDK raised.
        tries: How often it was sent again already.
        is_act: Sent again only if it surely never left.
        reached: Whether Azure answered before: then it is away for a while, and we are patient.
    """
    if is_about_certificates(error) or (is_act and not (reached and never_sent(error))):
        return None
    if reached:
        return PAUSES[min(tries, len(PAUSES) - 1)]
    pauses = PAUSES_UNREACHED if never_sent(error) else PAUSES
    return pauses[tries] if tries < len(pauses) else None


def retry_after(headers: Any) -> timedelta | None:
    """Retry-After, in seconds or as an HTTP date; None when missing or unreadable.

    Azure's seconds are seconds of Azure time, so a faster clock shortens them. A date is one of
    the clock that wrote it, so it is read beside the answer's own `Date`; ours may be another.
    """
    text = _header(headers, "Retry-After")
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text))
    if (at := _instant(text)) is None:
        return None
    return max(timedelta(), at - (_instant(_header(headers, "Date")) or datetime.now(UTC)))


def _header(headers: Any, name: str) -> str:
    return str(headers.get(name) or headers.get(name.lower()) or "").strip()


def _instant(text: str) -> datetime | None:
    """An HTTP date, aware; None when it is none."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def never_sent(error: BaseException) -> bool:
    """Whether the call surely never left: the connection was not even made."""
    from aiohttp import ClientConnectorError

    if isinstance(error, ServiceRequestTimeoutError):
        return True
    return any(isinstance(cause, ClientConnectorError) for cause in causes_of(error))


def is_about_certificates(error: BaseException) -> bool:
    """Whether TLS refused: the CA is not the one that signed, or the name does not fit."""
    from ssl import SSLCertVerificationError

    from aiohttp import ClientConnectorCertificateError, ClientSSLError

    kinds = (SSLCertVerificationError, ClientConnectorCertificateError, ClientSSLError)
    return any(isinstance(cause, kinds) for cause in causes_of(error))


def causes_of(error: BaseException) -> list[BaseException]:
    """The error and what lies under it, outermost first."""
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or one in found:
            continue
        found.append(one)
        inner = getattr(one, "inner_exception", None)
        todo += [one.__cause__, inner if isinstance(inner, BaseException) else None]
        todo += [arg for arg in one.args if isinstance(arg, BaseException)]
    return found
