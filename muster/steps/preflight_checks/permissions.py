"""May the caller do what a drill needs, and nothing that a drill must not do?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from muster.checks.verdict import Verdict
from muster.gateway.values import Permission
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    failed,
    none_of,
    passed,
    rows_of,
    said_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.not_set_up import absent, no_vault

VAULT = "Microsoft.RecoveryServices/vaults"
CONTAINER = f"{VAULT}/replicationFabrics/replicationProtectionContainers"
ITEM = f"{CONTAINER}/replicationProtectedItems"
CLUSTER = f"{CONTAINER}/replicationProtectionClusters"
ASR_RECOVERY_PLAN = f"{VAULT}/replicationRecoveryPlans"
IN_VAULT = (
    f"{ITEM}/read",
    f"{ITEM}/testFailover/action",
    f"{ITEM}/testFailoverCleanup/action",
    f"{VAULT}/replicationJobs/read",
)
IN_TARGET = (
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/runCommands/write",
    "Microsoft.Compute/virtualMachines/runCommands/delete",
    "Microsoft.Network/networkInterfaces/read",
)
FOR_A_NETWORK = tuple(
    f"Microsoft.Network/{kind}/{verb}"
    for kind in ("virtualNetworks", "networkSecurityGroups", "routeTables")
    for verb in ("write", "delete")
)
IN_ACCOUNT = ("Microsoft.Automation/automationAccounts/jobs/write",)
IN_SOURCE = (
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/disks/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/virtualNetworks/read",
)
FOR_A_FAILOVER = (
    f"{ITEM}/read",
    f"{ITEM}/unplannedFailover/action",
    f"{ITEM}/failoverCommit/action",
    f"{ITEM}/reProtect/action",
    f"{VAULT}/replicationJobs/read",
)
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
_NEVER_IN_A_DRILL = {
    ITEM: (
        *("unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel"),
        *("applyRecoveryPoint", "reProtect", "remove", "removeDisks", "switchProvider"),
    ),
    CLUSTER: ("unplannedFailover", "failoverCommit", "applyRecoveryPoint"),
    CONTAINER: ("switchprotection", "switchClusterProtection"),
    ASR_RECOVERY_PLAN: (
        *("unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel"),
        "reProtect",
    ),
}
_MOST_NAMED = 4
TOO_MUCH = (
    *(f"{kind}/{verb}/action" for kind, verbs in _NEVER_IN_A_DRILL.items() for verb in verbs),
    f"{ITEM}/write",
    f"{ITEM}/delete",
)
"""What fails a machine over, makes that final, or ends or turns round its protection."""


def may_drill(facts: Facts) -> Verdict:
    facts.need("vault_permissions", "target_permissions", "account_permissions")
    in_target = IN_TARGET + (FOR_A_NETWORK if facts.plan.drill.network.create else ())
    problems = {
        **_lacking(facts.vault_ref.id, facts.vault_permissions, IN_VAULT),
        **_lacking(facts.target_group_id, facts.target_permissions, in_target),
    }
    for account, permissions in facts.account_permissions.items():
        problems |= _lacking(account, permissions, IN_ACCOUNT)
    fine = "the caller may do everything that this drill needs"
    return _nothing_lacking(problems, fine, absent(facts))


def cannot_fail_over(facts: Facts) -> Verdict:
    facts.need("vault_permissions")
    _told(facts.vault_permissions)
    if facts.vault is None:
        raise NotRead(no_vault(facts))
    allowed = [action for action in TOO_MUCH if is_allowed(facts.vault_permissions, action)]
    if not allowed:
        return passed("the caller may not fail anything over, nor end its protection")
    said = _some_of([action.removeprefix(f"{CONTAINER}/") for action in allowed])
    why = f"on vault {facts.vault_ref.name} the caller may do what no drill needs: {said}"
    return failed(why, **{facts.vault_ref.id: allowed})


def _told(permissions: Sequence[Permission]) -> None:
    """Who could read the vault may do something: Azure that tells nothing of it knows nothing.

    Raises:
        NotRead: There is no permission at all.
    """
    if not any(one.actions for one in permissions):
        raise NotRead("Azure tells no permission of the caller's")


def _lacking(
    scope: str, permissions: Sequence[Permission], actions: Sequence[str]
) -> dict[str, list[str]]:
    lacking = [action for action in actions if not is_allowed(permissions, action)]
    return {scope: lacking} if lacking else {}


def _nothing_lacking(
    lacking: Mapping[str, list[str]], fine: str, missing: Sequence[str] = ()
) -> Verdict:
    """The first few actions are told; the evidence has all of them.

    Args:
        lacking: What the caller may not do, by scope.
        fine: Said where that is nothing.
        missing: Scopes that are not there, in words: rights in them prove nothing yet.
    """
    if not lacking:
        return unknown("; ".join(missing)) if missing else passed(fine)
    said = {scope: f"the caller lacks {_some_of(actions)}" for scope, actions in lacking.items()}
    return failed(said_of(said), **lacking)


def _some_of(actions: Sequence[str]) -> str:
    """The first few actions and how many more: a built-in role has dozens."""
    more = len(actions) - _MOST_NAMED
    return ", ".join(actions[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def is_allowed(permissions: Sequence[Permission], action: str) -> bool:
    """Whether a role allows an action: `notActions` take away within their own role only."""
    return any(
        _matches(one.actions, action) and not _matches(one.not_actions, action)
        for one in permissions
    )


def _matches(patterns: Sequence[str], action: str) -> bool:
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE)
        for pattern in patterns
    )


def may_fail_over(facts: Facts) -> Verdict:
    facts.need("vault_permissions", "target_permissions", "account_permissions")
    problems = {
        **_lacking(facts.vault_ref.id, facts.vault_permissions, FOR_A_FAILOVER),
        **_lacking(facts.target_group_id, facts.target_permissions, IN_TARGET),
    }
    for account, permissions in facts.account_permissions.items():
        problems |= _lacking(account, permissions, IN_ACCOUNT)
    fine = "the caller may do everything that a failover needs"
    return _nothing_lacking(problems, fine, absent(facts))


def cannot_give_itself_more(facts: Facts) -> Verdict:
    facts.need("vault_permissions", "target_permissions")
    scopes = {
        facts.vault_ref.id: facts.vault_permissions,
        facts.target_group_id: facts.target_permissions,
    }
    for permissions in scopes.values():
        _told(permissions)
    problems = {
        scope: "the caller may assign roles, also to itself"
        for scope, permissions in scopes.items()
        if is_allowed(permissions, ASSIGN)
    }
    if not problems and (missing := absent(facts)):
        return unknown("; ".join(missing))
    return none_of(problems, "the caller may assign no roles")


def may_read_the_source(facts: Facts) -> Verdict:
    facts.need("source_permissions")
    problems: dict[str, list[str]] = {}
    for group, permissions in facts.source_permissions.items():
        problems |= _lacking(group, permissions, IN_SOURCE)
    return _nothing_lacking(problems, "the caller may read the source")


CHECKS = rows_of(
    Area.IDENTITY,
    ("PRE-022", "the caller may do everything that this drill needs", S, N, N,
     "Give the caller the roles in deployments/ at the scopes named.", may_drill),
    ("PRE-023", "the caller may not fail anything over, nor end its protection", T, N, N,
     "Drill with an identity of its own that only has the drill roles of deployments/.",
     cannot_fail_over),
    ("PRE-040", "the caller may do everything that a failover needs", N, S, N,
     "Fail over with an identity that holds the failover roles of deployments/, kept apart "
     "from the drill's.", may_fail_over),
    ("PRE-041", "the caller may not give itself more rights", T, T, N,
     "Take Owner and User Access Administrator away from the caller.",
     cannot_give_itself_more),
    ("PRE-042", "the caller may read the source", T, T, T,
     "Give the caller `Reader` on the source's resource group.", may_read_the_source),
)  # fmt: skip
