"""Where everything of a plan's replication lies: ids of groups, vault, fabrics, resolved once."""

from __future__ import annotations

from dataclasses import dataclass

from muster.gateway.ids import key_of, lies_in, parse_id, same_id
from muster.gateway.values import VaultRef
from muster.plan.model import RecoveryPlan
from muster.replication.found import Found
from muster.replication.naming import container_name, fabric_name, group_id_of, policy_name
from muster.replication.wanted import FabricWanted, PolicyWanted, VaultWanted


@dataclass(frozen=True, slots=True)
class Setting:
    """A plan with what was found, and the places that both lead to."""

    plan: RecoveryPlan
    found: Found

    @property
    def source_subscription(self) -> str:
        return self.plan.source.subscription or self.found.subscription

    @property
    def target_subscription(self) -> str:
        return self.plan.target.subscription or self.source_subscription

    @property
    def source_group_id(self) -> str:
        return group_id_of(self.plan.source.resource_group, self.source_subscription)

    @property
    def target_group_id(self) -> str:
        return group_id_of(self.plan.target_resource_group, self.target_subscription)

    @property
    def vault(self) -> VaultWanted:
        said = self.plan.vault
        group = group_id_of(said.resource_group, said.subscription or self.source_subscription)
        place = parse_id(said.name if said.name.startswith("/") else group)
        name = said.name.rpartition("/")[2]
        ref = VaultRef(place.subscription or "", place.resource_group or "", name)
        region = said.region or (
            self.found.vault.region if self.found.vault else self.plan.target.region
        )
        return VaultWanted(ref, region)

    @property
    def policy(self) -> PolicyWanted:
        """Terms and name of the policy; VMs that are consistent together need it to say so.

        One that is there and permits groups keeps that: it serves VMs of none just as well.
        """
        said = self.plan.replication.policy
        sync = self.plan.replication.consistency_group is not None
        every, keep = said.app_consistent_every, said.keep_recovery_points
        name = said.name or policy_name(keep, every, multi_vm_sync=sync)
        now = (one for one in self.found.setup.policies if one.name.casefold() == name.casefold())
        sync = sync or any(one.multi_vm_sync for one in now)
        return PolicyWanted(name, every, keep, multi_vm_sync=sync)

    @property
    def source(self) -> FabricWanted:
        """The source region's fabric, with the container that holds the plan's items."""
        region = self.plan.source.region
        name = self._fabric(region)
        held = [item.id for item in self.found.setup.items if self._is_ours(item.source_vm_id)]
        own = container_name(name)
        return FabricWanted(name, region, self._container(name, held) or own)

    @property
    def target(self) -> FabricWanted:
        """The target region's; from zone to zone it is the source's, with another container."""
        region = self.plan.target.region
        name = self._fabric(region)
        own = container_name(name, second=self.plan.is_zonal)
        return FabricWanted(name, region, self._container(name, self._mapped_from_source()) or own)

    def _fabric(self, region: str) -> str:
        """A vault knows a region once: the name it has there, else the portal's."""
        for fabric in self.found.setup.fabrics:
            if fabric.region.casefold() == region:
                return fabric.name
        return fabric_name(region)

    def _container(self, fabric: str, ids: list[str]) -> str | None:
        """Name of the container of a fabric that ids lie in, or are; None for none of them."""
        for container in self.found.setup.containers:
            inside = any(lies_in(one, container.id) for one in ids)
            if inside and container.fabric.casefold() == fabric.casefold():
                return container.name
        return None

    def mapping_name(self, source: FabricWanted, target: FabricWanted) -> str | None:
        """Name of the mapping that is there between two containers under the plan's policy."""
        here, there = self._container_id(source), self._container_id(target)
        own = self.policy.name.casefold()
        for mapping in self.found.setup.mappings:
            is_from_here = same_id(mapping.container_id, here)
            leads_there = same_id(mapping.target_container_id, there)
            policy = mapping.policy_id.rpartition("/")[2].casefold()
            if is_from_here and leads_there and policy == own:
                return mapping.name
        return None

    def _mapped_from_source(self) -> list[str]:
        """Ids of the containers that the source's container is mapped to."""
        own = self._container_id(self.source)
        every = self.found.setup.mappings
        return [one.target_container_id for one in every if same_id(one.container_id, own)]

    def _container_id(self, fabric: FabricWanted) -> str | None:
        """Id of a fabric's container as Azure has it; None if it is not there."""
        for one in self.found.setup.containers:
            if (one.fabric.casefold(), one.name.casefold()) == (
                fabric.name.casefold(),
                fabric.container.casefold(),
            ):
                return one.id
        return None

    def _is_ours(self, vm_id: str) -> bool:
        return any(key_of(vm.id) == key_of(vm_id) for vm in self.found.vms)
