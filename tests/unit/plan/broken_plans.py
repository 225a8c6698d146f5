"""Plans with one mistake each: what is changed in a valid text, what is reported where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

WritePlan = Callable[..., Path]

# The line numbers that the cases below expect are those of this text.
VALID = """\
plan: broken
about: A page in front of a database.
owner: sre@small.example
objectives: {rto: 30m, rpo: 15m}
source: {region: eastus, resource_group: rg-small, network: vnet-small}
target: {region: westus2}
vault: {resource_group: rg-dr, name: rsv-small}
drill:
  network: {create: vnet-small-drill}
  egress: agent
  schedule: {cron: "0 3 1 * *", timezone: UTC}
support: {vms: [dc1]}
groups:
  - name: database
    vms:
      - {name: db1, nics: [{private_ip: 10.1.0.4}]}
    after:
      - run_command: {vm: db1, file: scripts/promote.sh}
    checks:
      - tcp: {vm: db1, port: 5432, within: 5m}
  - name: web
    needs: [database]
    vms: [web1]
    before:
      - wait: {for: 30s, why: The cache has to be warm.}
    checks:
      - http: {url: "http://{web1}:8080/health", contains: healthy}
checks:
  - data_loss: {url: "http://{web1}:8080/heartbeat", at_most: 15m}
  - unreachable: {from: web1, host: 10.9.0.10, port: 443, live_from: worker}
