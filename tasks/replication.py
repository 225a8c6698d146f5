"""Tasks that have a plan's VMs replicated, or end that."""

from __future__ import annotations

from tasks.shell import step_task

survey = step_task("survey", "Read source, target and vault; name everything that is wanted.")

make_groups = step_task("resource groups", "Have the resource groups of target and vault.")

make_vault = step_task("vault", "Have the Recovery Services vault.")

make_target_resources = step_task(
    "target resources", "Have the networks, storage and sets that VMs recover into."
)

make_fabrics = step_task("fabrics", "Have both regions known to the vault.")

make_containers = step_task("containers", "Have a protection container on each side.")

make_policy = step_task("policy", "Have the replication policy, on the plan's terms.")

map_containers = step_task("container mappings", "Map the containers to each other, both ways.")

map_networks = step_task("network mappings", "Map the networks to each other, both ways.")

protect = step_task("protect", "Enable one VM's replication, and follow it until Protected.")

settle = step_task("settle", "Cards, size and test settings of one protected VM.")

disable = step_task("disable", "Remove one VM's protection.")
