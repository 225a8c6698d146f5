"""Tasks that remove what a drill made and prove that it is gone."""

from __future__ import annotations

from tasks.shell import step_task

clean_up = step_task("cleanup", "Test failover cleanup of one VM.")

remove_network = step_task("remove network", "Remove the network that the drill made.")

prove_clean = step_task("prove clean", "Take the inventory: nothing of this drill is left.")
