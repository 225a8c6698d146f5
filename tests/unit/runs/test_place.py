"""A cleanup goes where its run worked, or nowhere: elsewhere everything would look clean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from muster.gateway.values import Caller
from muster.journal.events import EventKind
from muster.journal.journal import Journal, read_run
from muster.journal.state import RunState
from muster.journal.stores import DirectoryStore
from muster.runs.cleanup import run_cleanup
from muster.runs.place import address_of, differences, place_of
from muster.runs.same_place import AnotherPlace, require_same_place, require_same_tenant
from muster.settings import Settings, settings_from
from tests.builders import a_plan, plan_data
from tests.fakes.clock import START, VirtualClock
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import world_for
from tests.unit.runs.opening import opened, settings_in, the_plan

AZURE = {"MUSTER_SUBSCRIPTION": "sub-a", "AZURE_TENANT_ID": "tenant-a"}
SIMULATOR = {
    "MUSTER_ARM_ENDPOINT": "https://127.0.0.1:8443",
    "AZURE_AUTHORITY_HOST": "https://127.0.0.1:8443",
    **AZURE,
}


def known(environ: Mapping[str, str], **changes: Any) -> Settings:
    return replace(settings_from(environ), **changes)


def state_of(settings: Settings, **opening: Any) -> RunState:
    opened = {"target": settings.target, "place": place_of(settings, a_plan()), **opening}
    return RunState(run="r1", target=settings.target, opened=opened)


SIM = known(SIMULATOR, private_ca="sha256:aa")
REAL = known(AZURE)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (SIM, replace(SIM, private_ca="sha256:bb"), "certificate authority sha256:aa, now"),
        (SIM, replace(SIM, private_ca=None), "now none"),
        (SIM, replace(SIM, tenant="tenant-b"), "tenant tenant-a, now tenant-b"),
        (SIM, REAL, "these settings name azure"),
        (REAL, SIM, "these settings name simulator"),
        (REAL, replace(REAL, tenant="tenant-b"), "tenant tenant-a, now tenant-b"),
        (
            REAL,
            replace(REAL, arm_endpoint="https://management.usgovcloudapi.net"),
            "host management.azure.com, now management.usgovcloudapi.net",
        ),
        (
            replace(SIM, private_ca=None),
            replace(SIM, private_ca=None, arm_endpoint="https://127.0.0.1:9"),
            "host 127.0.0.1:8443, now 127.0.0.1:9",
        ),
    ],
)
def test_settings_that_lead_elsewhere_are_refused_with_the_difference(was, now, said):
    with pytest.raises(AnotherPlace, match=said) as caught:
        require_same_place(state_of(was), now)
    assert caught.value.shown_code == "RUN-012"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (SIM, SIM),
        (SIM, replace(SIM, arm_endpoint="https://127.0.0.1:9", authority_host="https://h:9")),
        (SIM, replace(SIM, tenant=None)),
        (SIM, replace(SIM, tenant="TENANT-A")),
        (SIM, replace(SIM, subscription="another default")),
        (REAL, replace(REAL, authority_host="https://login.microsoftonline.com/")),
        (REAL, replace(REAL, private_ca="sha256:of a proxy")),
    ],
    ids=["same", "new port", "no tenant", "case", "subscription", "authority", "proxy"],
)
def test_the_same_place_is_known_again(was, now):
    require_same_place(state_of(was), now)
    assert list(differences(address_of(was), address_of(was), target=was.target)) == []


def test_a_run_opened_before_places_were_pinned_is_compared_by_what_it_says():
    old = state_of(SIM, place=None, private_ca="sha256:aa")
    require_same_place(old, SIM)
    with pytest.raises(AnotherPlace):
        require_same_place(old, replace(SIM, private_ca="sha256:bb"))


def test_all_three_subscriptions_are_pinned_as_resolved():
    plan = a_plan()
    assert place_of(REAL, plan)["subscriptions"] == dict.fromkeys(
        ("source", "target", "vault"), "sub-a"
    )
    target = {**plan_data()["target"], "subscription": "7c0e0000-0000-0000-0000-000000000002"}
    other = place_of(REAL, a_plan(target=target))["subscriptions"]
    assert (other["source"], other["target"], other["vault"]) == (
        "sub-a", "7c0e0000-0000-0000-0000-000000000002", "sub-a",
    )  # fmt: skip


class Signed(FakeGateway):
    """A gateway whose token is of one tenant."""

    tenant = "tenant-a"

    async def caller(self) -> Caller:
        return Caller(None, None, self.tenant)


@pytest.mark.parametrize(("tenant", "is_same"), [("TENANT-A", True), ("tenant-b", False)])
async def test_where_settings_name_no_tenant_the_token_does(tenant, is_same):
    gateway = Signed(world_for(a_plan(), START), VirtualClock())
    gateway.tenant = tenant
    nameless = replace(REAL, tenant=None)
    state = state_of(nameless)
    state.caller = {"tenant": "tenant-a"}
    require_same_place(state, nameless)
    if is_same:
        await require_same_tenant(state, nameless, gateway)
        return
    with pytest.raises(AnotherPlace, match="credentials are of tenant-b"):
        await require_same_tenant(state, nameless, gateway)


async def test_a_cleanup_under_anothers_settings_takes_nothing_over(tmp_path: Path) -> None:
    journal: Journal = await opened(tmp_path, "r1", the_plan())
    intended = {"act": "make-network", "subject": "vnet", "not_after": "2026-01-01T00:00:00Z"}
    await journal.append(EventKind.INTENDED, intended, step="isolate")
    elsewhere = replace(settings_in(tmp_path), private_ca="sha256:bb")
    with pytest.raises(AnotherPlace):
        await run_cleanup("r1", elsewhere, why="by hand")
    assert [event.seq for event in read_run(DirectoryStore(tmp_path), "r1")] == [
        event.seq for event in journal.events
    ]
