"""The SDKs on the wire: what a refusal, a broken answer or a wrong setting becomes."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from aiohttp import web

from muster.errors import EXIT_AZURE, GatewayError, SettingsError
from muster.gateway.kinds import (
    BadAnswer,
    BadCertificate,
    CredentialRefused,
    Forbidden,
    GatewayWaitEnded,
    NoCredential,
    NotFound,
    ResourceFailed,
    ServerError,
    Unreachable,
)
from muster.gateway.open import open_gateway
from tests.unit.gateway.stub import (
    GROUP,
    GUID,
    ITEM,
    NETWORK,
    VAULT,
    Stub,
    arm_error,
    make_certificate,
    running_stub,
)
from tests.unit.gateway.wire_answers import accepted, location, says

HOUR = timedelta(hours=1)


async def test_what_is_not_there_is_none_and_a_list_of_nothing_is_refused(stub: Stub) -> None:
    stub.then(lambda request: arm_error(404, "ResourceGroupNotFound", "no such group"))
    async with open_gateway(stub.settings()) as gateway:
        assert await gateway.vault(VAULT) is None
        assert await gateway.protected_item(ITEM) is None
        assert await gateway.resource(NETWORK) is None
        assert await gateway.job(f"{VAULT.id}/replicationJobs/{GUID}") is None
        await gateway.delete_resource(NETWORK, within=HOUR)
        with pytest.raises(NotFound):
            await gateway.protected_items(VAULT)
        with pytest.raises(NotFound):
            await gateway.resources_of_group(GROUP)


async def test_a_forbidden_act_names_the_action_that_is_missing(stub: Stub) -> None:
    action = "Microsoft.RecoveryServices/vaults/replicationFabrics/testFailover/action"
    text = (
        f"The client 'x' with object id 'y' does not have authorization to perform action "
        f"'{action}' over scope '{ITEM}' or the scope is invalid."
    )
    stub.then(lambda request: arm_error(403, "AuthorizationFailed", text))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(Forbidden) as caught:
            await gateway.start_test_failover(ITEM, NETWORK, None)
    assert caught.value.action == action
    assert caught.value.shown_code == "AZ-403"
    assert action in str(caught.value)
    assert caught.value.exit_code == EXIT_AZURE
    assert not caught.value.maybe_accepted


async def test_site_recoverys_own_cause_and_advice_are_in_the_message(stub: Stub) -> None:
    detail = {
        "code": "ArmResourceDoesNotExist",
        "message": "It is gone.",
        "possibleCauses": "Somebody removed it.",
        "recommendedAction": "Create it again.",
    }
    stub.then(lambda request: arm_error(400, "Bad", "Not now.", details=[detail]))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(GatewayError) as caught:
            await gateway.start_cleanup(ITEM, "")
    for words in ("Not now.", "(Bad)", "Somebody removed it.", "Create it again."):
        assert words in caught.value.message


async def test_a_refused_token_at_arm_is_a_refused_credential(stub: Stub) -> None:
    stub.then(lambda request: arm_error(401, "InvalidAuthenticationToken", "expired"))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(CredentialRefused) as caught:
            await gateway.vault(VAULT)
    assert caught.value.shown_code == "AZ-401"


def ran_out(_: web.Request) -> web.Response:
    return arm_error(401, "ExpiredAuthenticationToken", "earlier than current UTC time")


async def test_a_token_that_ran_out_on_its_way_is_followed_by_a_new_one(stub: Stub) -> None:
    """A 401 tells that the call was not looked at, so an act goes on its way again, too."""
    network = says(200, {"id": NETWORK, "name": "n", "properties": {}})
    stub.then(ran_out, network, ran_out, location)
    async with open_gateway(stub.settings()) as gateway:
        assert await gateway.resource(NETWORK) is not None
        await gateway.start_test_failover(ITEM, NETWORK, None)
    assert [method for method, _ in stub.asked] == ["GET", "GET", "POST", "POST"]


async def test_a_token_that_is_always_too_old_is_told_at_once(stub: Stub) -> None:
    stub.then(ran_out)
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(CredentialRefused):
            await gateway.start_test_failover(ITEM, NETWORK, None)
    assert [method for method, _ in stub.asked] == ["POST", "POST"]


async def test_a_wrong_secret_is_a_refused_credential_and_is_not_shown(stub: Stub) -> None:
    told = {
        "error": "invalid_client",
        "error_description": "AADSTS7000215: Invalid client secret provided.",
    }
    stub.token_answer = says(401, told)
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(CredentialRefused, match="AADSTS7000215") as caught:
            await gateway.vault(VAULT)
    assert "a-secret-never-shown" not in str(caught.value)
    assert stub.asked == []


async def test_no_credential_at_all_is_told(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(NoCredential) as caught:
            await gateway.caller()
    assert "AZURE_CLIENT_SECRET" in caught.value.shown_hint
    # The chain says at length of each of its credentials that it is not set up; names are enough.
    assert "no way to sign in is set up (tried: EnvironmentCredential" in caught.value.message
    assert len(caught.value.message) < 300


async def test_the_caller_is_read_from_the_token(stub: Stub) -> None:
    async with open_gateway(stub.settings()) as gateway:
        caller = await gateway.caller()
    assert (caller.object_id, caller.app_id, caller.tenant) == ("object-1", "app-1", "tenant-1")


async def test_another_ca_is_told_at_once(stub: Stub) -> None:
    other = stub.ca.parent / "other"
    other.mkdir()
    wrong, _ = make_certificate(other)
    async with open_gateway(stub.settings(ca_file=wrong)) as gateway:
        with pytest.raises(BadCertificate) as caught:
            await gateway.vault(VAULT)
    assert "MUSTER_CA_FILE" in caught.value.shown_hint


async def test_another_ca_of_the_endpoint_alone_is_told(stub: Stub) -> None:
    other = stub.ca.parent / "other"
    other.mkdir()
    async with running_stub(other) as stranger:
        async with open_gateway(stub.settings(arm_endpoint=stranger.url)) as gateway:
            assert (await gateway.caller()).app_id == "app-1"  # the authority is the right one
            with pytest.raises(BadCertificate):
                await gateway.vault(VAULT)
        assert stranger.asked == []


async def test_a_file_that_holds_no_certificate_is_told(stub: Stub) -> None:
    empty = stub.ca.parent / "empty.pem"
    empty.write_text("nothing")
    async with open_gateway(stub.settings(ca_file=empty)) as gateway:
        for asking in (gateway.caller(), gateway.vault(VAULT), gateway.subscriptions()):
            with pytest.raises(BadCertificate, match=r"empty\.pem"):
                await asking


async def test_an_endpoint_where_nobody_listens_is_told(stub: Stub, unused_tcp_port: int) -> None:
    nobody = f"https://127.0.0.1:{unused_tcp_port}"
    async with open_gateway(stub.settings(arm_endpoint=nobody)) as gateway:
        with pytest.raises(Unreachable) as caught:
            await gateway.start_cleanup(ITEM, "")
        assert not caught.value.maybe_accepted
    async with open_gateway(stub.settings(arm_endpoint=nobody, authority_host=nobody)) as gateway:
        with pytest.raises(Unreachable, match="authority"):
            await gateway.vault(VAULT)


@pytest.mark.parametrize("status", [200, 502, 418])
async def test_a_page_of_html_is_not_taken_for_azure(stub: Stub, status: int) -> None:
    page = "<html>Proxy says <b>hello</b></html>"
    stub.then(lambda r: web.Response(status=status, text=page, content_type="text/html"))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises((BadAnswer, ServerError)) as caught:
            await gateway.vault(VAULT)
    assert "<html>" not in str(caught.value)


async def test_a_cut_answer_is_not_taken_for_azure(stub: Stub) -> None:
    stub.then(lambda r: web.Response(text='{"value": [', content_type="application/json"))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(BadAnswer):
            await gateway.protected_items(VAULT)


async def test_a_network_is_put_and_waited_for(stub: Stub) -> None:
    making = {"id": NETWORK, "name": "drill", "properties": {"provisioningState": "Updating"}}
    made = {"id": NETWORK, "name": "drill", "properties": {"provisioningState": "Succeeded"}}
    stub.then(
        lambda request: arm_error(503, "Busy", "later"),  # a whole resource may be sent twice
        says(201, making),
        says(200, making),
        says(200, made),
    )
    async with open_gateway(stub.settings()) as gateway:
        network = await gateway.put_resource(NETWORK, {"location": "westus2"}, within=HOUR)
    assert [method for method, _ in stub.asked] == ["PUT", "PUT", "GET", "GET"]
    assert network.properties["provisioningState"] == "Succeeded"


async def test_a_network_that_fails_says_why(stub: Stub) -> None:
    failed = {"id": NETWORK, "name": "drill", "properties": {"provisioningState": "Failed"}}
    operation = {"Azure-AsyncOperation": f"{stub.url}/operations/1?api-version=2024-05-01"}
    why = {"status": "Failed", "error": {"code": "NoRoom", "message": "The range is taken."}}
    stub.then(
        lambda request: web.json_response(failed, status=201, headers=operation),
        says(200, failed),
        says(200, why),
    )
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(ResourceFailed, match="The range is taken"):
            await gateway.put_resource(NETWORK, {}, within=HOUR)


async def test_a_deletion_that_never_ends_is_bounded(stub: Stub) -> None:
    stays = {"id": NETWORK, "name": "drill", "properties": {"provisioningState": "Deleting"}}
    stub.then(accepted({}), says(200, stays))
    async with open_gateway(stub.settings()) as gateway:
        with pytest.raises(GatewayWaitEnded, match="deleting"):
            await gateway.delete_resource(NETWORK, within=timedelta(minutes=2))


async def test_permissions_follow_the_next_page_but_never_to_another_host(stub: Stub) -> None:
    page = {"value": [{"actions": ["*/read"], "notActions": []}]}
    second = f"{stub.url}/next?api-version=2022-04-01&$skiptoken=2"
    stub.then(says(200, page | {"nextLink": second}), says(200, page))
    async with open_gateway(stub.settings()) as gateway:
        assert len(await gateway.permissions(GROUP)) == 2
        stub.then(says(200, page | {"nextLink": "https://evil.example/next?x=1"}))
        with pytest.raises(BadAnswer, match="another host"):
            await gateway.permissions(GROUP)


async def test_an_unknown_type_is_asked_in_the_newest_stable_version_of_its_provider(
    stub: Stub,
) -> None:
    kind = {
        "resourceType": "things",
        "apiVersions": ["2030-01-01-preview", "2024-02-02", "2019-1"],
    }
    versions: list[str] = []

    def thing(request: web.Request) -> web.Response:
        versions.append(request.query["api-version"])
        return web.json_response({"id": "/x", "name": "t", "type": "Contoso.New/things"})

    stub.then(says(200, {"namespace": "Contoso.New", "resourceTypes": [kind]}), thing)
    async with open_gateway(stub.settings()) as gateway:
        for _ in range(2):
            assert await gateway.resource(f"{GROUP}/providers/Contoso.New/things/t") is not None
    assert versions == ["2024-02-02", "2024-02-02"]


async def test_a_proxy_of_the_machine_does_not_stand_before_a_simulator(
    stub: Stub, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    stub.then(location)
    async with open_gateway(stub.settings()) as gateway:
        assert (await gateway.start_cleanup(ITEM, "")).job_id.endswith(GUID)


def test_a_kind_of_credential_that_does_not_exist_is_told(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "nonsense")
    with pytest.raises(SettingsError, match="nonsense"):
        open_gateway(stub.settings())


def test_the_port_costs_no_sdk() -> None:
    code = (
        "import sys; import muster.gateway.port, muster.gateway.open, muster.gateway.kinds, "
        "muster.gateway.ids, muster.gateway.limits; "
        "print([m for m in sys.modules if m.startswith(('azure', 'aiohttp'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert told.stdout.strip() == "[]", told.stderr


@pytest.mark.parametrize("authority", [None, "https://login.microsoftonline.com"])
async def test_a_real_token_is_never_asked_for_something_that_is_not_azure(
    stub: Stub, authority: str | None
) -> None:
    with pytest.raises(SettingsError, match="real token"):
        open_gateway(stub.settings(authority_host=authority))
