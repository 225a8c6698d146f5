"""Everything else in ARM by the generic client: resources by id, groups, types, permissions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from muster.clock import Clock
from muster.gateway.api_versions import known_api_version
from muster.gateway.connections import Connections
from muster.gateway.ids import ArmId, parse_id
from muster.gateway.kinds import BadAnswer, Refused, ResourceFailed
from muster.gateway.parse import mapping, parse_resource, rows, text_of, texts
from muster.gateway.retry import REPEATABLE
from muster.gateway.translate import in_our_words, sentence_of
from muster.gateway.values import Json, Permission, Resource
from muster.gateway.waiting import poll_until

EXPECTED = timedelta(seconds=10)  # networks and their parts take seconds
FAILED = frozenset({"failed", "canceled", "cancelled"})
MOST_PAGES = 50
"""Of any list: no reading is without an end, whatever `nextLink` says."""
ONLY_NEW = {"If-None-Match": "*"}
"""Of a PUT: refused with a 412 where something is there. ARM's contract leaves it to each
provider ("ETags for Resources", azure-resource-manager-rpc v1.0/Addendum.md), so it is no proof.
"""
PERMISSIONS = "providers/Microsoft.Authorization/permissions"


class Resources:
    """What the gateway asks of ARM itself."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock
        self._looked_up: dict[str, str] = {}

    async def resource(self, resource_id: str) -> Resource | None:
        arm, version = await self._versioned(resource_id)
        client = self._connections.resources(arm.subscription or "").resources
        with in_our_words(f"Reading {resource_id}"):
            try:
                found = await client.get_by_id(resource_id, api_version=version)
            except ResourceNotFoundError:
                return None
        return parse_resource(found.as_dict())

    async def put_resource(
        self, resource_id: str, body: Json, *, within: timedelta, only_new: bool = False
    ) -> Resource:
        arm, version = await self._versioned(resource_id)
        client = self._connections.resources(arm.subscription or "").resources
        told: dict[str, str] = {}
        # A whole resource may be sent twice, and the SDK's poller would wait on the wall clock.
        options: dict[str, Any] = {
            REPEATABLE: True,
            "polling": False,
            "raw_response_hook": _into(told),
            "headers": ONLY_NEW if only_new else {},
        }
        with in_our_words(f"Creating {resource_id}"):
            await client.begin_create_or_update_by_id(
                resource_id, dict(body), api_version=version, **options
            )
        found = await poll_until(
            self._clock,
            lambda: self.resource(resource_id),
            lambda made: (
                made is not None and _state(made) not in {"updating", "creating", "accepted"}
            ),
            what=f"Creating {resource_id}",
            shown=lambda made: _state(made) if made else "not there yet",
            expected=EXPECTED,
            within=within,
        )
        if found is None or _state(found) in FAILED:
            why = await self._why(told.get("azure-asyncoperation"))
            raise ResourceFailed(
                f"Creating {resource_id} ended as {found and _state(found)}: {why}"
            )
        return found

    async def delete_resource(self, resource_id: str, *, within: timedelta) -> None:
        arm, version = await self._versioned(resource_id)
        client = self._connections.resources(arm.subscription or "").resources
        with in_our_words(f"Deleting {resource_id}"):
            try:
                await client.begin_delete_by_id(resource_id, api_version=version, polling=False)
            except ResourceNotFoundError:
                return
        await poll_until(
            self._clock,
            lambda: self.resource(resource_id),
            lambda left: left is None,
            what=f"Deleting {resource_id}",
            shown=lambda left: _state(left) if left else "gone",
            expected=EXPECTED,
            within=within,
        )

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        arm = parse_id(group_id)
        client = self._connections.resources(arm.subscription or "").resources
        with in_our_words(f"Listing the resources of group {arm.resource_group}"):
            # A group that is not there is no empty group: it proves nothing about what stood in
            # it.
            pages = client.list_by_resource_group(arm.resource_group or "")
            found = [resource.as_dict() async for resource in pages]
        return tuple(parse_resource(raw) for raw in found)

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        client = self._connections.resources(subscription).resources
        with in_our_words(f"Listing all {arm_type} of subscription {subscription}"):
            pages = client.list(filter=f"resourceType eq '{arm_type}'")
            found = [resource.as_dict() async for resource in pages]
        return tuple(parse_resource(raw) for raw in found)

    async def collection(self, path: str) -> tuple[Json, ...]:
        arm_type = type_of_list(path)
        version = known_api_version(arm_type)
        if version is None:
            raise Refused(f"{arm_type} is no list that Muster knows an api-version for")
        bare, _, query = path.partition("?")
        asked = f"{bare}?api-version={version}&{query}" if query else bare
        return tuple(await self._listed(asked, version, f"Listing {bare}"))

    async def subscriptions(self) -> tuple[str, ...]:
        version = known_api_version("Microsoft.Resources/subscriptions") or ""
        found = await self._listed("/subscriptions", version, "Listing our subscriptions")
        return tuple(
            text_of(row.get("subscriptionId"))
            for row in found
            if text_of(row.get("state")).casefold() != "deleted"
        )

    async def permissions(self, scope: str) -> tuple[Permission, ...]:
        path = f"{scope.rstrip('/')}/{PERMISSIONS}"
        version = known_api_version("Microsoft.Authorization/permissions") or ""
        found = await self._listed(path, version, f"Reading our permissions at {scope}")
        keys = ("actions", "notActions")
        if any(not isinstance(row.get(key), list) for row in found for key in keys):
            raise BadAnswer(f"Reading our permissions at {scope}: one does not tell its actions")
        return tuple(
            Permission(texts(row.get("actions")), texts(row.get("notActions"))) for row in found
        )

    async def _listed(self, path: str, version: str, what: str) -> list[Json]:
        """All pages of a list that no SDK client of ours has a method for."""
        following: str | None = path
        found: list[Json] = []
        pages = 0
        while following:
            if (pages := pages + 1) > MOST_PAGES:
                raise Refused(f"{what}: it has more than {MOST_PAGES} pages")
            with in_our_words(what):
                page = await self._connections.get_json(following, version)
            if not isinstance(page.get("value"), list):
                raise BadAnswer(f"{what}: the answer holds no list")
            found += rows(page.get("value"))
            following = page.get("nextLink")
        return found

    async def _versioned(self, resource_id: str) -> tuple[ArmId, str]:
        """The id in parts, and the api-version to ask in: ours, else its provider's newest."""
        arm = parse_id(resource_id)
        key = arm.type.casefold()
        version = known_api_version(key) or self._looked_up.get(key)
        if version is None:
            version = self._looked_up[key] = await self._look_up(arm)
        return arm, version

    async def _look_up(self, arm: ArmId) -> str:
        client = self._connections.resources(arm.subscription or "").providers
        with in_our_words(f"Reading provider {arm.provider}"):
            provider = (await client.get(arm.provider or "")).as_dict()
        wanted = "/".join(arm.types).casefold()
        for kind in rows(provider.get("resourceTypes")):
            if text_of(kind.get("resourceType")).casefold() == wanted:
                versions = texts(kind.get("apiVersions"))
                stable = [version for version in versions if "preview" not in version]
                if stable or versions:
                    return max(stable or versions)
        raise Refused(f"{arm.type} is no type that its provider knows")

    async def _why(self, operation: str | None) -> str:
        """What the operation itself says of its failure."""
        if not operation:
            return "Azure gave no reason"
        with in_our_words("Reading why it failed"):
            status = await self._connections.get_json(operation, "")
        return sentence_of(mapping(status.get("error")))


def type_of_list(path: str) -> str:
    """The type whose list a path is: `{scope}/providers/{namespace}/{type}/{name}/{type}`.

    A subscription's groups are listed without a provider: `{subscription}/resourceGroups`.
    """
    bare = path.partition("?")[0]
    if bare.count("/") == 3 and bare.casefold().endswith("/resourcegroups"):
        return "Microsoft.Resources/resourceGroups"
    words = bare.rpartition("/providers/")[2].split("/")
    return "/".join([words[0], *words[1::2]])


def _state(resource: Resource) -> str:
    """Types without a provisioning state (locks) are there when they are there."""
    return text_of(resource.properties.get("provisioningState") or "Succeeded").casefold()


def _into(told: dict[str, str]) -> Any:
    def keep(response: Any) -> None:
        told.clear()
        headers = response.http_response.headers
        told.update({key.casefold(): value for key, value in headers.items()})

    return keep
