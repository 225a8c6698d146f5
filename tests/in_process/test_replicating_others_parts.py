"""Mappings and policies that others made: never changed, refused with what to do."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.drills import write_plan
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_replicating import VMS, states
from tests.in_process.test_replicating_drift import done
from tests.in_process.test_replicating_over_others import body
from tests.in_process.test_replicating_plans import from_nothing

HOUR = timedelta(hours=1)
EAST, WEST = "asr-a2a-default-eastus", "asr-a2a-default-westus2"
NAME = "vnet-erp-to-vnet-erp-asr"


async def others_vault(gateway: Gateway, decision: Decision) -> VaultRef:
    """A vault that another team set up for the same two regions."""
    ref = decision.wanted.vault.ref
    group = ref.id.partition("/providers/")[0]
    for name in (group, group.replace(ref.resource_group, "rg-team2-asr")):
        await gateway.put_resource(name, {"location": "westus2"}, within=HOUR)
    await gateway.make_vault(ref, "westus2", within=HOUR)
    for name, region in ((EAST, "eastus"), (WEST, "westus2")):
        await done(gateway, (await gateway.make_fabric(ref, name, region)).job_id)
    return ref


def others_networks(decision: Decision) -> tuple[str, str]:
    """Two networks of theirs, called as the plan's are."""
    source, target = decision.wanted.network_mappings[0], decision.wanted.network_mappings[1]
    return (
        source.source_network_id.replace("/rg-erp/", "/rg-hub/"),
        target.source_network_id.replace("/rg-erp-asr/", "/rg-team2-asr/"),
    )


async def mapped(gateway: Gateway, ref: VaultRef, networks: tuple[str, str], **how: Any) -> None:
    fabric = f"{ref.id}/replicationFabrics/{EAST}"
    sent = await gateway.map_networks(fabric, NAME, WEST, networks, change=bool(how))
    await done(gateway, sent.job_id)


def mappings(came: Replicated) -> dict[str, tuple[str, str]]:
    """Groups of both networks, by the name of the mapping that begins in the source region."""
    found = [
        one
        for key, one in came.azure.world.table("asr").items()
        if "/replicationnetworkmappings/" in key and EAST in key
    ]
    return {
        one["name"]: tuple(
            one["properties"][key].split("/")[4].lower()
            for key in ("primaryNetworkId", "recoveryNetworkId")
        )
        for one in found
    }


def changing(came: Replicated, process: int = 0) -> list[str]:
    return [path for method, path in came.sent(process) if method in ("PATCH", "PUT")]


def test_a_mapping_of_another_network_keeps_its_name_and_ours_gets_another():
    async def script(bench: Bench) -> None:
        async def others(gateway: Gateway, decision: Decision) -> None:
            ref, networks = await others_vault(gateway, decision), others_networks(decision)
            for network, region in zip(networks, ("eastus", "westus2"), strict=True):
                await gateway.put_resource(network, body("10.50", region), within=HOUR)
            await mapped(gateway, ref, networks)

        bench.decide = decide
        await bench.by_hand(others)
        await bench.replicate()
        await bench.replicate()

    came = replicated(from_nothing(), script)
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])] * 2
    found = mappings(came)
    assert found.pop(NAME) == ("rg-hub", "rg-team2-asr")
    ((name, networks),) = found.items()
    assert (name[: len(NAME) + 1], networks) == (f"{NAME}-", ("rg-erp", "rg-erp-asr"))
    assert came.sent(1) == []


def test_a_mapping_of_our_network_that_others_made_is_refused_and_left():
    async def script(bench: Bench) -> None:
        async def others(gateway: Gateway, decision: Decision) -> None:
            ref = await others_vault(gateway, decision)
            source = decision.wanted.network_mappings[0].source_network_id
            network = others_networks(decision)[1]
            await gateway.put_resource(network, body("10.50"), within=HOUR)
            await mapped(gateway, ref, (source, network))

        bench.decide = decide
        await bench.by_hand(others)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    (cause,) = came.results[0].causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-141")
    assert "no run of this plan made it" in cause["message"]
    assert (came.sent(), mappings(came)) == ([], {NAME: ("rg-erp", "rg-team2-asr")})


def test_a_mapping_of_ours_that_somebody_turned_is_refused_and_left():
    async def elsewhere(gateway: Gateway, decision: Decision) -> None:
        ref = decision.wanted.vault.ref
        network = decision.wanted.vms[0].recovery_network_id + "-2"
        await gateway.put_resource(network, body("10.60"), within=HOUR)
        source = decision.wanted.network_mappings[0].source_network_id
        await mapped(gateway, ref, (source, network), change=True)

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        await bench.by_hand(elsewhere)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    (cause,) = came.results[1].causes
    assert (cause["code"], came.sent(1)) == ("PRE-141", [])
    assert "it does not lead where the last run of this plan had it lead" in cause["message"]
    assert states(came) == dict.fromkeys(VMS, "Protected")


def test_a_mapping_of_ours_follows_the_plan_to_another_network():
    scenario = from_nothing()
    plan = copy.deepcopy(dict(scenario.plan))
    plan["target"]["network"] = "vnet-erp-asr-2"

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.scenario = replace(bench.scenario, plan=plan)
        bench.plan = write_plan(bench.plan.parent, bench.scenario)
        await bench.replicate()

    came = replicated(scenario, script)
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])] * 2
    assert NAME in [path.rpartition("/")[2] for path in changing(came, 1)]


def test_a_policy_of_other_terms_that_others_made_is_refused_and_left():
    async def script(bench: Bench) -> None:
        async def others(gateway: Gateway, decision: Decision) -> None:
            ref = await others_vault(gateway, decision)
            sent = await gateway.make_policy(
                ref, decision.wanted.policy.name, app_consistent_every=HOUR,
                keep_recovery_points=timedelta(hours=72), multi_vm_sync=False, change=False,
            )  # fmt: skip
            await done(gateway, sent.job_id)

        bench.decide = decide
        await bench.by_hand(others)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    (cause,) = came.results[0].causes
    assert (cause["code"], came.sent()) == ("PRE-141", [])
    assert "replication policy 24-hour-retention-policy" in cause["message"]


def test_a_policy_is_not_changed_under_a_vm_that_is_not_the_plans():
    """Who else is under it is asked again in the step: the survey knew of nobody."""

    async def unlike(gateway: Gateway, decision: Decision) -> None:
        sent = await gateway.make_policy(
            decision.wanted.vault.ref, decision.wanted.policy.name, app_consistent_every=HOUR,
            keep_recovery_points=timedelta(hours=72), multi_vm_sync=False, change=True,
        )  # fmt: skip
        await done(gateway, sent.job_id)

    async def without_web3(gateway, plan, subscription) -> Decision:
        whole = await decide(gateway, plan, subscription)
        vms = tuple(vm for vm in whole.wanted.vms if vm.name != "web3")
        items = tuple(one for one in whole.items if one.friendly_name != "web3")
        return replace(whole, wanted=replace(whole.wanted, vms=vms), items=items)

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        await bench.by_hand(unlike)
        bench.decide = without_web3
        await bench.replicate()

    came = replicated(from_nothing(), script)
    causes = came.results[1].causes
    assert [(one["step"], one["code"]) for one in causes] == [("policy", "STEP-045")]
    assert "it holds for VMs that are not the plan's: web3" in causes[0]["message"]
    assert came.sent(1) == []
