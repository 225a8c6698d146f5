"""ARM ids: taken apart, put together, compared without case, which Azure changes at will."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from muster.errors import InputError


class BadArmId(InputError):
    """A text that should be an ARM id is none. Nothing was sent for it."""

    code = "AZ-ID"
    hint = "An id reads /subscriptions/GUID/resourceGroups/NAME/providers/NAMESPACE/TYPE/NAME…"


@dataclass(frozen=True, slots=True)
class ArmId:
    """An ARM id in its parts; the case of every part is as it was sent.

    `types` and `names` run side by side: ("vaults", "replicationJobs") and ("rsv1", "<guid>").
    Both are empty for a subscription or a resource group. For an extension (a lock on a VM) they
    are the extension's, and `parent` is the id of what it hangs on; else `parent` is None.
    """

    subscription: str | None
    resource_group: str | None
    provider: str | None
    types: tuple[str, ...]
    names: tuple[str, ...]
    parent: str | None = None

    @property
    def type(self) -> str:
        """As ARM writes a type, `Microsoft.Network/virtualNetworks/subnets`; of a group too."""
        if self.provider is not None:
            return "/".join((self.provider, *self.types))
        if self.resource_group is not None:
            return "Microsoft.Resources/resourceGroups"
        return "Microsoft.Resources/subscriptions"

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else self.resource_group or self.subscription or ""

    @property
    def group_id(self) -> str:
        """Id of the resource group this lies in; the subscription's id where there is none."""
        scope = f"/subscriptions/{self.subscription}"
        return (
            scope
            if self.resource_group is None
            else f"{scope}/resourceGroups/{self.resource_group}"
        )

    def up_to(self, arm_type: str) -> str:
        """Id of the part that ends with a type: of a job, `up_to("vaults")` is the vault.

        Raises:
            BadArmId: There is no such part.
        """
        wanted = arm_type.casefold()
        for count, part in enumerate(self.types, start=1):
            if part.casefold() == wanted:
                pairs = zip(self.types[:count], self.names[:count], strict=True)
                scope = self.parent if self.parent is not None else self.group_id
                tail = "/".join(chain.from_iterable(pairs))
                return f"{scope}/providers/{self.provider}/{tail}"
        raise BadArmId(f"{self} has no part of type {arm_type}")

    def named(self, arm_type: str) -> str:
        """The name that stands behind a type: `named("vaults")`.

        Raises:
            BadArmId: There is no such part.
        """
        wanted = arm_type.casefold()
        for part, name in zip(self.types, self.names, strict=True):
            if part.casefold() == wanted:
                return name
        raise BadArmId(f"{self} has no part of type {arm_type}")

    def __str__(self) -> str:
        scope = self.parent if self.parent is not None else self.group_id
        if self.provider is None:
            return scope
        pairs = chain.from_iterable(zip(self.types, self.names, strict=True))
        return "/".join((scope, "providers", self.provider, *pairs))


def same_id(one: str | None, other: str | None) -> bool:
    """Whether two ids name the same thing; an id that is missing is the same as none."""
    if not one or not other:
        return False
    return key_of(one) == key_of(other)


def key_of(arm_id: str) -> str:
    """What to compare, sort and index ids by."""
    return arm_id.strip().rstrip("/").casefold()


def last_of(arm_id: str) -> str:
    """The last part of an id, a name as it was sent; "" for nothing."""
    return arm_id.rstrip("/").rpartition("/")[2]


def lies_in(arm_id: str, scope: str) -> bool:
    """Whether an id is a scope or something below it."""
    return key_of(arm_id) == key_of(scope) or key_of(arm_id).startswith(key_of(scope) + "/")


def network_of(subnet_id: str) -> str | None:
    """Id of the network that a subnet is in, as it was sent; None for what is no subnet."""
    at = subnet_id.casefold().rfind("/subnets/")
    return subnet_id[:at] if at > 0 else None


def parse_id(text: str) -> ArmId:
    """Take an ARM id apart.

    Raises:
        BadArmId: The text is no ARM id.
    """
    trimmed = text.strip().rstrip("/")
    parts = trimmed.split("/")[1:]
    if not trimmed.startswith("/") or len(parts) % 2 or not all(parts):
        raise BadArmId(f"{text!r} is no ARM id")
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    marks = [at for at, (kind, _) in enumerate(pairs) if kind.casefold() == "providers"]
    last = marks[-1] if marks else len(pairs)
    subscription, group = _scope_of(pairs[: marks[0]] if marks else pairs, text)
    tail = pairs[last + 1 :]
    if marks and not tail:
        raise BadArmId(f"{text!r} names a provider and nothing of it")
    return ArmId(
        subscription,
        group,
        pairs[last][1] if marks else None,
        tuple(kind for kind, _ in tail),
        tuple(name for _, name in tail),
        _joined(pairs[:last]) if len(marks) > 1 else None,
    )


def _scope_of(pairs: list[tuple[str, str]], text: str) -> tuple[str | None, str | None]:
    found = {kind.casefold(): name for kind, name in pairs}
    if set(found) not in ({"subscriptions"}, {"subscriptions", "resourcegroups"}) or len(
        pairs
    ) != len(found):
        raise BadArmId(f"{text!r} does not begin with a subscription")
    return found["subscriptions"], found.get("resourcegroups")


def _joined(pairs: list[tuple[str, str]]) -> str:
    return "".join(f"/{kind}/{name}" for kind, name in pairs)
