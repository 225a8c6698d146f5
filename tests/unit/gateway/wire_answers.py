"""What a stub of Azure answers with."""

from __future__ import annotations

from aiohttp import web

from tests.unit.gateway.stub import (
    GUID,
    ITEM,
    Answer,
)

SIGNED = "&t=638780635170864320&c=" + "M" * 1500 + "&s=" + "x" * 900 + "&h=abc"


def accepted(headers: dict[str, str], status: int = 202) -> Answer:
    return lambda request: web.Response(status=status, headers=headers)


def location(request: web.Request, tail: str = SIGNED) -> web.Response:
    path = f"{ITEM.replace('/subscriptions/', '/Subscriptions/')}/operationresults/{GUID}"
    address = f"https://management.azure.com{path}?api-version=2025-08-01{tail}"
    return web.Response(status=202, headers={"Location": address, "Retry-After": "30"})


def says(status: int, body: object) -> Answer:
    return lambda request: web.json_response(body, status=status)
