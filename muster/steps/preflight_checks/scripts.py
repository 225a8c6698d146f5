"""Are the runbooks and scripts that the drill will start where they should be?"""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, parse_id, same_id
from muster.plan.model import RecoveryPlan
from muster.steps.preflight_checks.check import Area, N, S, does_not_apply, each, none_of, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead, Runbooks
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import text

PUBLISHED = frozenset({"published", "edit"})
"""One that is edited anew was published before, and that version is what starts."""


def runbooks_published(facts: Facts) -> Verdict:
    facts.need("runbooks")

    def problem(runbook: Runbooks) -> str | None:
        if runbook.found is None:
            return "it is not there"
        state = text(runbook.found.properties, "state")
        if state.casefold() == "new":
            return f"it was never published ({state})"
        if state.casefold() not in PUBLISHED:
            raise NotRead(f"what its state {state} means is not known")
        return None

    accounts = by_name((one.account_id, one.account_id) for one in facts.runbooks)
    known_as = {key_of(account): name for name, account in accounts.items()}
    named = {f"{one.name} in {known_as[key_of(one.account_id)]}": one for one in facts.runbooks}
    fine = f"{len(named)} runbooks are there and published"
    return each(named, problem, fine, if_none="no runbook is started")


def accounts_beside_the_vault(facts: Facts) -> Verdict:
    if not facts.runbooks:
        facts.need("runbooks")
        return does_not_apply("no runbook is started")
    problems = {}
    for runbook in facts.runbooks:
        subscription = parse_id(runbook.account_id).subscription
        if not same_id(subscription, facts.vault_ref.subscription):
            problems[runbook.account_id] = "it is not in the vault's subscription"
    return none_of(problems, "every Automation account is in the vault's subscription")


def scripts_at_hand(facts: Facts) -> Verdict:
    named = set(script_files(facts.plan))
    if not named:
        return does_not_apply("the plan names no script")
    missing = sorted(named - facts.scripts)
    problems = dict.fromkeys(missing, "the script was not read with the plan")
    return none_of(problems, "every script of the plan is at hand")


def script_files(plan: RecoveryPlan) -> list[str]:
    """Every script file that the plan names."""
    files = [action.run_command.file for *_, action in plan.actions() if action.run_command]
    checks = [*(check for group in plan.groups for check in group.checks), *plan.checks]
    return [*files, *(check.run_command.file for check in checks if check.run_command)]


CHECKS = rows_of(
    Area.RUNBOOKS,
    ("PRE-020", "every runbook is there and published", S, S, N,
     "Correct account and name in the plan, or publish the runbook.", runbooks_published),
    ("PRE-021", "every Automation account is in the vault's subscription", S, S, N,
     "Site Recovery only starts runbooks of its own subscription: use an account there.",
     accounts_beside_the_vault),
    ("PRE-026", "every script of the plan is at hand", S, S, N,
     "Put the file where the plan names it, beside the plan.", scripts_at_hand),
)  # fmt: skip
