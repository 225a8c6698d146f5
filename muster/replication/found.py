"""What was found at the source, the target and in the vault: what is wanted rests on it.

Pure values. `reading_vms`, `reading_places` and `reading_vault` make them of ARM's JSON; whoever
reads Azure fills a `Found` with them. What could not be read stands in `unread` with the reason,
for a value that is missing because nobody may see it is not a value that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from muster.gateway.ids import key_of, network_of, same_id
from muster.gateway.values import JobError, Json, ProtectedItem, Resource, VirtualMachine
from muster.gateway.values_setup import VaultSetup

NOTHING_SET_UP = VaultSetup((), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that was not seen: what, and why not."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class FoundDisk:
    """A managed disk of a VM; what an unmanaged one lacks is None, and `id` is its VHD's URI."""

    id: str
    name: str
    is_os: bool
    managed: bool = True
    sku: str | None = None  # Standard_LRS, Premium_LRS, UltraSSD_LRS, PremiumV2_LRS …
    size_gb: int | None = None
    write_accelerated: bool = False
    max_shares: int = 1
    is_ephemeral: bool = False
    encryption: str | None = None  # EncryptionAtRestWithPlatformKey, …WithCustomerKey …
    encryption_set_id: str | None = None
    is_guest_encrypted: bool = False  # Azure Disk Encryption
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundIp:
    """One ip configuration of a card."""

    name: str
    is_primary: bool
    subnet_id: str | None
    address: str | None
    is_static: bool
    public_ip_id: str | None = None
    backend_pool_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundCard:
    id: str
    name: str
    is_primary: bool
    ips: tuple[FoundIp, ...]
    security_group_id: str | None = None
    accelerated: bool = False


@dataclass(frozen=True, slots=True)
class FoundExtension:
    name: str
    type: str  # SiteRecovery-Linux, AzureDiskEncryption …
    state: str  # provisioning state


