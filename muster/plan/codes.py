"""Every code of a recovery plan's mistakes: what it says, what to do. Docs come from here."""

from __future__ import annotations

from typing import NamedTuple

from muster.plan.codes_of_azure import OF_AZURE
from muster.plan.codes_of_replication import OF_REPLICATION
from muster.plan.codes_of_warnings import WARNINGS


class Explained(NamedTuple):
    """What a code stands for, and the hint printed behind it."""

    title: str
    hint: str


_REGISTER: tuple[tuple[str, str, str], ...] = (
    # reading the file
    (
        "PLAN-001",
        "the file cannot be read",
        "Name an existing YAML file that this user may read.",
    ),
    (
        "PLAN-002",
        "the file is too large",
        "A plan is at most 256 kB; split the application into several plans.",
    ),
    (
        "PLAN-003",
        "not plain UTF-8 text",
        "Save the file as UTF-8 and remove characters that cannot be printed.",
    ),
    (
        "PLAN-004",
        "YAML syntax error",
        "Look at the line named and the one before: indentation, quotes, brackets.",
    ),
    ("PLAN-005", "a key is written twice", "Keep one of the two; nothing says which one counts."),
    (
        "PLAN-006",
        "anchors, aliases, merge keys, tags and directives are refused",
        "Write the value out where it is used, so that a reader sees it there.",
    ),
    ("PLAN-007", "nested too deeply", "A plan needs about ten levels; at most 50 are read."),
    (
        "PLAN-008",
        "not one mapping",
        "A plan is one YAML document of `key: value` lines; start with `plan: NAME`.",
    ),
    (
        "PLAN-009",
        "a reference to a variable cannot be replaced",
        "Set the variable where Muster runs; a dollar sign itself is written `$$`.",
    ),
    # names and order
    (
        "PLAN-010",
        "the plan's name is not the file's name",
        "Name the file <plan>.yaml, so that a name leads to one file.",
    ),
    ("PLAN-011", "a truth value as a name", "Choose another name; quoting it does not help."),
    (
        "PLAN-012",
        "a VM is listed more than once",
        "A VM belongs to one group, or to `support`. Names compare without case.",
    ),
    ("PLAN-013", "a group is defined twice", "Merge the two groups, or rename one."),
    (
        "PLAN-014",
        "a reserved name",
        "`plan` and `support` (groups) and `worker` (VMs) have a meaning of their own.",
    ),
    (
        "PLAN-015",
        "`needs` names a group that does not exist",
        "Use the name of a group of this plan.",
    ),
    (
        "PLAN-016",
        "groups wait for each other in a circle",
        "Remove one of the `needs`; a group without any waits for the group written before it.",
    ),
    (
        "PLAN-017",
        "a group can never start",
        "Mend the circle it waits for, or take that group out of `needs`.",
    ),
    (
        "PLAN-018",
        "a VM that this plan does not bring up",
        "Use the name of a VM of a group or of `support`, written the same way.",
    ),
    (
        "PLAN-019",
        "a VM is used before it is up",
        "Only VMs of groups it needs are up by then; move it to a later group or to the plan.",
    ),
    # durations
    ("PLAN-020", "not a duration", "Write 45m, 4h, 1h30m or 2d."),
    ("PLAN-021", "a negative duration", "Write a span from 0s up."),
    ("PLAN-022", "a duration of more than a year", "Check the unit: d, h, m, s."),
    ("PLAN-023", "an objective of zero", "Write the time the business accepts, such as 45m."),
    # actions and checks
    (
        "PLAN-030",
        "a script outside the plan's folder",
        "Put scripts beside the plan and name them by a relative path.",
    ),
    (
        "PLAN-031",
        "not exactly one kind of action",
        "Write each action as its own item of the list.",
    ),
    ("PLAN-032", "not exactly one kind of check", "Write each check as its own item of the list."),
    (
        "PLAN-033",
        "not exactly one drill network",
        "`create` makes an isolated mirror, `use` verifies one that exists.",
    ),
    (
        "PLAN-034",
        "the script file is missing",
        "The path is relative to the folder of the plan; it must be a file.",
    ),
    (
        "PLAN-035",
        "the script is too large",
        "Run-command takes scripts up to 64 kB; download the rest inside the script.",
    ),
    (
        "PLAN-036",
        "the script is not plain UTF-8 text",
        "Run-command carries text; save it as UTF-8 without NUL bytes.",
    ),
    (
        "PLAN-037",
        "nothing says in which VM the check runs",
        "Add `from: VM`, or put a VM into the URL: http://{web1}:8080/.",
    ),
    (
        "PLAN-038",
        "the positive control cannot run there",
        "Write `live_from: worker`: run-command goes to test copies only (safety rule 1).",
    ),
    (
        "PLAN-039",
        "a drill network that is, or may reach, production",
        "Name a network of its own for drills (safety rule 2).",
    ),
    # schedule
    (
        "PLAN-040",
        "not a cron expression",
        'Five fields: minute hour day month weekday, as in "0 3 1 * *".',
    ),
    (
        "PLAN-041",
        "unknown time zone",
        "Use a name of the tz database, such as America/New_York or UTC.",
    ),
    ("PLAN-042", "not a day", "Write 2026-12-24, or a span 2026-12-24..2027-01-02."),
    ("PLAN-043", "a span that ends before it begins", "Swap the two days."),
    ("PLAN-044", "a cron expression that never fires", "Check day and month against each other."),
    (
        "PLAN-045",
        "`not_on` leaves the schedule no day",
        "Shorten `not_on`, or remove the schedule.",
    ),
    # what this version does not do yet
    (
        "PLAN-050",
        "`mode: native` cannot be drilled yet",
        "Use `mode: orchestrated`, and leave `replication.consistency_group` out if it is given; "
        "native mode comes with real failovers.",
    ),
    (
        "PLAN-051",
        "`start: together` cannot be drilled yet",
        "Use `start: ordered`; together comes with real failovers.",
    ),
    (
        "PLAN-052",
        "`from: worker` cannot be drilled yet",
        "Name a VM of the plan in `from`; checks run inside the drill network.",
    ),
    (
        "PLAN-053",
        "the operation cannot be compiled yet",
        "This version replicates, drills and cleans up; real failovers are not there yet.",
    ),
    (
        "PLAN-054",
        "a consistency group without native mode",
        "Leave the group out if the plan is to be drilled. Multi-VM consistency needs `mode: "
        "native`, which this version replicates and does not drill (PLAN-050).",
    ),
    (
        "PLAN-055",
        "a canonical plan of another version",
        "Use the version of Muster that is named in the journal's first event.",
    ),
    # shape of keys and values
    (
        "PLAN-060",
        "a key is missing",
        "Add it; recovery_plans/schema.json lets an editor complete it.",
    ),
    ("PLAN-061", "an unknown key", "Check the spelling and the indentation."),
    (
        "PLAN-062",
        "a value of the wrong type",
        "Lists have `- ` or [ ], mappings have keys, numbers meant as text have quotes.",
    ),
    (
        "PLAN-063",
        "a text of the wrong form",
        "Write it in the form named; docs/reference/plan.md has an example of each key.",
    ),
    (
        "PLAN-064",
        "a value out of range, or of the wrong length",
        "Use a value within the bounds named.",
    ),
    ("PLAN-065", "not one of the permitted words", "Use one of the words named."),
    ("PLAN-067", "not an IPv4 address", "Write four numbers from 0 to 255, such as 10.1.0.4."),
    (
        "PLAN-068",
        "not an address range",
        "Write an address or a range, such as 20.10.0.5 or 20.10.0.0/24.",
    ),
    (
        "PLAN-069",
        "a variable whose name says that it holds a secret",
        "A plan is journalled word for word: keep the secret in a Key Vault, or in the runbook's"
        " own credential, and let the script fetch it. Rename the variable if it holds none.",
    ),
    (
        "PLAN-070",
        "a list of ways out that is too wide",
        "Name the addresses that the copies need: at most a /8 in all (IPv6: a /32).",
    ),
    (
        "PLAN-071",
        "not a virtual network",
        "Write a network's name, or its whole id, which ends in virtualNetworks/NAME; one that "
        "is to be made has a name only.",
    ),
)

CODES: dict[str, Explained] = {
    code: Explained(title, hint)
    for code, title, hint in (*_REGISTER, *OF_REPLICATION, *OF_AZURE, *WARNINGS)
}


def hint_for(code: str) -> str:
    """What to do about a code; raises KeyError for a code that is not in the table."""
    return CODES[code].hint
