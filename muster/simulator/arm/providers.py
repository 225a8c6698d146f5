"""Resource providers: what they offer, and whether a subscription has registered them."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm import paging
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import TYPES
from muster.simulator.arm.subscriptions import demand_subscription
from muster.simulator.arm.types import KINDS
from muster.simulator.arm.versions import known_versions, namespaces
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.regions import PUBLIC

TABLE = "providers"
"""Table of the world: what was changed, by `subscription/namespace` in small letters."""
ALWAYS = ("microsoft.resources", "microsoft.authorization")  # registered in every subscription


def demand_registered(call: Call) -> None:
    """Refuse a write of a provider the subscription has not registered (409, as documented)."""
    namespace = call.target.namespace
    if call.target.types[0].lower() in ("register", "unregister"):
        return
    if state_of(call, namespace) != "Registered":
        raise AzureError(
            409,
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{namespace}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions.",
            [
                {
                    "code": "MissingSubscriptionRegistration",
                    "target": namespace,
                    "message": f"The subscription is not registered to use namespace "
                    f"'{namespace}'. See https://aka.ms/rps-not-found for how to register "
                    "subscriptions.",
                }
            ],
        )


def state_of(call: Call, namespace: str) -> str:
    """Registered (so every world begins), Registering, NotRegistered."""
    changed = call.world.table(TABLE).get(_key(call, namespace))
    if changed is None or namespace.lower() in ALWAYS:
        return "Registered"
    if changed["to"] == "Registered" and call.world.now < changed["at"] + call.world.takes(
        "registers", namespace.lower()
    ):
        return "Registering"
    return str(changed["to"])


def list_providers(call: Call) -> Answer:
    """GET …/providers."""
    if call.target.subscription:
        demand_subscription(call)
    return paging.page(call, [_shown(call, name) for name in namespaces().values()], top=True)


def get_provider(call: Call) -> Answer:
    """GET …/providers/{namespace}."""
    if call.target.subscription:
        demand_subscription(call)
    return Answer(200, _shown(call, _proper(call.target.name)))


def register(call: Call) -> Answer:
    """POST …/providers/{namespace}/register: 200; Registering for a little while."""
    return _change(call, "Registered")


def unregister(call: Call) -> Answer:
    """POST …/providers/{namespace}/unregister: 200."""
    return _change(call, "NotRegistered")


def _change(call: Call, to: str) -> Answer:
    demand_subscription(call)
    namespace = _proper(call.target.namespace)
    if (state_of(call, namespace) == "NotRegistered") != (to == "NotRegistered"):
        call.world.table(TABLE)[_key(call, namespace)] = {"to": to, "at": call.world.now}
        call.world.changed = True
    return Answer(200, _shown(call, namespace))


def _key(call: Call, namespace: str) -> str:
    return f"{call.target.subscription}/{namespace}".lower()


def _proper(namespace: str) -> str:
    found = namespaces().get(namespace.lower())
    if found is None:
        raise AzureError(
            404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid."
        )
    return found


def _shown(call: Call, namespace: str) -> Json:
    under = namespace.lower() + "/"
    body: Json = {
        "namespace": namespace,
        "registrationPolicy": "RegistrationFree"
        if namespace.lower() in ALWAYS
        else "RegistrationRequired",
        "resourceTypes": [
            _type(proper, namespace) for kind, proper in sorted(TYPES.items())
            if kind.startswith(under) and (kind in KINDS or kind.count("/") == 1)
        ],
    }  # fmt: skip
    if call.target.subscription:
        body["id"] = f"/subscriptions/{call.target.subscription.lower()}/providers/{namespace}"
        body["registrationState"] = state_of(call, namespace)
    return body


def _type(proper: str, namespace: str) -> Json:
    kind = KINDS.get(proper.lower())
    versions = list(reversed(known_versions(namespace)))
    located = kind is not None and kind.located
    return {
        "resourceType": proper.partition("/")[2],
        "locations": list(PUBLIC.values()) if located else [],
        "apiVersions": versions,
        "defaultApiVersion": versions[0],
        "capabilities": "SupportsTags, SupportsLocation" if located else "None",
    }


_OWN = "Microsoft.Resources/subscriptions/providers"
_NOTE = "Only the namespaces and types modelled here, with a choice of their api-versions."
ROUTES: Routes = {
    (_OWN, "list"): Route(list_providers, "specified", _NOTE),
    (_OWN, "get"): Route(get_provider, "specified", _NOTE),
    ("Microsoft.Resources/providers", "list"): Route(list_providers, "specified", _NOTE),
    ("Microsoft.Resources/providers", "get"): Route(get_provider, "specified", _NOTE),
}
_REGISTERING = Route(register, "specified", "How long it takes: inferred.")
_UNREGISTERING = Route(unregister, "specified", "It is done at once: inferred.")


def action_rows() -> Iterator[tuple[tuple[str, str], Route]]:
    """POST …/providers/{namespace}/register and /unregister, once every namespace is learnt."""
    for namespace in namespaces():
        yield (f"{namespace}/register", "post"), _REGISTERING
        yield (f"{namespace}/unregister", "post"), _UNREGISTERING
