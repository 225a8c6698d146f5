"""Who there is in a world file, what each may do, and how much of it."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from muster.simulator.worlds.facts import Facts, Guid, Name, SomeSeconds


class Role(Facts):
    """A role of the tenant's own; built-in ones are known by name."""

    description: str = ""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()


class Assignment(Facts):
    role: str
    scope: str = ""  # below the subscription: "" is all of it; or an id, or "/" for the tenant


def _certificate(text: str) -> str:
    """The public part of an RSA certificate in PEM form, or a thumbprint in hex."""
    if re.fullmatch(r"(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})", text):
        return text
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        certificate = None
    if certificate is None or not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise ValueError("wanted an RSA certificate's public part (PEM), or its thumbprint in hex")
    return text


class ManagedFacts(Facts):
    """What a managed identity belongs to (system), or is (user): an ARM id, or its end."""

    assigned: Literal["system", "user"] = "user"
    resource: Annotated[str, StringConstraints(pattern=r"^/(subscriptions|resourceGroups)/")]


class IdentityFacts(Facts):
    name: Name
    client_id: Guid
    object_id: Guid
    secret: str | None = Field(None, min_length=8)
    certificates: tuple[Annotated[str, AfterValidator(_certificate)], ...] = ()
    managed: ManagedFacts | None = None
    roles: tuple[Assignment, ...] = ()

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        own = bool(self.secret or self.certificates)
        if own and self.managed:
            raise ValueError("a managed identity has neither secret nor certificates")
        if not own and not self.managed:
            raise ValueError("it needs a secret, a certificate, or to be a managed identity")
        return self


class Bucket(Facts):
    """How many requests at once, and how many more each second of Azure time."""

    size: int = Field(ge=1, le=1_000_000_000)
    refill: float = Field(gt=0, le=1e9)

    def times(self, factor: float) -> Bucket:
        return Bucket(size=int(self.size * factor), refill=self.refill * factor)


class Throttling(Facts):
    """ARM's token buckets, for each principal in each subscription (FACTS 11)."""

    enabled: bool = True
    reads: Bucket = Bucket(size=250, refill=25)
    writes: Bucket = Bucket(size=200, refill=10)
    deletes: Bucket = Bucket(size=200, refill=10)
    all_principals: float = Field(15.0, ge=1, le=1e6)  # as much for all of them together
    wait: SomeSeconds = 10.0  # after a 429, in Azure time
