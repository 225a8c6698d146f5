"""Somebody else who looks at, and works in, the simulated Azure: bare HTTPS, no Muster in it."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.rehearsal.worlds import VAULT_GROUP, World, group_id
from tests.waiting import wait_until

Json = dict[str, Any]
VERSIONS = {
    "microsoft.recoveryservices": "2025-08-01",
    "microsoft.network": "2024-05-01",
    "microsoft.compute": "2024-07-01",
    "microsoft.automation": "2023-11-01",
    "": "2021-04-01",
}
FABRIC = "replicationFabrics"


class Answer(NamedTuple):
    """What came over the wire."""

    status: int
    body: Any


class Onlooker:
    """One identity of the world, with a connection of its own."""

    def __init__(self, settings: Mapping[str, str], world: World, identity: str) -> None:
        self._settings = dict(settings)
        self._world = world
        self._who = next(one for one in world["identities"] if one["name"] == identity)
        context = ssl.create_default_context(cafile=settings["MUSTER_CA_FILE"])
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        self._token: tuple[float, str] = (0.0, "")

    # -- the wire -----------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Json | None = None, query: str = "") -> Answer:
        """Call Azure Resource Manager; whatever it answers is an answer."""
        namespace = path.lower().rpartition("/providers/")[2].partition("/")[0]
        version = VERSIONS.get(namespace if "/providers/" in path.lower() else "", "2021-04-01")
        url = f"{self._settings['MUSTER_ARM_ENDPOINT']}{urllib.parse.quote(path)}"
        return self._ask(method, f"{url}?api-version={version}{query}", body)

    def get(self, path: str, query: str = "") -> Any:
        answer = self.call("GET", path, query=query)
        assert answer.status == 200, f"GET {path}: {answer}"
        return answer.body

    def list(self, path: str) -> list[Json]:
        found = self.get(path)
        assert not found.get("nextLink"), f"{path} has more pages"
        return list(found["value"])

    def _ask(self, method: str, url: str, body: Json | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        data = None
        if body is not None or method == "POST":
            headers["Content-Type"] = "application/json"
            data = json.dumps(body or {}).encode()
        request = urllib.request.Request(  # noqa: S310  the simulator's, over HTTPS
            url, data=data, headers=headers, method=method
        )
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=20) as response:
                return Answer(response.status, _value(response.read()))
        except urllib.error.HTTPError as err:
            with err:
                return Answer(err.code, _value(err.read()))

    def _bearer(self) -> str:
        until, token = self._token
        if time.time() < until:
            return token
        form = {
            "grant_type": "client_credentials",
            "client_id": self._who["client_id"],
            "client_secret": self._who["secret"],
            "scope": f"{self._settings['MUSTER_ARM_ENDPOINT']}/.default",
        }
        url = f"{self._settings['AZURE_AUTHORITY_HOST']}/{self._world['tenant']}/oauth2/v2.0/token"
        request = urllib.request.Request(  # noqa: S310  the simulator's, over HTTPS
            url, data=urllib.parse.urlencode(form).encode()
        )
        answer = self._open(request)
        assert answer.status == 200, answer
        self._token = (time.time() + answer.body["expires_in"] / 2, answer.body["access_token"])
        return self._token[1]

    # -- what is there ------------------------------------------------------------------------

    @property
    def target(self) -> str:
        return group_id(self._world, self._world["vaults"][0]["target"]["group"])

    @property
    def vault(self) -> str:
        vault = self._world["vaults"][0]
        group = group_id(self._world, vault["group"])
        return f"{group}/providers/Microsoft.RecoveryServices/vaults/{vault['name']}"

    def resources(self, group: str | None = None) -> dict[str, Json]:
        """Everything in a resource group (the target's, unless named), by id in small letters."""
        listed = self.list(f"{group or self.target}/resources")
        return {one["id"].lower(): one for one in listed}

    def items(self) -> dict[str, Json]:
        """Protected items by the name of their VM."""
        listed = self.list(f"{self.vault}/replicationProtectedItems")
        return {one["properties"]["friendlyName"]: one for one in listed}

    def is_pending(self, vm: str) -> bool:
        return vm in self.pending()

    def pending(self) -> set[str]:
        """VMs of which a test failover is under way, up, or being cleaned up."""
        return {vm for vm, item in self.items().items() if _is_pending(item["properties"])}

    def jobs(self, scenario: str = "") -> list[Json]:
        """Site Recovery's jobs, of one scenario or all."""
        listed = self.list(f"{self.vault}/replicationJobs")
        return [one for one in listed if scenario in ("", one["properties"]["scenarioName"])]

    def runbook_jobs(self, account: str = "aa-dr-drill") -> list[str]:
        """Names of the runbooks that jobs were started of."""
        group = group_id(self._world, VAULT_GROUP)
        path = f"{group}/providers/Microsoft.Automation/automationAccounts/{account}/jobs"
        return [one["properties"]["runbook"]["name"] for one in self.list(path)]

    # -- what somebody else does --------------------------------------------------------------

    def begin_failover_test(self, vm: str, network: str) -> None:
        """Start a test failover by hand, as a colleague in the portal does, and see it through."""
        properties = {
            "networkId": network,
            "networkType": "VmNetworkAsInput",
            "failoverDirection": "PrimaryToRecovery",
            "providerSpecificDetails": {"instanceType": "A2A"},
        }
        path = f"{self.items()[vm]['id']}/testFailover"
        answer = self.call("POST", path, {"properties": properties})
        assert answer.status == 202, answer
        wait_until(
            lambda: "TestFailoverCleanup" in self.items()[vm]["properties"]["allowedOperations"],
            30,
            f"the test failover of {vm}",
        )

    def clean_failover_test(self, vm: str) -> None:
        path = f"{self.items()[vm]['id']}/testFailoverCleanup"
        answer = self.call("POST", path, {"properties": {"comments": "done"}})
        assert answer.status == 202, answer
        wait_until(lambda: not self.is_pending(vm), 30, f"the cleanup of {vm}")

    def make_nic(self, name: str, network: str, subnet: str) -> str:
        """Put a network card into a network; answers its id."""
        nic = f"{self.target}/providers/Microsoft.Network/networkInterfaces/{name}"
        config = {
            "name": "ipconfig1",
            "properties": {
                "subnet": {"id": f"{network}/subnets/{subnet}"},
                "privateIPAllocationMethod": "Dynamic",
            },
        }
        body = {"location": "westus2", "properties": {"ipConfigurations": [config]}}
        answer = self.call("PUT", nic, body)
        assert answer.status in (200, 201), answer
        return nic

    def remove(self, resource_id: str) -> None:
        answer = self.call("DELETE", resource_id)
        assert answer.status in (200, 202, 204), answer
        wait_until(
            lambda: self.call("GET", resource_id).status == 404, 30, f"{resource_id} to be gone"
        )


def _is_pending(properties: Json) -> bool:
    state = properties["testFailoverState"]
    return state not in (None, "", "None") or "TestFailover" not in properties["allowedOperations"]


def _value(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")
