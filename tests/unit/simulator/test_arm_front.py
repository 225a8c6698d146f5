"""What ARM refuses before any provider hears of it: versions, types, verbs and bodies."""

from __future__ import annotations

import io
from typing import Any

import pytest

from .asked import COMPUTE, LOCATIONS, NETWORK, operator
from .conftest import TARGET, VAULT, Azure

TABLE = f"{NETWORK}/routeTables/rt"


async def refusal(azure: Azure, method: str, path: str, version: str = "2024-05-01") -> Any:
    operator = await azure.as_("operator")
    status, body, _ = await azure.ask(method, path, token=operator, version=version)
    return status, body["error"]["code"], body["error"]["message"]


@pytest.mark.parametrize("version", ["", "latest", "2024-05", "2024-05-01-final", "20240501"])
async def test_a_version_that_is_none_is_refused(azure: Azure, version: str) -> None:
    status, code, message = await refusal(azure, "GET", TABLE, version)
    if not version:
        assert (status, code) == (400, "MissingApiVersionParameter")
        assert message.startswith("The api-version query parameter (?api-version=) is required")
    else:
        assert (status, code) == (400, "InvalidApiVersionParameter")
        assert f"The api-version '{version}' is invalid. The supported versions are '" in message


@pytest.mark.parametrize("version", ["2015-06-15", "2019-04-01", "2021-07-31", "2025-10-01"])
async def test_older_and_newer_versions_of_a_known_type_are_accepted(
    azure: Azure, version: str
) -> None:
    drill = f"{NETWORK}/virtualNetworks/drill"
    assert (await azure.ask("GET", drill, version=version))[0] == 200


@pytest.mark.parametrize(
    "version",
    [
        "2011-01-01",
        "2024-13-45",
        "2099-01-01",  # has not come yet
        "2025-01-01-preview",
    ],
)
async def test_a_version_no_type_can_have_is_refused_by_each_kind_in_its_own_words(
    azure: Azure, version: str
) -> None:
    status, code, message = await refusal(
        azure, "GET", f"{NETWORK}/virtualNetworks/drill", version
    )
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert message.startswith(
        "No registered resource provider found for location 'westus2' and API version "
        f"'{version}' for type 'virtualNetworks'. The supported api-versions are '2021-08-01, "
    )
    assert "The supported locations are 'australiacentral, " in message

    group = TARGET.removesuffix("/providers")
    assert (await refusal(azure, "GET", group, version))[:2] == (400, "InvalidApiVersionParameter")

    locks = f"{group}/providers/Microsoft.Authorization/locks"
    status, code, message = await refusal(azure, "GET", locks, version)
    assert (status, code) == (404, "InvalidResourceType")
    assert "The resource type 'locks' could not be found in the namespace" in message
    assert "The supported api-versions are '2015-07-01," in message


