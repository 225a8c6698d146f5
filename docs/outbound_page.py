"""docs/reference/outbound-rules.md: what VMs have to reach, from the table that is judged."""

from __future__ import annotations

from docs.tables import generated, table
from muster.replication.tables import source_of
from muster.replication.tables import table as facts

_WHEN = {
    "always": "always",
    "disk-encryption": "for VMs with Azure Disk Encryption",
    "agent-updates": "if Azure updates the Mobility service by itself, which Muster leaves off",
}


def outbound_page() -> str:
    """The page."""
    lines = [*generated("Outbound rules", "outbound"), ""]
    heading = ("need", "service tag", "names, for a proxy", "port", "why", "when", "rests on")
    rows = (
        (
            row["what"],
            f"`{row['tag'].format(source='<Source>', target='<Target>')}`",
            ", ".join(f"`{one}`" for one in row["fqdns"]),
            str(row["port"]),
            row["why"],
            _WHEN[row["when"]],
            source_of("outbound", row["rests"]).partition(" ")[0],
        )
        for row in facts("outbound")["rows"].values()
    )
    lines += table(heading, rows)
    return "\n".join(lines) + "\n"
