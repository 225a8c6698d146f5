"""What the Azure SDKs can ask: every method of their operation groups, told by themselves.

Each method is called once with made-up names on a transport that notes the request and sends
nothing, so the request that belongs to a method is the one the SDK would send.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import AsyncHttpTransport

from tests.conformance.id_patterns import words_of


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an operation group, and the request it sends."""

    client: type
    group: str  # replication_fabrics
    name: str  # begin_create
    verb: str  # PUT
    words: str  # the path in small letters, every name as {}
    names: int  # how many names it is called with
    body: bool

    @property
    def title(self) -> str:
        return f"{self.group}.{self.name}"


class _CaughtError(Exception):
    def __init__(self, request: Any) -> None:
        self.request = request


class _Catcher(AsyncHttpTransport[Any, Any]):
    async def __aenter__(self) -> _Catcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, request: Any, **_: Any) -> Any:
        raise _CaughtError(request)


class _Anyone:
    async def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken("nobody", 4_000_000_000)


async def methods_of(client: type, groups: Iterable[str] = ()) -> list[Method]:
    """All methods of a client's operation groups, or of some of them."""
    found: list[Method] = []
    made = client(_Anyone(), "0000", base_url="https://arm.example", transport=_Catcher())
    for group, operations in sorted(vars(made).items()):
        if group.startswith("_") or (groups and group not in groups):
            continue
        for name, call in sorted(_callable(operations).items()):
            found.append(await _method(client, group, name, call))
    return found


async def method_for(methods: Mapping[tuple[str, str], Method], verb: str, path: str) -> Method:
    """The method that sends a request. Raises: KeyError if the SDKs have none."""
    return methods[verb, words_of(path)]


def by_request(methods: Iterable[Method]) -> dict[tuple[str, str], Method]:
    return {(method.verb, method.words): method for method in methods}


def _callable(operations: Any) -> dict[str, Callable[..., Any]]:
    return {
        name: getattr(operations, name)
        for name, value in vars(type(operations)).items()
        if not name.startswith("_") and inspect.isfunction(value)
    }


async def _method(client: type, group: str, name: str, call: Callable[..., Any]) -> Method:
    wanted = [
        each
        for each in inspect.signature(call).parameters.values()
        if each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    names = [each for each in wanted if each.annotation in (str, "str")]
    body = len(wanted) > len(names)
    request = await _sent(call, [f"n{at}" for at in range(len(names))], body=body)
    path = request.url.partition("arm.example")[2].partition("?")[0]
    return Method(client, group, name, request.method, words_of(path), len(names), body)


async def _sent(call: Callable[..., Any], names: list[str], *, body: bool) -> Any:
    given: list[Any] = [*names, {}] if body else list(names)
    try:
        asked = call(*given)
        if inspect.isawaitable(asked):
            await asked
        else:
            await anext(aiter(asked))
    except _CaughtError as caught:
        return caught.request
    raise LookupError(f"{call} sent nothing")
