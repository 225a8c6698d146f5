"""What the state machine of items looks at: a still world, its items and their jobs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from .item_rules import path_of
from .life import ITEMS
from .still_world import StillWorld


class ItemsAtWork(RuleBasedStateMachine):
    """A world with settings of any kind, and ways to look things up in it."""

    alone = True  # nobody deletes machines under Site Recovery's hands

    @initialize(
        refusal=st.sampled_from(["failed_job", "conflict", "bad_request"]),
        ends=st.sampled_from(["succeeded", "suspended"]),
        cancel=st.sampled_from(["unlisted", "listed", "refused"]),
        enabling=st.sampled_from(["shown", "missing"]),
        reprotect=st.sampled_from(["fails", "works"]),
    )
    def begin(self, refusal: str, ends: str, cancel: str, enabling: str, reprotect: str) -> None:
        self.still = StillWorld(
            refusal=refusal,
            failover_test_job_ends=ends,
            failover_cancel=cancel,
            item_while_enabling=enabling,
            item_reprotect=reprotect,
        )
        self.cancel = cancel
        self.seen: dict[str, Any] = {}

    # -- how it is looked up ----------------------------------------------------------------

    def is_new(self, what: str, signature: Any) -> bool:
        """Whether something has changed since it was last looked at: looking takes time."""
        known, self.seen[what] = self.seen.get(what), signature
        return bool(known != signature)

    def items(self) -> list[Any]:
        return list(self.still.world.items.values()) if hasattr(self, "still") else []

    def item(self, vm: str) -> Any:
        found = [item for item in self.items() if item["name"] == ITEMS[vm]]
        return found[0] if found else None

    def body(self, vm: str) -> Any:
        item = self.item(vm)
        answer = self.still.ask("GET", path_of(item))
        if answer.status == 404:  # hidden while its protection is being enabled
            return {"currentScenario": {"scenarioName": "EnableDr"}, "allowedOperations": []}
        return answer.body["properties"]

    def listed(self, vm: str) -> list[str] | None:
        return self.body(vm)["allowedOperations"] if self.item(vm) else None

    def unfinished(self, vm: str) -> list[Any]:
        """Jobs about an item that have not ended, without those that others hold."""
        world, item = self.still.world, self.item(vm)
        if item is None:
            return []
        found = []
        for job in world.table("jobs").values():
            about = job.get("item") and world.items.get(str(job["item"]))
            if about is not item or job.get("within") or job["cancelled"] is not None:
                continue
            refused = job["fails"] and job["ends"] - job["starts"] < 2
            if (job["ends"] is None or job["ends"] > world.now) and not refused:
                found.append(job)
        return found
