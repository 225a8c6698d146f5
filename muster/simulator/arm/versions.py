"""api-versions, namespaces and types: which requests ARM takes at all, and how it refuses others.

Older and newer api-versions of a known type are served, whether Azure ever had them or not: the
form of an answer hardly depends on it. Refused is what cannot be one: a day that has not come
yet, a preview that is not known, another day of a month in which a version came out (a slip of
the pen, most likely: a rule of ours). The words of the refusals are those of public issue threads
with real answers in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from muster.simulator.arm import locations
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.ids import TYPES, Target
from muster.simulator.call import Call, version_in
from muster.simulator.regions import PUBLIC, as_location

EARLIEST = date(2013, 3, 1)  # the first date in ARM's own list of its versions
_SHAPE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(-preview|-privatepreview|-alpha|-beta)?")
_COMMON = ("2021-04-01", "2022-09-01", "2023-07-01", "2024-03-01", "2025-04-01")
_NAMED: Mapping[str, tuple[str, ...]] = {
    "microsoft.compute": ("2021-07-01", "2022-11-01", "2023-09-01", "2024-07-01", "2025-04-01"),
    "microsoft.network": ("2021-08-01", "2022-09-01", "2023-09-01", "2024-05-01", "2025-01-01"),
    "microsoft.storage": ("2021-09-01", "2022-09-01", "2023-05-01", "2024-01-01", "2025-06-01"),
    "microsoft.automation": ("2020-01-13-preview", "2022-08-08", "2023-11-01", "2024-10-23"),
    "microsoft.recoveryservices": ("2022-08-01", "2023-08-01", "2024-10-01", "2025-08-01"),
    "microsoft.keyvault": ("2021-10-01", "2022-07-01", "2023-07-01", "2024-11-01"),
    "microsoft.authorization": ("2015-07-01", "2016-09-01", "2020-05-01", "2022-04-01"),
    "microsoft.insights": ("2015-04-01",),
}
"""Some of the versions Azure has: those told in lists and refusals (not the only ones served)."""
_PREVIEWS: Mapping[str, tuple[str, ...]] = {
    "microsoft.authorization": (
        "2015-08-01-preview",
        "2018-01-01-preview",
        "2018-09-01-preview",
        "2020-03-01-preview",
        "2020-04-01-preview",
        "2020-08-01-preview",
        "2020-10-01-preview",
        "2021-04-01-preview",
        "2022-05-01-preview",
        "2022-07-01-preview",
    ),
    "microsoft.automation": ("2017-05-15-preview", "2018-06-30-preview", "2020-01-13-preview"),
    "microsoft.storage": ("2018-03-01-preview", "2020-08-01-preview"),
    "microsoft.keyvault": ("2021-06-01-preview", "2021-11-01-preview", "2023-08-01-preview"),
}
"""Previews that SDKs ask for; from memory, not all that Azure has."""
_ARM_ITSELF = "microsoft.resources"
_EXTENSIONS = ("microsoft.authorization", "microsoft.insights")


def known_versions(namespace: str) -> tuple[str, ...]:
    """The api-versions that are told for a namespace, oldest first."""
    return _NAMED.get(namespace.lower(), _COMMON)


def namespaces() -> Mapping[str, str]:
    """The namespaces of all known types in Azure's casing, by their small letters."""
    return _namespaces(len(TYPES))


@lru_cache(maxsize=1)
def _namespaces(_: int) -> Mapping[str, str]:
    """Worked out again when a type was learnt; asked for at every request."""
    found = {kind.partition("/")[0]: proper.partition("/")[0] for kind, proper in TYPES.items()}
    return {key: found[key] for key in sorted(found)}


def demand_readable(query: Mapping[str, str], target: Target) -> None:
    """Refuse what names no version, no namespace or no type. Comes before any permission."""
    version = version_in(query)
    if not version:
        raise bad_request(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if not _SHAPE.fullmatch(version):
        raise _invalid_version(version, target.namespace)
    if target.namespace.lower() not in namespaces():
        raise AzureError(
            404,
            "InvalidResourceNamespace",
            f"The resource namespace '{target.namespace}' is invalid.",
        )
    if not target.types:
        raise unknown_type(target, version)


def demand_served(call: Call) -> None:
    """Refuse an api-version no type can have, and a place there is not."""
    target, version = call.target, call.api_version
    if not _possible(version, target.namespace, call.world.now):
        raise _unserved(target, version, _place(call))
    if target.types[0].lower() == "locations" and target.names:
        place = as_location(target.names[0])
        if place not in locations.known(call.world) and place != "global":
            raise _no_provider(target, version, target.names[0], call)


def unknown_type(target: Target, version: str) -> AzureError:
    """No such type in a namespace that exists."""
    return AzureError(
        404,
        "InvalidResourceType",
        f"The resource type could not be found in the namespace '{target.namespace}' for api "
        f"version '{version}'.",
    )


def no_such_verb(method: str) -> AzureError:
    """A known type that does not know the verb. That it is a 405 is sure, the words are not."""
    return AzureError(
        405,
        "MethodNotAllowed",
        f"The requested resource does not support http method '{method}'.",
    )


def _possible(version: str, namespace: str, now: float) -> bool:
    found = _SHAPE.fullmatch(version)
    if found is None:
        return False
    told = known_versions(namespace)
    if found[4]:
        return version in (*told, *_PREVIEWS.get(namespace.lower(), ()))
    if version not in told and version[:7] in {known[:7] for known in told}:
        return False
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return EARLIEST <= day <= datetime.fromtimestamp(now, UTC).date()


def _unserved(target: Target, version: str, place: str) -> AzureError:
    namespace, kind = target.namespace, "/".join(target.types)
    if namespace.lower() == _ARM_ITSELF:
        return _invalid_version(version, namespace)
    told = known_versions(namespace)
    if namespace.lower() in _EXTENSIONS:
        return AzureError(
            404,
            "InvalidResourceType",
            f"The resource type '{kind}' could not be found in the namespace '{namespace}' for "
            f"api version '{version}'. The supported api-versions are '{','.join(told)}'.",
        )
    return _refused_place(kind, version, place, told, sorted(PUBLIC))


def _no_provider(target: Target, version: str, place: str, call: Call) -> AzureError:
    told = known_versions(target.namespace)
    return _refused_place(
        "/".join(target.types), version, place, told, locations.known(call.world)
    )


def _refused_place(
    kind: str, version: str, place: str, versions: tuple[str, ...], places: list[str]
) -> AzureError:
    return bad_request(
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{place}' and API version "
        f"'{version}' for type '{kind}'. The supported api-versions are "
        f"'{', '.join(versions)}'. The supported locations are '{', '.join(places)}'.",
    )


def _invalid_version(version: str, namespace: str) -> AzureError:
    newest_first = ",".join(reversed(known_versions(namespace)))
    return bad_request(
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. The supported versions are '{newest_first}'.",
    )


def _place(call: Call) -> str:
    """Where the request is about: its body, what it names, or the group it lies in."""
    given: Any = call.body.get("location") if isinstance(call.body, dict) else None
    found = call.world.resource(call.target.path) or call.world.group(call.target) or {}
    return as_location(str(given or found.get("location") or ""))
