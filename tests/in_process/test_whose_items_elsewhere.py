"""Plans and runs of other subscriptions and addresses, and requests that nobody answered."""

from __future__ import annotations

from dataclasses import replace

from muster.gateway.values import VaultRef
from muster.plan.loader import load_plan
from muster.replication.claiming import Enabled
from muster.runs.claims import Read, claims_of
from muster.settings import Settings
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Json, replicated
from tests.in_process.test_releasing import play_as
from tests.in_process.test_releasing_beside_plans import WEB, forget_file, of_web
from tests.in_process.test_replicating_plans import from_nothing

OTHER = "11111111-2222-3333-4444-555555555555"


def read_by(bench: Bench, settings: Settings) -> Read:
    """What the bench's plan reads of claims under other settings."""
    plan = load_plan(bench.plan).plan
    vault = VaultRef(
        plan.source.subscription or settings.subscription or "", "rg-dr", "rsv-contoso"
    )
    return claims_of(bench.store, plan, settings, vault, bench.plan.parent)


def test_plans_beside_are_read_in_their_own_subscription_else_in_that_of_the_settings():
    async def script(bench: Bench) -> None:
        home = bench.settings.subscription

        def of_home(plan: Json) -> None:
            plan["source"]["subscription"] = home

        play_as(bench, of_web)
        play_as(bench, of_home)
        elsewhere = read_by(bench, replace(bench.settings, subscription=OTHER))
        bench.came.kept = (read_by(bench, bench.settings), elsewhere)

    here, elsewhere = replicated(from_nothing(), script).kept
    assert [one.vm_id.rpartition("/")[2] for one in here.claims.named] == WEB
    assert elsewhere.claims.named == ()


def test_a_request_that_nobody_answered_may_be_another_plans_and_is_none_of_ours():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web)
        await bench.replicate(killed_at_write=2)  # the first write only asks for a free name
        for _ in range(60):  # each process dies of its first write, until that is an enabling
            await bench.replicate(killed_at_write=1)
            if any("/replicationProtectedItems/" in path for _, path in bench.came.sent()):
                break
        bench.came.kept = [read_by(bench, bench.settings)]
        forget_file(bench, "erp-web")
        play_as(bench)
        bench.came.kept.append(read_by(bench, bench.settings))

    mine, of_others = replicated(from_nothing(), script).kept
    asked = {name_of(one) for one in of_others.claims.perhaps}
    assert asked
    assert asked <= set(WEB)
    assert mine.claims.perhaps == ()
    for claimed in (mine.claims.own, of_others.claims.others):
        assert not asked & {name_of(one) for one in claimed}


def name_of(one: Enabled) -> str:
    return one.vm_id.rpartition("/")[2]
