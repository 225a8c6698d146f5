"""What to do about VMs that another vault protects: said once, and the safe way first."""

from __future__ import annotations

from muster.replication.elsewhere import way_back
from muster.replication.rendering import lines_of
from muster.replication.wanted import Left

VAULT = (
    "/subscriptions/s/resourceGroups/rg-old/providers/Microsoft.RecoveryServices/vaults/rsv-old"
)


def test_to_leave_the_vm_out_comes_before_another_vault_and_its_region_is_asked_for() -> None:
    said = way_back(VAULT)
    assert said.index("Take it out of the plan") < said.index("write `vault: ")
    assert "goes to the plan's target region" in said


def test_a_remedy_that_vms_share_is_said_once() -> None:
    remedy = way_back(VAULT)
    left = [Left(name, "protected", "rsv-old protects it", remedy) for name in ("old1", "old2")]
    lines = [line.text for line in lines_of((), [*left, Left("x", "pending", "off", "Start it.")])]
    assert lines.count(f"    do: {remedy}") == 1
    assert lines.index("o old2: protected: rsv-old protects it") < lines.index(f"    do: {remedy}")
    assert "    do: Start it." in lines