"""


class Case(NamedTuple):
    """`old` is replaced by `new`; `expected` are all problems, as `line code`."""

    what: str
    old: str
    new: str
    expected: str

    @property
    def text(self) -> str:
        assert VALID.count(self.old) == 1, f"{self.what}: {self.old!r} is not there exactly once"
        return VALID.replace(self.old, self.new)


CASES = (
    # what the reader refuses
    Case("an open quote", "rto: 30m", 'rto: "30m', "11 PLAN-004"),
    Case("an open bracket at the end", "live_from: worker}\n", "live_from: worker\n",
         "31 PLAN-004"),
    Case("a tab as indentation", "  network: {create", "\tnetwork: {create", "9 PLAN-004"),
    Case("two colons", "owner: sre@small.example", "owner: sre: me", "3 PLAN-004"),
    Case("an escape out of range", "owner: sre@small.example", r'owner: "\UFFFFFFFF"',
         "3 PLAN-004"),
    Case("a doubled key", "about: A", "plan: other\nabout: A", "2 PLAN-005"),
    Case("a doubled key in a list", "port: 5432,", "port: 5432, port: 5433,", "20 PLAN-005"),
    Case("an anchor", "objectives: {", "objectives: &o {", "4 PLAN-006"),
    Case("an alias", "target: {region: westus2}", "target: *t", "6 PLAN-006"),
    Case("a tag", "owner: sre", "owner: !!python/name:os.system sre", "3 PLAN-006"),
    Case("a merge key", "  network: {create", "  <<: {keep_for: 1h}\n  network: {create",
         "9 PLAN-006"),
    Case("a directive", "plan: broken", "%YAML 1.1\n---\nplan: broken", "2 PLAN-006"),
    Case("a list as a key", "about: A", "? [about]\n: A", "2 PLAN-062"),
    Case("nested 51 deep", "owner: sre@small.example", f"owner: {'[' * 51}{']' * 51}",
         "3 PLAN-007"),
    Case("a second document", "drill:\n", "---\ndrill:\n", "8 PLAN-008"),
    Case("an escaped NUL", "owner: sre", r'owner: "\0" #', "3 PLAN-003"),
    Case("half a surrogate", "owner: sre", r'owner: "\ud800" #', "3 PLAN-003"),
    Case("an unset variable", "rto: 30m", "rto: '${MUSTER_NEVER_SET}'", "4 PLAN-009"),
    Case("a variable that holds a secret", "owner: sre@small.example", "owner: ${DB_PASSWORD}",
         "3 PLAN-069"),
    Case("a bad variable name", "owner: sre", "owner: ${not a name} #", "3 PLAN-009"),
    # shape of keys and values
    Case("an unknown key", "owner: sre", "ownr: sre", "3 PLAN-061"),
    Case("an unknown key of a check", "port: 5432, within", "port: 5432, witin", "20 PLAN-061"),
    Case("a missing key", "vault: {resource_group: rg-dr, name: rsv-small}\n", "", "1 PLAN-060"),
    Case("a missing key of a part", "{rto: 30m, rpo: 15m}", "{rto: 30m}", "4 PLAN-060"),
    Case("a missing key of an item", "why: The cache has to be warm.", "", "25 PLAN-060"),
    Case("a text for a mapping", "target: {region: westus2}", "target: westus2", "6 PLAN-062"),
    Case("nothing for a mapping", "target: {region: westus2}", "target:", "6 PLAN-062"),
    Case("a text for a list", "vms: [web1]", "vms: web1", "23 PLAN-062"),
    Case("a word for a number", "port: 5432", "port: postgres", "20 PLAN-062"),
    Case("a truth value for a number", "port: 5432", "port: true", "20 PLAN-062"),
    Case("a number for a text", "owner: sre@small.example", "owner: 1234", "3 PLAN-062"),
    Case("a number for a VM", "vms: [web1]", "vms: [web1, 7]", "23 PLAN-062"),
    Case("no groups", VALID[VALID.index("groups:") : VALID.index("checks:\n  - d")],
         "groups: []\n",
         "13 PLAN-064"),
    Case("a port out of range", "port: 5432", "port: 70000", "20 PLAN-064"),
    Case("a region with capitals", "region: westus2", "region: West US 2", "6 PLAN-063"),
    Case("an unknown word", "egress: agent", "egress: everything", "10 PLAN-065"),
    Case("an unknown mode", "about: A", "mode: magic #", "2 PLAN-065"),
    Case("an egress that is no address", "egress: agent", "egress: [10.0.0.0/8, x]",
         "10 PLAN-068"),
    Case("an egress of numbers", "egress: agent", "egress: [7]", "10 PLAN-062"),
    # names and order
    Case("a name that is not the file's", "plan: broken", "plan: mended", "1 PLAN-010"),
    Case("a truth value for a VM", "vms: [web1]", "vms: [web1, no]", "23 PLAN-011"),
    Case("null for a group", "  - name: web", "  - name: null", "21 PLAN-011"),
    Case("a doubled VM", "vms: [web1]", "vms: [web1, web1]", "23 PLAN-012"),
    Case("a VM in two groups", "vms: [web1]", "vms: [web1, DB1]", "23 PLAN-012"),
    Case("a support VM in a group", "vms: [web1]", "vms: [web1, dc1]", "23 PLAN-012"),
    Case("a doubled group", "  - name: web\n    needs: [database]", "  - name: database",
         "21 PLAN-013"),
    Case("a reserved group name", "  - name: web", "  - name: support", "21 PLAN-014"),
    Case("a reserved VM name", "vms: [web1]", "vms: [web1, worker]", "23 PLAN-014"),
    Case("needs an unknown group", "needs: [database]", "needs: [databse]", "22 PLAN-015"),
    Case("needs itself", "needs: [database]", "needs: [database, web]", "22 PLAN-016"),
    Case("a circle", "  - name: database\n", "  - name: database\n    needs: [web]\n",
         "15 PLAN-016"),
    Case("a circle by the order written",
         "  - name: database\n",
         "  - {name: a, vms: [a1], needs: [web]}\n  - name: database\n    needs: [a]\n",
         "14 PLAN-016"),
    Case("a group behind a circle", "checks:\n  - d",
         "  - {name: p, needs: [q], vms: [p1]}\n  - {name: q, needs: [p], vms: [q1]}\n"
         "  - {name: z, needs: [web, q], vms: [z1]}\nchecks:\n  - d",
         "28 PLAN-016\n30 PLAN-017"),
    Case("a check on a VM nobody brings up", "tcp: {vm: db1", "tcp: {vm: db9", "20 PLAN-018"),
    Case("an unknown placeholder", "{web1}:8080/health", "{wbe1}:8080/health", "27 PLAN-018"),
    Case("a placeholder that is no name", "{web1}:8080/health", "{web 1}{}/x",
         "27 PLAN-018\n27 PLAN-018"),
    Case("an action in an unknown VM", "{vm: db1, file", "{vm: DB1, file", "18 PLAN-018"),
    Case("a canary on the worker", "{from: web1, host", "{from: worker, host", "30 PLAN-018"),
    Case("a before-action in a VM of its group",
         "- wait: {for: 30s, why: The cache has to be warm.}",
         "- run_command: {vm: web1, file: scripts/promote.sh}", "25 PLAN-019"),
    Case("an after-action in a VM of a later group", "{vm: db1, file", "{vm: web1, file",
         "18 PLAN-019"),
    Case("a check of a VM of a later group", "tcp: {vm: db1", "tcp: {vm: web1", "20 PLAN-019"),
    # durations
    Case("a duration without a unit", "rto: 30m", "rto: 30", "4 PLAN-020"),
    Case("a duration in words", "within: 5m", "within: five minutes", "20 PLAN-020"),
    Case("a negative duration", "within: 5m", "within: -5m", "20 PLAN-021"),
    Case("a duration of years", "within: 5m", "within: 400d", "20 PLAN-022"),
    Case("an objective of zero", "rpo: 15m", "rpo: 0m", "4 PLAN-023"),
    # actions and checks
    Case("a script outside", "file: scripts/promote.sh", "file: ../promote.sh", "18 PLAN-030"),
    Case("an absolute script", "file: scripts/promote.sh", "file: /etc/passwd", "18 PLAN-030"),
    Case("a script that links outside", "scripts/promote.sh", "scripts/link.sh", "18 PLAN-030"),
    Case("two kinds of action", "- wait: {", "- manual: {ask: Go?, within: 5m, otherwise: abort}\n"
         "        wait: {", "25 PLAN-031"),
    Case("no kind of action", "- wait: {for: 30s, why: The cache has to be warm.}",
         "- name: nothing",
         "25 PLAN-031"),
    Case("an empty check", "- tcp: {vm: db1, port: 5432, within: 5m}", "- {}", "20 PLAN-032"),
    Case("two drill networks", "{create: vnet-small-drill}", "{create: a, use: b}", "9 PLAN-033"),
    Case("a missing script", "scripts/promote.sh", "scripts/demote.sh", "18 PLAN-034"),
    Case("a folder as script", "file: scripts/promote.sh", "file: scripts", "18 PLAN-034"),
    Case("a large script", "scripts/promote.sh", "scripts/large.sh", "18 PLAN-035"),
    Case("a binary script", "scripts/promote.sh", "scripts/binary.sh", "18 PLAN-036"),
    Case("an http check that runs nowhere", "http://{web1}:8080/health", "http://shop.example/",
         "27 PLAN-037"),
    Case("a control from a VM", "live_from: worker", "live_from: dc1", "30 PLAN-038"),
    Case("the source network for drills", "{create: vnet-small-drill}", "{use: VNET-small}",
         "9 PLAN-039"),
    Case("the target network for drills", "{create: vnet-small-drill}", "{create: vnet-small-asr}",
         "9 PLAN-039"),
    Case("the target network by id", "{create: vnet-small-drill}",
         "{use: /subscriptions/x/resourceGroups/RG-small-asr/providers/Microsoft.Network"
         "/virtualNetworks/vnet-small-asr}", "9 PLAN-039"),
    Case("an id for a network to be made", "{create: vnet-small-drill}",
         "{create: /subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks"
         "/vnet-drill}", "9 PLAN-071"),
    Case("a resource group for a network to be made", "{create: vnet-small-drill}",
         "{create: /subscriptions/x/resourceGroups/rg-precious}", "9 PLAN-071"),
    Case("a VM for a network to be made", "{create: vnet-small-drill}",
         "{create: /subscriptions/x/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines"
         "/web1}", "9 PLAN-071"),
    Case("a subnet of the target for drills", "{create: vnet-small-drill}",
         "{use: /subscriptions/x/resourceGroups/rg-small-asr/providers/Microsoft.Network"
         "/virtualNetworks/vnet-small-asr/subnets/default}", "9 PLAN-071"),
    Case("an id of nothing for drills", "{create: vnet-small-drill}",
         "{use: /subscriptions/a/b}", "9 PLAN-071"),
    Case("an id with a slash behind it", "{create: vnet-small-drill}",
         "{use: a, may_reach: [/subscriptions/x/resourceGroups/rg-small/providers"
         "/Microsoft.Network/virtualNetworks/vnet-lab/]}", "9 PLAN-071"),
    Case("an id with dots for a group", "{create: vnet-small-drill}",
         "{use: /subscriptions/x/resourceGroups/../providers/Microsoft.Network/virtualNetworks"
         "/vnet-lab}", "9 PLAN-071"),
    Case("a subnet as the source network", "network: vnet-small}",
         "network: /subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks"
         "/v/subnets/s}", "5 PLAN-071"),
    Case("a group as the target network", "target: {region: westus2}",
         "target: {region: westus2, network: /subscriptions/x/resourceGroups/rg}", "6 PLAN-071"),
    Case("an egress to everywhere", "egress: agent", "egress: [0.0.0.0/0]", "10 PLAN-070"),
    Case("an egress to everywhere in halves", "egress: agent",
         "egress: [0.0.0.0/1, 128.0.0.0/1]", "10 PLAN-070"),
    Case("an egress to much in parts", "egress: agent", "egress: [10.0.0.0/8, 20.0.0.0/8]",
         "10 PLAN-070"),
    Case("an egress to all of IPv6", "egress: agent", "egress: ['::/0']", "10 PLAN-070"),
    Case("a network that may reach the source", "{create: vnet-small-drill}",
         "{use: a, may_reach: [b, vnet-small]}", "9 PLAN-039"),
    Case("an address of large numbers", "10.1.0.4", "10.1.0.400", "16 PLAN-067"),
    Case("a consistency group", "about: A", "replication: {consistency_group: erp} #",
         "2 PLAN-054"),
    Case("a consistency group of seventeen", "support: {vms: [dc1]}",
         "replication: {consistency_group: g}\nmode: native\n"
         f"support: {{vms: [{', '.join(f'vm{n}' for n in range(15))}]}}", "12 PLAN-075"),
    # replication
    Case("a target outside of the residency", "about: A",
         "replication: {data_residency: europe} #", "5 PLAN-072\n6 PLAN-072"),
    Case("a target that is not in the list", "about: A",
         "replication: {data_residency: [eastus, centralus]} #", "6 PLAN-072"),
    Case("a continent that is none", "about: A", "replication: {data_residency: atlantis} #",
         "2 PLAN-065"),
    Case("a set and a zone for all", "about: A",
         "replication: {availability: {zone: 1, availability_set: a}} #", "2 PLAN-073"),
    Case("a set and a zone for a VM", "vms: [web1]",
         "vms: [{name: web1, zone: 1, availability_set: a}]", "23 PLAN-073"),
    Case("a target region with a slip", "{region: westus2}", "{region: westuss2}", "6 PLAN-080"),
    Case("a source region that is none", "{region: eastus,", "{region: atlantis,", "5 PLAN-080"),
    Case("a vault in no region", "{resource_group: rg-dr, name: rsv-small}",
         "{resource_group: rg-dr, name: rsv-small, region: nowhere}", "7 PLAN-080"),
    Case("a residency in no region", "about: A",
         "replication: {data_residency: [eastus, westus2, atlantis]} #", "2 PLAN-080"),
    Case("a target that is another's reserve", "{region: westus2}", "{region: switzerlandwest}",
         "6 PLAN-081"),
    Case("a target of another cloud", "{region: westus2}", "{region: chinanorth3}",
         "6 PLAN-081"),
    Case("a source that is only ever a target", "region: eastus,", "region: brazilsoutheast,",
         "6 PLAN-081"),
    Case("a zone for all where there is none", "target: {region: westus2}",
         "target: {region: ukwest}\nreplication: {availability: {zone: 1}}", "7 PLAN-082"),
    Case("a fourth zone", "vms: [web1]", "vms: [{name: web1, zone: 4}]", "23 PLAN-065"),
    Case("a vault where the source is", "name: rsv-small}", "name: rsv-small, region: eastus}",
         "7 PLAN-074"),
    Case("a pool without its balancer", "nics: [{private_ip: 10.1.0.4}]",
         "nics: [{backend_pools: [web]}]", "16 PLAN-063"),
    Case("a test address of large numbers", "{private_ip: 10.1.0.4}",
         "{test: {private_ip: 10.1.0.400}}", "16 PLAN-067"),
    Case("the target network by another suffix", "about: A page in front of a database.",
         "replication: {suffix: -drill}", "9 PLAN-039"),
    # what Azure does not take
    Case("no recovery points", "about: A",
         "replication: {policy: {keep_recovery_points: 0m}} #", "2 PLAN-076"),
    Case("a policy of half minutes", "about: A",
         "replication: {policy: {keep_recovery_points: 90s, app_consistent_every: 30s}} #",
         "2 PLAN-076\n2 PLAN-076"),
    Case("an app-consistent point that none is kept of", "about: A",
         "replication: {policy: {keep_recovery_points: 1h, app_consistent_every: 12h}} #",
         "2 PLAN-076"),
    Case("points kept for less than the usual time between them", "about: A",
         "replication: {policy: {keep_recovery_points: 1h}} #", "2 PLAN-076"),
    Case("points kept for longer than Azure keeps any", "about: A",
         "replication: {policy: {keep_recovery_points: 16d}} #", "2 PLAN-076"),
    Case("app-consistent points more often than hourly", "about: A",
         "replication: {policy: {app_consistent_every: 45m}} #", "2 PLAN-076"),
    Case("app-consistent points once a day", "about: A",
         "replication: {policy: {keep_recovery_points: 2d, app_consistent_every: 24h}} #",
         "2 PLAN-076"),
    Case("an address for two", "vms: [web1]",
         "vms: [{name: web1, nics: [{subnet: Data, private_ip: 10.1.0.9}]},"
         " {name: web2, nics: [{subnet: data, private_ip: 10.1.0.9}]}]", "23 PLAN-077"),
    Case("a test address for two", "vms: [web1]",
         "vms: [{name: web1, nics: [{subnet: data, test: {private_ip: 10.1.0.9}}]},"
         " {name: web2, nics: [{test: {subnet: data, private_ip: 10.1.0.9}}]}]", "23 PLAN-077"),
    Case("a policy that ends in dots", "about: A", "replication: {policy: {name: a..}} #",
         "2 PLAN-078"),
    Case("an account with a capital", "about: A", "replication: {cache_storage: My_Cache} #",
         "2 PLAN-078"),
    Case("a group that ends in a dot", "resource_group: rg-small", "resource_group: rg-small.",
         "5 PLAN-078"),
    Case("a vault of dots", "name: rsv-small", "name: rsv.small", "7 PLAN-078"),
    Case("a subnet that ends in a dash", "{private_ip: 10.1.0.4}", "{subnet: data-}",
         "16 PLAN-078"),
    Case("a machine as the cache", "about: A",
         "replication: {cache_storage: /subscriptions/x/resourceGroups/rg/providers"
         "/Microsoft.Compute/virtualMachines/web1} #", "2 PLAN-079"),
    Case("a machine as a proximity group", "vms: [web1]",
         "vms: [{name: web1, proximity_group: /subscriptions/x/resourceGroups/rg/providers"
         "/Microsoft.Compute/virtualMachines/web1}]", "23 PLAN-079"),
    Case("a machine as the balancer of a pool", "vms: [web1]",
         "vms: [{name: web1, nics: [{backend_pools: [/subscriptions/x/resourceGroups/rg/providers"
         "/Microsoft.Compute/virtualMachines/web1/backendAddressPools/x]}]}]", "23 PLAN-079"),
    Case("a machine as the balancer of a pool in a test", "vms: [web1]",
         "vms: [{name: web1, nics: [{test: {backend_pools: [/subscriptions/x/resourceGroups/rg"
         "/providers/Microsoft.Network/applicationGateways/ag/backendAddressPools/x]}}]}]",
         "23 PLAN-079"),
    Case("a way up in an id", "about: A",
         "replication: {cache_storage: /subscriptions/x/resourceGroups/rg/../hub/providers"
         "/Microsoft.Storage/storageAccounts/abc} #", "2 PLAN-079"),
    Case("a network as a group", "resource_group: rg-small",
         "resource_group: /subscriptions/x/resourceGroups/rg/providers/a/b/c", "5 PLAN-079"),
    Case("a subscription by its name", "resource_group: rg-small",
         "resource_group: rg-small, subscription: abc", "5 PLAN-120"),
    # schedule
    Case("a bad cron", "0 3 1 * *", "0 3 1 *", "11 PLAN-040"),
    Case("a cron of six fields", "0 3 1 * *", "0 0 3 1 * *", "11 PLAN-040"),
    Case("a cron in the 13th month", "0 3 1 * *", "0 3 1 13 *", "11 PLAN-040"),
    Case("a cron on the 30th of February", "0 3 1 * *", "0 3 30 2 *", "11 PLAN-044"),
    Case("an unknown time zone", "timezone: UTC", "timezone: Mars/Olympus", "11 PLAN-041"),
    Case("a day that is none", "timezone: UTC", "not_on: [2026-02-30]", "11 PLAN-042"),
    Case("a span backwards", "timezone: UTC", "not_on: [2027-01-02..2026-12-24]", "11 PLAN-043"),
    Case("days without end", "timezone: UTC", "not_on: [2020-01-01..2199-12-31]", "11 PLAN-045"),
)  # fmt: skip
