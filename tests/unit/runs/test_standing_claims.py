"""What a plan's runs claim: of which place, by which names, and once one of them is in doubt."""

from __future__ import annotations

from muster.compile.replicate import compile_replicate
from muster.gateway.values import VaultRef
from muster.journal.journal import Journal
from muster.journal.stores import MemoryStore
from muster.plan.actions import Operation
from muster.replication.claims_made import Doubt
from muster.runs.opening import opened_data
from muster.runs.plans_beside import Beside
from muster.runs.renamed import renamed_of
from muster.runs.request import RunRequest
from muster.runs.standing_claims import Span, Standing, standing_of
from muster.runs.trusted_runs import TrustedRuns
from muster.settings import Settings, settings_from
from tests.builders import a_plan
from tests.fakes.clock import START, VirtualClock
from tests.unit.journal.runs import a_signer
from tests.unit.replication.test_holding_items import enabled
from tests.unit.runs.opening import PLAN_FILE, the_plan

SUBSCRIPTION = "e6772624-7684-4db0-ac35-47a4077a0456"
VAULT = VaultRef(SUBSCRIPTION, "rg-dr", "rsv-contoso")
RENAMED = a_plan().model_copy(update={"plan": "erp-new", "formerly": ("erp",)})


def azure_at(arm_endpoint: str) -> Settings:
    environ = {"MUSTER_ARM_ENDPOINT": arm_endpoint, "MUSTER_SUBSCRIPTION": SUBSCRIPTION}
    return settings_from(environ)


async def a_run(store: MemoryStore, run: str, settings: Settings, plan: str) -> Journal:
    loaded = the_plan()
    request = RunRequest(PLAN_FILE, Operation.REPLICATE, run, vms={})
    data = opened_data(request, loaded, compile_replicate(loaded.plan, []), settings)
    return await Journal.open_run(
        store, VirtualClock(), run=run, plan=plan, operation="replicate", opened=data
    )


async def test_runs_of_the_same_vault_at_another_address_of_azure_are_named():
    store, there = MemoryStore(), azure_at("https://management.azure.com:443/")
    await a_run(store, "r1", there, "contoso-erp")
    elsewhere = azure_at("https://management.chinacloudapi.cn")
    for settings, passed in ((azure_at("https://management.azure.com"), 0), (elsewhere, 1)):
        found = standing_of(store, "contoso-erp", settings, VAULT, is_own=False)
        assert (len(found.passed), found.doubts) == (passed, [])
        other = VaultRef(SUBSCRIPTION, "rg-dr", "rsv-other")
        assert standing_of(store, "contoso-erp", settings, other, is_own=False).passed == []
    assert found.passed[0].startswith("run r1 was passed over: Run r1 was made at another place")


async def test_a_former_name_that_is_in_use_is_not_the_plans():
    store = MemoryStore()
    journal = await a_run(store, "erp-1", azure_at("https://management.azure.com"), "erp")
    runs = TrustedRuns(store)
    renamed = renamed_of(RENAMED, {}, runs, Beside())
    assert (renamed.spans, renamed.others_span("erp")) == ({}, Span())
    assert renamed.refused == ("what erp protects is not taken over: run erp-1 of it is open",)
    await journal.close({"outcome": "passed"}, a_signer())
    assert renamed_of(RENAMED, {}, runs, Beside()).spans == {"erp": Span()}
    (why,) = renamed_of(RENAMED, {}, runs, Beside(stems=frozenset({"erp"}))).refused
    assert "a plan file of that name lies beside" in why


async def test_what_is_begun_under_a_former_name_later_is_another_plans():
    store = MemoryStore()
    for run in ("erp-1", "erp-2"):
        journal = await a_run(store, run, azure_at("https://management.azure.com"), "erp")
        await journal.close({"outcome": "passed"}, a_signer())
    first, second = (one for one in TrustedRuns(store).of_plan("erp"))
    assert renamed_of(RENAMED, {}, TrustedRuns(store), Beside()).others_span("erp").never
    renamed = renamed_of(RENAMED, {"erp": START}, TrustedRuns(store), Beside())
    mine, others = renamed.spans["erp"], renamed.others_span("erp")
    assert (mine.before, others.since) == (START, START)
    assert [(mine.holds(one), others.holds(one)) for one in (first, second)] == [(False, True)] * 2


def test_once_a_run_is_in_doubt_what_was_enabled_before_needs_proof_and_later_is_sure():
    standing = Standing("erp", enabled=[enabled("db1")])
    standing.doubt(Doubt("erp", "run erp-2", "it does not read", "Put it back."))
    standing.enabled.append(enabled("db2"))
    assert [one.needs_proof for one in standing.enabled] == [True, False]
    (said,) = standing.unread
    assert said == "what run erp-2 of plan erp enabled is not known: it does not read"
