"""The recovery plan as a validated value. What a file may say is here; where, the loader knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from muster.plan.actions import Action, Operation, PlanModel
from muster.plan.checks import Check
from muster.plan.durations import Duration
from muster.plan.machines import Vm, VmEntry
from muster.plan.names import AzureName, GroupName, PlanName, refuse_truth_value
from muster.plan.replication import RegionName, Replication
from muster.plan.schedule import Schedule
from muster.plan.used import later

RecoveryPointChoice = Literal["latest", "latest-processed", "app-consistent", "crash-consistent"]


class Objectives(PlanModel):
    """What the business set: how long recovery may take, how much data may be lost."""

    rto: Duration
    rpo: Duration


class Source(PlanModel):
    """Where the application runs today."""

    region: RegionName
    resource_group: AzureName
    network: AzureName
    subscription: str | None = Field(
        None, description="Subscription id; MUSTER_SUBSCRIPTION otherwise."
    )


class Target(PlanModel):
    """Where it is recovered to; names default to the source's with `-asr` behind."""

    region: RegionName
    resource_group: AzureName | None = None
    network: AzureName | None = None
    subscription: str | None = None


class Vault(PlanModel):
    """The Recovery Services vault that holds the replication."""

    resource_group: AzureName
    name: AzureName
    subscription: str | None = None
    region: RegionName | None = later(None, "Where it is made. Left out: in the target region.")


class DrillNetwork(PlanModel):
    """`create`: a mirror of the target network, removed again. `use`: one that is verified."""

    create: AzureName | None = None
    use: AzureName | None = None
    may_reach: tuple[AzureName, ...] = Field(
        (),
        description="Networks that a given network may reach. Never the source or target.",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.create is None) == (self.use is None):
            raise PydanticCustomError(
                "PLAN-033", "a drill network is either `create: NAME` or `use: NAME`", {}
            )
        return self


class OnFailure(PlanModel):
    keep_for: Duration = timedelta()


class Drill(PlanModel):
    """How a drill of this plan goes."""

    network: DrillNetwork
    egress: Literal["none", "agent"] | tuple[str, ...] = Field(
        "agent", description="none | agent (what run-command needs) | addresses allowed out."
    )
    recovery_point: RecoveryPointChoice = "latest-processed"
    max_point_age: Duration = timedelta(hours=1)
    keep_for: Duration = timedelta()
    on_failure: OnFailure = OnFailure()
    resume_within: Duration = Field(
        timedelta(),
        description="Of no effect yet: a crashed drill is cleaned up, not gone on with.",
    )
    schedule: Schedule | None = None


class Support(PlanModel):
    """Domain controller, DNS, jump host: up first, cleaned last."""

    vms: tuple[VmEntry, ...] = ()


class VmGroup(PlanModel):
    """Machines that come up together, behind the groups they need."""

    name: GroupName
    needs: tuple[GroupName, ...] | None = Field(
        None, description="Groups that come first. Left out: the group written before."
    )
    vms: tuple[VmEntry, ...] = Field(min_length=1)
    before: tuple[Action, ...] = ()
    after: tuple[Action, ...] = ()
    checks: tuple[Check, ...] = ()


class Approval(PlanModel):
    people: Annotated[int, Field(ge=1, le=9), BeforeValidator(refuse_truth_value)] = 1
    within: Duration = timedelta(minutes=30)


class Approvals(PlanModel):
    failover: Approval | None = None


class RecoveryPlan(PlanModel):
    """An application's recovery plan, read with `muster.plan.loader.load_plan`."""

    plan: PlanName
    formerly: tuple[PlanName, ...] = later(
        (),
        "Names that this plan had before: what its runs protected under them stays its own.",
        max_length=8,
    )
    about: str = Field("", max_length=1000)
    owner: str = Field("", max_length=200)
    runbook_url: str | None = Field(None, pattern=r"^https?://")
    objectives: Objectives
    mode: Literal["orchestrated", "native"] = "orchestrated"
    start: Literal["ordered", "together"] = "ordered"
    source: Source
    target: Target
    vault: Vault
    replication: Replication = Replication()
    drill: Drill
    support: Support = Support()
    groups: tuple[VmGroup, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()
    approvals: Approvals = Approvals()
    controls: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,40}$")], ...] = ()

    @property
    def is_zonal(self) -> bool:
        """Whether VMs go to another zone of their own region."""
        return self.source.region == self.target.region

    @property
    def target_resource_group(self) -> str:
        suffix = self.replication.suffix
        return self.target.resource_group or f"{self.source.resource_group}{suffix}"

    @property
    def target_network(self) -> str:
        return self.target.network or f"{self.source.network}{self.replication.suffix}"

    @property
    def group_vms(self) -> tuple[Vm, ...]:
        """VMs of all groups, in the order written; support VMs are not among them."""
        return tuple(vm for group in self.groups for vm in group.vms)

    @property
    def all_vms(self) -> tuple[Vm, ...]:
        """Support VMs, then those of all groups."""
        return (*self.support.vms, *self.group_vms)

    def group_of(self, vm: Vm) -> str:
        """Resource group of a source VM: a name, or an id."""
        return vm.resource_group or self.source.resource_group

    def vm(self, name: str) -> Vm:
        """One VM by name; raises KeyError."""
        for vm in self.all_vms:
            if vm.name == name:
                return vm
        raise KeyError(name)

    def is_critical(self, name: str) -> bool:
        """Whether a drill fails with this VM: support VMs, and what nobody made optional."""
        if any(vm.name == name for vm in self.support.vms):
            return True
        return all(vm.critical for vm in self.group_vms if vm.name == name)

    def needs_of(self, group: VmGroup) -> tuple[str, ...]:
        """Names of the groups that come first: as written, else the one written before."""
        if group.needs is not None:
            return group.needs
        at = self.groups.index(group)
        return (self.groups[at - 1].name,) if at else ()

    def actions(self) -> Iterator[tuple[VmGroup, Literal["before", "after"], int, Action]]:
        """Every action with its group, side and place (from 0)."""
        for group in self.groups:
            for number, action in enumerate(group.before):
                yield group, "before", number, action
            for number, action in enumerate(group.after):
                yield group, "after", number, action


__all__ = ["Action", "Check", "Operation", "RecoveryPlan", "Vm", "VmGroup"]