async def test_a_place_there_is_not_has_no_provider(azure: Azure) -> None:
    status, code, message = await refusal(azure, "GET", f"{LOCATIONS}/atlantis/usages")
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert "for location 'atlantis' and API version '2024-05-01' for type 'locations/usages'" in (
        message
    )
    body = {"location": "Atlantis", "properties": {}}
    told = await azure.ask("PUT", TABLE, body)
    assert (told[0], told[1]["error"]["code"]) == (400, "LocationNotAvailableForResourceType")
    assert (await azure.ask("PUT", TABLE, body | {"location": "West US 2"}))[0] == 201
    assert (await azure.get(TABLE))["location"] == "westus2"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{TARGET}/Contoso.Widgets/widgets/one", "InvalidResourceNamespace"),
        (f"{TARGET}/Microsoft.Network/flyingCarpets/one", "InvalidResourceType"),
        (f"{TARGET}/Microsoft.Network", "InvalidResourceType"),
        (f"{VAULT}/replicationMiracles", "InvalidResourceType"),
        (f"{TARGET}", "InvalidResourceNamespace"),
    ],
)
async def test_an_unknown_namespace_or_type_is_a_404(azure: Azure, path: str, code: str) -> None:
    for method in ("GET", "PUT", "DELETE", "POST"):
        status, told, message = await refusal(azure, method, path)
        assert (status, told) == (404, code), (method, message)
    if code == "InvalidResourceType" and "flying" in path:
        assert message == (
            "The resource type could not be found in the namespace 'Microsoft.Network' for api "
            "version '2024-05-01'."
        )


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("PATCH", f"{VAULT}/replicationJobs/one", (405, "MethodNotAllowed")),
        ("PUT", f"{NETWORK}/virtualNetworks", (405, "MethodNotAllowed")),
        ("DELETE", f"{LOCATIONS}/westus2/usages", (405, "MethodNotAllowed")),
        ("PUT", f"{NETWORK}/networkInterfaces/one/ipConfigurations/x", (405, "MethodNotAllowed")),
        ("POST", f"{COMPUTE}/virtualMachines/one/fly", (404, "InvalidResourceType")),
        ("POST", f"{COMPUTE}/virtualMachines/one/generalize", (501, "NotImplemented")),
        ("POST", f"{NETWORK}/virtualNetworks/drill", (405, "MethodNotAllowed")),
        ("DELETE", f"{COMPUTE}/virtualMachines", (405, "MethodNotAllowed")),
        ("OPTIONS", f"{NETWORK}/virtualNetworks/drill", (405, "MethodNotAllowed")),
    ],
)
async def test_a_verb_that_a_type_does_not_know(
    azure: Azure, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert (await refusal(azure, method, path))[:2] == expected


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        ("{not json", "application/json", (400, "InvalidRequestContent")),
        ("[1, 2]", "application/json", (400, "InvalidRequestContent")),
        ('"text"', "application/json", (400, "InvalidRequestContent")),
        ('{"location": NaN}', "application/json", (400, "InvalidRequestContent")),
        ("[" * 5000 + "]" * 5000, "application/json", (400, "InvalidRequestContent")),
        ('{"a":' * 70 + "1" + "}" * 70, "application/json", (400, "InvalidRequestContent")),
        (b'{"tags": {"a": "\xff"}}', "application/json", (400, "InvalidRequestContent")),
        (r'{"tags": {"a": "\ud800"}}', "application/json", (400, "InvalidRequestContent")),
        (r'{"location": "westus2", "properties": {"\uDFFF": 1}}', "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": "westus2", "properties": {"a": 9223372036854775808}}', "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": "westus2", "properties": {"a": -' + "9" * 30 + "}}", "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": "westus2", "properties": {"a": ' + "9" * 6000 + "}}", "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": "westus2", "properties": {"a": -1e400}}', "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": "westus2", "properties": 7}', "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": 7}', "application/json", (400, "InvalidRequestContent")),
        ('{"location": "westus2", "tags": {"a": []}}', "application/json",
         (400, "InvalidRequestContent")),
        ('{"location": "westus2", "tags": {"a<b": "c"}}', "application/json",
         (400, "InvalidTagNameCharacters")),
        ("{}", "text/plain", (415, "UnsupportedMediaType")),
        ("{}", "application/x-www-form-urlencoded", (415, "UnsupportedMediaType")),
        ('{"tags": {"a": "' + "x" * 4 * 1024**2 + '"}}', "application/json",
         (413, "RequestContentTooLarge")),
    ],
)  # fmt: skip
async def test_a_body_that_is_no_resource_is_refused(
    azure: Azure, content: str | bytes, kind: str, expected: tuple[int, str]
) -> None:
    await azure.get(VAULT)
    headers = {"Authorization": f"Bearer {azure.token}", "Content-Type": kind}
    data = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    url = f"{azure.endpoint}{TABLE}?api-version=2024-01-01"
    async with azure.http.put(url, data=data, headers=headers) as got:
        assert (got.status, (await got.json())["error"]["code"]) == expected
    assert (await azure.ask("GET", TABLE))[0] == 404


async def test_a_body_without_a_content_type_is_told_so(azure: Azure) -> None:
    await azure.get(VAULT)
    headers = {"Authorization": f"Bearer {azure.token}"}
    url = f"{azure.endpoint}{TABLE}?api-version=2024-01-01"
    async with azure.http.put(
        url, data=b"{}", headers=headers, skip_auto_headers=["Content-Type"]
    ) as got:
        assert (await got.json())["error"]["message"] == (
            "The content media type '<null>' is not supported. Only 'application/json' is "
            "supported."
        )


async def test_who_is_nobody_hears_that_first(azure: Azure) -> None:
    url = f"{azure.endpoint}{TABLE}"
    async with azure.http.put(url, data=b"{nonsense") as got:
        assert got.status == 401


async def test_a_name_no_resource_can_have_is_refused(azure: Azure) -> None:
    admin = await operator(azure)
    body = {"location": "westus2", "properties": {}}
    for name in ("a b", "a%3Fb", "x" * 261):
        path = f"{NETWORK}/routeTables/{name}"
        assert await admin.refused("PUT", path, body) == (400, "InvalidResourceName")
