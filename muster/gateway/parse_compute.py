"""VMs, managed run-commands and Automation jobs, from JSON into the port's values."""

from __future__ import annotations

from muster.gateway.parse import ids, instant, mapping, rows, text_of, text_or_none
from muster.gateway.values import AutomationJob, CommandResult, Json, VirtualMachine


def parse_vm(raw: Json, *, instance_view: bool) -> VirtualMachine:
    """A VM; power state and agent are None unless the instance view was asked for."""
    properties = mapping(raw.get("properties"))
    storage = mapping(properties.get("storageProfile"))
    os_disk = mapping(storage.get("osDisk"))
    disks = [os_disk, *rows(storage.get("dataDisks"))]
    nics = rows(mapping(properties.get("networkProfile")).get("networkInterfaces"))
    view = mapping(properties.get("instanceView"))
    status = _agent_status(view) if instance_view else None
    return VirtualMachine(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        location=text_of(raw.get("location")),
        size=text_of(mapping(properties.get("hardwareProfile")).get("vmSize")),
        os=text_of(os_disk.get("osType")),
        provisioning_state=text_of(properties.get("provisioningState")),
        power_state=_power(view) if instance_view else None,
        agent_ready=(status == "Ready") if instance_view else None,
        agent_status=status,
        created_at=instant(properties.get("timeCreated")),
        nic_ids=ids(nic.get("id") for nic in nics),
        disk_ids=ids(mapping(disk.get("managedDisk")).get("id") for disk in disks),
        tags={str(key): str(value) for key, value in mapping(raw.get("tags")).items()},
        raw=raw,
    )


def _power(view: Json) -> str | None:
    for status in rows(view.get("statuses")):
        code = text_of(status.get("code"))
        if code.casefold().startswith("powerstate/"):
            return code.partition("/")[2]
    return None


def _agent_status(view: Json) -> str | None:
    """The VM agent's own word: `Ready`, `Not Ready`; None before the agent ever reported."""
    for status in rows(mapping(view.get("vmAgent")).get("statuses")):
        if shown := text_or_none(status.get("displayStatus")):
            return shown
    return None


def parse_command(raw: Json) -> CommandResult:
    """A managed run-command with its instance view.

    Without a view yet, the state follows the provisioning state: Failed there means that the
    platform never ran the script at all.
    """
    properties = mapping(raw.get("properties"))
    view = mapping(properties.get("instanceView"))
    provisioning = text_of(properties.get("provisioningState"))
    state = text_of(view.get("executionState"))
    failed = provisioning.casefold() == "failed"
    if not state or (state.casefold() in {"unknown", "pending"} and failed):
        state = "Failed" if failed else "Pending"
    code = view.get("exitCode")
    message = text_of(view.get("executionMessage"))
    return CommandResult(
        state=state,
        exit_code=int(code) if isinstance(code, int) else None,
        stdout=text_of(view.get("output")),
        stderr=text_of(view.get("error")) or (message if failed else ""),
        started_at=instant(view.get("startTime")),
        ended_at=instant(view.get("endTime")),
        raw=raw,
    )


def parse_automation_job(raw: Json) -> AutomationJob:
    """A job of an Automation account."""
    properties = mapping(raw.get("properties"))
    return AutomationJob(
        name=text_of(raw.get("name")),
        status=text_of(properties.get("status")),
        started_at=instant(properties.get("startTime")),
        ended_at=instant(properties.get("endTime")),
        exception=text_or_none(properties.get("exception")),
        raw=raw,
    )
