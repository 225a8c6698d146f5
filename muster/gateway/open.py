"""How everybody else gets a gateway; the SDKs cost most of a second, so they come in late."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muster.gateway.port import Gateway
    from muster.gateway.road import Road
    from muster.gateway.wire import Wire
    from muster.settings import Settings


def open_wire(settings: Settings) -> Wire:
    """Make a way to ask ARM anything, to be opened with `async with`.

    Raises:
        SettingsError: As `open_gateway`.
    """
    from muster.gateway.wire import Wire

    return Wire(settings)


def open_gateway(settings: Settings, road: Road | None = None) -> Gateway:
    """Make a gateway to what the settings name, to be opened with `async with`.

    Args:
        settings: Where Azure is.
        road: How to get there; over HTTPS by default.

    Raises:
        SettingsError: The endpoint is not Azure's, but the authority would be.
    """
    from muster.gateway.azure import AzureGateway

    return AzureGateway(settings, road)
