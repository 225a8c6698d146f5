"""`/metadata/endpoints`: what a client that knows ARM's address alone reads to find the rest.

Anyone may ask, without a sign-in. Keys and forms: from memory, no recording shows them; addresses
of what is not simulated are left out.
"""

from __future__ import annotations

from aiohttp import web

from muster.simulator.arm.errors import AzureError
from muster.simulator.call import version_in
from muster.simulator.counters import note
from muster.simulator.json_types import Json

_LISTED_SINCE, _ALONE_SINCE = "2019-05-01", "2022-09-01"
_AUDIENCES = ("https://management.core.windows.net/", "https://management.azure.com/")


class Clouds:
    """Tells the one cloud there is: this simulator."""

    def __init__(self, endpoint: str, tenant: str) -> None:
        self.endpoint, self.tenant = endpoint, tenant

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/metadata/endpoints", self.endpoints)]

    async def endpoints(self, request: web.Request) -> web.Response:
        """GET: an old form, a list of clouds, or one cloud, by api-version."""
        note("metadata/endpoints")
        version = version_in(request.query)
        if not version:
            message = (
                "The api-version query parameter (?api-version=) is required for all requests."
            )
            error = AzureError(400, "MissingApiVersionParameter", message)
            return web.json_response(error.body(), status=400)
        if version < _LISTED_SINCE:
            return web.json_response({"authentication": self._sign_in()} | _OLD)
        cloud = self._cloud()
        return web.json_response(cloud if version >= _ALONE_SINCE else [cloud])

    def _sign_in(self) -> Json:
        return {"loginEndpoint": f"{self.endpoint}/", "audiences": [*_AUDIENCES, self.endpoint]}

    def _cloud(self) -> Json:
        return {
            "name": "Simulator",
            "resourceManager": f"{self.endpoint}/",
            "authentication": self._sign_in() | {"tenant": self.tenant, "identityProvider": "AAD"},
            "suffixes": {},
        }


_OLD: Json = {"galleryEndpoint": "", "graphEndpoint": "", "portalEndpoint": ""}
