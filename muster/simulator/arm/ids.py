"""What a path of Azure Resource Manager names: a scope, a type, names, perhaps an action."""

from __future__ import annotations

from dataclasses import dataclass

PROPER: dict[str, str] = {}
"""Words of paths in Azure's own casing, by their small letters; filled by `learn`."""
TYPES: dict[str, str] = {}
"""Full types in Azure's own casing, by their small letters; filled by `learn`."""


def learn(arm_type: str) -> None:
    """Remember how Azure spells a type, for ids that are answered and to know the type again."""
    for word in arm_type.split("/"):
        PROPER.setdefault(word.lower(), word)
    if "/" in arm_type:
        TYPES.setdefault(arm_type.lower(), arm_type)


for _word in ("subscriptions", "resourceGroups", "Microsoft.Resources", "operationresults"):
    learn(_word)


def same(one: str, other: str) -> bool:
    """Ids of Azure compare without case."""
    return one.casefold() == other.casefold()


def proper(segment: str) -> str:
    """A known word of a path in Azure's own casing; an unknown one as it came."""
    return PROPER.get(segment.lower(), segment)


@dataclass(frozen=True, slots=True)
class Target:
    """A path taken apart. One type more than names: a collection (GET) or an action (POST)."""

    path: str
    scope: str  # what stands before the last /providers/
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        """The full type in proper casing, for example `Microsoft.Network/virtualNetworks`."""
        return "/".join((self.namespace, *self.types))

    @property
    def kind(self) -> str:
        """The full type in small letters, to look things up with."""
        return self.type.lower()

    @property
    def is_resource(self) -> bool:
        return len(self.types) == len(self.names)

    @property
    def name(self) -> str:
        """The last name; of a collection or an action the name of what it belongs to."""
        return self.names[-1] if self.names else ""

    @property
    def subscription(self) -> str:
        return self._after("subscriptions", 0)

    @property
    def group(self) -> str:
        return self._after("resourcegroups", 2)

    @property
    def owner(self) -> str:
        """The path of the resource that a collection, an action or a child belongs to."""
        above = self.path.rpartition("/")[0]
        return above.rpartition("/")[0] if self.is_resource else above

    def _after(self, word: str, position: int) -> str:
        segments = self.path.strip("/").split("/")
        if len(segments) > position + 1 and segments[position].lower() == word:
            return segments[position + 1]
        return ""


def parse(path: str) -> Target:
    """Take a path apart; paths without a provider belong to `Microsoft.Resources`.

    So do `…/providers` and `…/providers/{namespace}` of a subscription: they ask about providers.
    """
    segments = [segment for segment in path.split("/") if segment]
    lowered = [segment.lower() for segment in segments]
    if "providers" not in lowered:
        return _target("", "Microsoft.Resources", segments, segments)
    at = len(lowered) - 1 - lowered[::-1].index("providers")
    if at + 2 >= len(lowered) and lowered[:at] in ([], ["subscriptions", *lowered[1:2]]):
        return _target("", "Microsoft.Resources", segments, segments)
    namespace = proper(segments[at + 1]) if at + 1 < len(segments) else ""
    scope = "/" + "/".join(segments[:at]) if at else ""
    return _target(scope, namespace, segments[at + 2 :], segments)


def _target(scope: str, namespace: str, rest: list[str], segments: list[str]) -> Target:
    types = tuple(proper(segment) for segment in rest[0::2])
    return Target("/" + "/".join(segments), scope, namespace, types, tuple(rest[1::2]))


def name_of(arm_id: str) -> str:
    """The last segment of an id."""
    return arm_id.rstrip("/").rpartition("/")[2]