@dataclass(frozen=True, slots=True)
class FoundVm:
    """A VM at the source. None: not told by Azure, or not asked for.

    `eligibility` is the answer of Azure's own endpoint: None if it was not asked or did not
    answer, an empty tuple for an eligible VM, else its errors.
    """

    id: str
    name: str
    region: str
    size: str
    os: str  # Linux | Windows
    disks: tuple[FoundDisk, ...]
    cards: tuple[FoundCard, ...]
    zone: str | None = None
    image: str | None = None  # publisher:offer:sku:version
    os_name: str | None = None  # as the VM agent tells: ubuntu, Windows Server 2019 Datacenter
    os_version: str | None = None
    architecture: str | None = None  # x64 | Arm64
    provisioning: str = "Succeeded"
    power: str | None = None  # running | deallocated …
    agent_ready: bool | None = None
    disk_controller: str | None = None  # SCSI | NVMe
    is_host_encrypted: bool = False
    is_confidential: bool = False
    dedicated_host_id: str | None = None
    scale_set_id: str | None = None
    availability_set_id: str | None = None
    proximity_group_id: str | None = None
    capacity_reservation_id: str | None = None
    boot_diagnostics_uri: str | None = None
    extensions: tuple[FoundExtension, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    eligibility: tuple[JobError, ...] | None = None
    unseen: tuple[Unread, ...] = ()  # disks and cards that it names and that nobody could read

    @property
    def subnet_id(self) -> str | None:
        """Subnet of the primary address of the primary card."""
        cards = sorted(self.cards, key=lambda card: not card.is_primary)
        ips = [ip for card in cards[:1] for ip in card.ips]
        return next((ip.subnet_id for ip in sorted(ips, key=lambda ip: not ip.is_primary)), None)

    @property
    def network_id(self) -> str | None:
        """Network of the primary card."""
        return network_of(self.subnet_id) if self.subnet_id else None


@dataclass(frozen=True, slots=True)
class FoundSubnet:
    id: str
    name: str
    prefixes: tuple[str, ...]
    security_group_id: str | None = None
    route_table_id: str | None = None
    service_endpoints: tuple[str, ...] = ()
    raw: Json = field(default_factory=dict)
    untold: str = ""  # why nobody knows which group and table it has


@dataclass(frozen=True, slots=True)
class FoundNetwork:
    id: str
    name: str
    region: str
    address_space: tuple[str, ...]
    subnets: tuple[FoundSubnet, ...]
    dns_servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule of a network security group; every list is never empty."""

    name: str
    priority: int
    is_outbound: bool
    allows: bool
    protocol: str  # Tcp | Udp | Icmp | *
    sources: tuple[str, ...]
    destinations: tuple[str, ...]  # addresses, ranges, service tags, *
    ports: tuple[str, ...]  # of the destination: 443, 1000-2000, *


@dataclass(frozen=True, slots=True)
class FoundSecurityGroup:
    id: str
    name: str
    rules: tuple[FoundRule, ...]  # its own; Azure's default rules are known
    untold: str = ""  # why they are not known


@dataclass(frozen=True, slots=True)
class FoundRoute:
    name: str
    prefix: str  # a range or a service tag
    next_hop: str  # Internet | VirtualAppliance | VirtualNetworkGateway | VnetLocal | None
    next_hop_address: str | None = None


@dataclass(frozen=True, slots=True)
class FoundRouteTable:
    id: str
    name: str
    routes: tuple[FoundRoute, ...]
    untold: str = ""  # why they are not known


@dataclass(frozen=True, slots=True)
class FoundStorage:
    id: str
    name: str
    region: str
    sku: str
    kind: str  # StorageV2, BlockBlobStorage …
    allows_shared_key: bool = True
    soft_delete_days: int | None = None
    default_action: str = "Allow"  # of its firewall
    bypasses_azure_services: bool = True


@dataclass(frozen=True, slots=True)
class FoundVault:
    id: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class FoundSize:
    """A VM size in the source region."""

    name: str
    cores: int | None = None
    memory_gb: float | None = None
    architecture: str | None = None  # x64 | Arm64
    disk_controllers: tuple[str, ...] = ()  # SCSI, NVMe


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was read before anything is made. Compare ids without case.

    `setup` is that of the plan's vault. `elsewhere` tells VMs that are
    protected by another vault: id of the VM -> id of that vault. `resources` are things of any
    other kind (groups, availability sets, public addresses, balancers …) at source and target.
    `taken_storage_names` are names of storage accounts that somebody else in the world has.
    """

    subscription: str  # of the plan's source where the plan names none
    vms: tuple[FoundVm, ...] = ()
    machines: tuple[VirtualMachine, ...] = ()  # the same, as the gateway reads them
    networks: tuple[FoundNetwork, ...] = ()  # of source and target
    security_groups: tuple[FoundSecurityGroup, ...] = ()
    route_tables: tuple[FoundRouteTable, ...] = ()
    storage: tuple[FoundStorage, ...] = ()  # in the source region, and those the plan names
    taken_storage_names: frozenset[str] = frozenset()
    sizes: Mapping[str, FoundSize] = field(default_factory=dict)  # by folded name; none: not read
    target_sizes: Mapping[str, FoundSize] = field(default_factory=dict)  # the same, of the target
    resources: tuple[Resource, ...] = ()
    vault: FoundVault | None = None  # None: there is none yet
    vaults_of_that_name: tuple[FoundVault, ...] = ()  # in other groups: it may have been moved
    setup: VaultSetup = NOTHING_SET_UP
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()

    def network(self, network_id: str | None) -> FoundNetwork | None:
        return next((one for one in self.networks if same_id(one.id, network_id)), None)

    def subnet(self, subnet_id: str | None) -> FoundSubnet | None:
        every = (subnet for network in self.networks for subnet in network.subnets)
        return next((one for one in every if same_id(one.id, subnet_id)), None)

    def resource(self, resource_id: str | None) -> Resource | None:
        return next((one for one in self.resources if same_id(one.id, resource_id)), None)

    def account(self, storage_id: str | None) -> FoundStorage | None:
        return next((one for one in self.storage if same_id(one.id, storage_id)), None)

    def item_of(self, vm_id: str) -> ProtectedItem | None:
        """The item of the plan's vault that protects a VM."""
        return next((one for one in self.setup.items if same_id(one.source_vm_id, vm_id)), None)

    def known_ids(self) -> frozenset[str]:
        """Every resource outside of the vault that is there, by `key_of` its id."""
        held = (self.networks, self.security_groups, self.route_tables, self.storage, self.vms)
        ids = [one.id for many in held for one in many] + [one.id for one in self.resources]
        return frozenset(map(key_of, ids))
