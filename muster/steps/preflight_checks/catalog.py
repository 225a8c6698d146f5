"""Every preflight check: id, title, remedy. An id never changes its meaning."""

from __future__ import annotations

from muster.steps.preflight_checks import items, permissions, scripts, source, target, vault
from muster.steps.preflight_checks.check import PreflightCheck

CHECKS: tuple[PreflightCheck, ...] = (
    PreflightCheck(
        "PRE-001", "the vault exists", "fail",
        "Correct `vault` in the plan: its name, resource group and subscription.",
        vault.vault_exists,
    ),
    PreflightCheck(
        "PRE-002", "the vault is outside the source region", "warn",
        "A vault in the source region is lost with it: move the replication to "
        "one in the target region.",
        vault.vault_outside_source,
    ),
    PreflightCheck(
        "PRE-003", "every VM of the plan is protected", "fail",
        "Enable replication for the VMs named, or correct their names or `source.resource_group`.",
        vault.every_vm_protected,
    ),
    PreflightCheck(
        "PRE-004", "every item is in the state Protected", "fail",
        "Wait for the initial replication, or mend the replication of the VMs named.",
        items.state_protected,
    ),
    PreflightCheck(
        "PRE-005", "every item is active at the source", "fail",
        "A VM that was failed over has to be reprotected and failed back first.",
        items.active_at_source,
    ),
    PreflightCheck(
        "PRE-006", "Azure offers a test failover of every item", "fail",
        "See in the portal what the item waits for: a cleanup, a commit, a running job.",
        items.offers_failover_test,
    ),
    PreflightCheck(
        "PRE-007", "no test failover is pending", "fail",
        "Whoever started it has to clean it up; a run of Muster by `muster cleanup RUN`.",
        items.nothing_pending,
    ),
    PreflightCheck(
        "PRE-008", "no job is under way on any item", "fail",
        "Wait until the job named has ended.",
        items.no_job_in_flight,
    ),
    PreflightCheck(
        "PRE-009", "every RPO is within what a drill accepts", "fail",
        "Look at churn and network of the VMs named; `drill.max_point_age` is the limit.",
        items.rpo_within_limit,
    ),
    PreflightCheck(
        "PRE-010", "every RPO figure is fresh", "fail",
        "Replication has stopped reporting, whatever its health says: look at the mobility agent.",
        items.rpo_fresh,
    ),
    PreflightCheck(
        "PRE-011", "every mobility agent was heard of lately", "warn",
        "Look at the agent's service and at its way to the cache storage account.",
        items.heartbeat_fresh,
    ),
    PreflightCheck(
        "PRE-012", "no item's own test settings name another network", "fail",
        "Clear the test failover network in the item's settings: it would win over the drill's.",
        items.own_settings_name_no_network,
    ),
    PreflightCheck(
        "PRE-013", "no item's own test settings give a public address", "fail",
        "Clear the test failover public address in the item's network settings.",
        items.own_settings_give_no_public_address,
    ),
    PreflightCheck(
        "PRE-014", "every item recovers into the plan's resource group", "fail",
        "Correct `target.resource_group` in the plan, or the item's target settings.",
        items.recovery_group_is_the_plans,
    ),
    PreflightCheck(
        "PRE-015", "no VM is in a multi-VM consistency group", "fail",
        "Such VMs fail over together only: they need `mode: native`.",
        items.no_consistency_group,
    ),
    PreflightCheck(
        "PRE-016", "the target network exists", "fail",
        "Correct `target.network` in the plan, or make the network.",
        target.target_network_exists,
    ),
    PreflightCheck(
        "PRE-017", "every subnet that a VM needs is in the target network", "fail",
        "Make the subnet: without it Site Recovery takes the alphabetically first one.",
        target.subnets_exist,
    ),
    PreflightCheck(
        "PRE-018", "the drill network is free to be made, or there to be used", "fail",
        "Clean up the run that left it (`muster cleanup RUN`), or choose another name.",
        target.drill_network_ready,
    ),
    PreflightCheck(
        "PRE-019", "no copy of an earlier test failover is in the way", "fail",
        "Clean up the test failover it is left from, or remove it by hand: it "
        "holds the copy's address.",
        target.no_copies_left,
    ),
    PreflightCheck(
        "PRE-020", "every runbook is there and published", "fail",
        "Correct account and name in the plan, or publish the runbook.",
        scripts.runbooks_published,
    ),
    PreflightCheck(
        "PRE-021", "every Automation account is in the vault's subscription", "fail",
        "Site Recovery only starts runbooks of its own subscription: use an account there.",
        scripts.accounts_beside_the_vault,
    ),
    PreflightCheck(
        "PRE-022", "the caller may do everything that this drill needs", "fail",
        "Give the caller the roles in deployments/ at the scopes named.",
        permissions.may_drill,
    ),
    PreflightCheck(
        "PRE-023", "the caller may not fail anything over, nor end its protection", "warn",
        "Drill with an identity of its own that only has the drill roles of deployments/.",
        permissions.cannot_fail_over,
    ),
    PreflightCheck(
        "PRE-024", "every source VM is there", "fail",
        "Correct the names in the plan; a source that was deleted cannot be drilled from.",
        target.sources_exist,
    ),
    PreflightCheck(
        "PRE-025", "every item is set to the size that is wanted", "warn",
        "Set the item's target size, or correct `size` in the plan.",
        target.sizes_match,
    ),
    PreflightCheck(
        "PRE-026", "every script of the plan is at hand", "fail",
        "Put the file where the plan names it, beside the plan.",
        scripts.scripts_at_hand,
    ),
    PreflightCheck(
        "PRE-027", "no item reports a health error", "warn",
        "Look the code up in the portal; the health word alone proves nothing either way.",
        items.health_errors,
    ),
    PreflightCheck(
        "PRE-028", "every item replicates between the plan's regions", "fail",
        "Correct `source.region` and `target.region` in the plan.",
        vault.regions_match,
    ),
    PreflightCheck(
        "PRE-029", "every RPO is within the plan's objective", "warn",
        "A failover now would lose more than `objectives.rpo` allows.",
        items.rpo_within_objective,
    ),
    PreflightCheck(
        "PRE-030", "the source network exists", "fail",
        "Correct `source.network` in the plan: a drill must not reach it, so it has to be known.",
        source.source_network_exists,
    ),
    PreflightCheck(
        "PRE-031", "the networks that the source VMs stand in are known", "fail",
        "Let the caller read the source VMs' network cards (`Reader`).",
        source.source_networks_are_known,
    ),
    PreflightCheck(
        "PRE-032", "the drill network is not one of production's", "fail",
        "Name a network of its own for drills, or let Muster make one: `create: NAME`.",
        source.drill_network_is_not_productions,
    ),
    PreflightCheck(
        "PRE-033", "every disk of every source VM is replicated", "warn",
        "Add the disk to the item's replication in the vault, or exclude it knowingly.",
        source.disks_are_replicated,
    ),
)  # fmt: skip
