"""Bodies and queries that make no sense get an answer in ARM's words, never a fault of ours."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.simulator.arm import filters, forms
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.shapes import table
from muster.simulator.arm.types import KINDS
from muster.simulator.routes import TABLE

from .asked import COMPUTE, NETWORK, nic, vm
from .conftest import DRILL_NETWORK, SUBSCRIPTION, TARGET, Azure

ODD: tuple[Any, ...] = (None, 7, -1, 0.5, True, "", "x", [], [None], [7], [{}], {}, {"id": 7})
ACCOUNT = (
    f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.Automation/automationAccounts/aa"
)
WEB = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"


def twisted(value: Any, chance: random.Random) -> Any:
    """A body in which something is not what it should be."""
    if chance.random() < 0.12:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: twisted(each, chance) for key, each in value.items()}
    return [twisted(each, chance) for each in value] if isinstance(value, list) else value


def sensible(kind: str) -> dict[str, Any]:
    """A body with every key that the type's form knows."""
    shape = table.shape_of(kind)
    return {"location": "westus2", "tags": {"a": "b"}, "properties": filled(shape.form),
            **{key: filled(form) for key, form in shape.top.items()}}  # fmt: skip


def filled(form: Any) -> Any:
    samples = {str: f"{DRILL_NETWORK}/subnets/alpha", int: 1, float: 1.0, bool: True, object: 1}
    if isinstance(form, dict):
        return {key: filled(inner) for key, inner in form.items() if key is not ...}
    return [filled(form[0])] if isinstance(form, list) else samples[form]


def path_of(kind: str) -> str:
    """Where a resource of a type would be, under parents that exist where there are any."""
    proper = KINDS[kind].type
    namespace, _, words = proper.partition("/")
    parents = {"virtualNetworks": "drill"}
    names = [parents.get(word, "odd") for word in words.split("/")[:-1]]
    pairs = zip(words.split("/"), [*names, "odd"], strict=True)
    return f"{TARGET}/{namespace}/" + "/".join(part for pair in pairs for part in pair)


@pytest.mark.parametrize("seed", range(3))
async def test_no_type_stumbles_over_an_odd_body(azure: Azure, seed: int) -> None:
    operator = await azure.as_("operator")
    chance = random.Random(seed)  # noqa: S311 - which odd bodies, not a secret
    await azure.ask("PUT", f"{NETWORK}/networkSecurityGroups/odd", {"location": "westus2"})
    await azure.ask("PUT", f"{NETWORK}/routeTables/odd", {"location": "westus2"})
    for kind in sorted(KINDS):
        for method in ("PUT", "PATCH"):
            body = twisted(sensible(kind), chance)
            status, told, _ = await azure.ask(method, path_of(kind), body, token=operator)
            assert status < 500 or told["error"]["code"] == "NotImplemented", (kind, body, told)
    await azure.get(f"{SUBSCRIPTION}/resources")


@pytest.mark.parametrize("seed", range(3))
async def test_no_request_of_compute_and_automation_stumbles(azure: Azure, seed: int) -> None:
    operator = await azure.as_("operator")
    chance = random.Random(100 + seed)  # noqa: S311 - which odd bodies, not a secret
    await azure.ask("PUT", f"{NETWORK}/networkInterfaces/n", nic(), token=operator)
    command = {"commandId": "RunShellScript", "script": ["a"], "parameters": [{"name": "a"}]}
    managed = {
        "location": "eastus",
        "properties": {"source": {"script": "a"}, "parameters": [{"name": "a", "value": "b"}]},
    }
    whole = vm(f"{NETWORK}/networkInterfaces/n")
    whole["properties"]["storageProfile"]["dataDisks"] = [
        {"lun": 0, "createOption": "Empty", "diskSizeGB": 8}
    ]
    book = {"location": "westus2", "properties": {"runbookType": "Script", "draft": {}}}
    job = {"properties": {"runbook": {"name": "Register"}, "parameters": {"a": "b"}}}
    rule = {
        "if": {
            "allOf": [{"field": "type", "in": ["a"]}, {"not": {"field": "tags.x", "like": "y"}}]
        },
        "then": {"effect": "deny"},
    }
    policies = f"{SUBSCRIPTION}/providers/Microsoft.Authorization"
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("POST", f"{WEB}/runCommand", command),
        ("PUT", f"{WEB}/runCommands/x", managed),
        ("PATCH", f"{WEB}/runCommands/x", managed),
        ("PUT", f"{COMPUTE}/virtualMachines/odd", whole),
        ("PATCH", WEB, whole),
        ("PUT", f"{ACCOUNT}/runbooks/Odd", book),
        ("PUT", f"{ACCOUNT}/jobs/odd", job),
        ("PUT", f"{ACCOUNT}3", {"location": "westus2"}),
        ("PUT", f"{policies}/policyDefinitions/odd", {"properties": {"policyRule": rule}}),
        ("PUT", f"{policies}/policyAssignments/odd",
         {"properties": {"policyDefinitionId": f"{policies}/policyDefinitions/odd",
                         "notScopes": ["/x"], "parameters": {"a": {"value": 1}}}}),
        ("PUT", f"{policies}/locks/odd", {"properties": {"level": "ReadOnly", "notes": "x"}}),
        ("PUT", f"{SUBSCRIPTION}/resourceGroups/odd", {"location": "westus2", "tags": {"a": "b"}}),
        ("POST", f"{SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability",
         {"name": "abc"}),
    )  # fmt: skip
    for method, path, body in asked:
        for _ in range(6):
            odd = twisted(body, chance)
            status, told, _ = await azure.ask(method, path, odd, token=operator)
            if "locks" in path:
                await azure.ask("DELETE", path, token=operator)
            assert status < 500 or told["error"]["code"] == "NotImplemented", (path, odd, told)


async def test_every_list_answers(azure: Azure) -> None:
    operator = await azure.as_("operator")
    for kind, verb in TABLE:
        if verb != "list" or kind.startswith("microsoft.recoveryservices"):
            continue
        namespace, _, words = kind.partition("/")
        names = {"locations": "eastus", "automationaccounts": "aa", "virtualmachines": "web1"}
        path = "/".join(
            part for word in words.split("/") for part in (word, names.get(word, "none"))
        )
        where = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers"
        if words.startswith("locations") or namespace == "microsoft.resources":
            where = f"{SUBSCRIPTION}/providers"
        path = f"{where}/{namespace}/{path.rpartition('/')[0]}"
        status, told, _ = await azure.ask("GET", path, token=operator)
        assert status in (200, 400, 404, 501), (path, told)


@given(st.text(alphabet="abn'eq ()or,and12.$", max_size=60))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_filter_is_one_or_is_refused(text: str) -> None:
    try:
        found = filters.parse(text)
    except filters.FilterError:
        return
    assert found.lets_through(lambda _, __: ["x"]) in (True, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "id", "name", "properties"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_a_form_fits_or_the_place_is_named(value: Any) -> None:
    form = {"a": [{"id": str, "properties": {"name": int}}], "name": bool, "id": forms.TEXTS}
    refused: AzureError | None = None
    try:
        forms.check(form, value)
    except AzureError as err:
        refused = err
    if refused is None:
        assert value is None or isinstance(value, dict)
    else:
        assert refused.status == 400
        assert "Path 'properties" in refused.message


@given(JSON)
def test_nothing_is_null_once_nulls_are_out(value: Any) -> None:
    def nulls(node: Any) -> bool:
        if isinstance(node, dict):
            return any(each is None or nulls(each) for each in node.values())
        return any(map(nulls, node)) if isinstance(node, list) else False

    assert not nulls(forms.without_nulls(value))
