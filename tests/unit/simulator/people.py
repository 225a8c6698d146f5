"""Worlds with further identities, certificates to sign in with, and tokens made by hand."""

from __future__ import annotations

import base64
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .conftest import WORLD, Azure

SHA1 = hashes.SHA1()  # noqa: S303  Entra's own name for a certificate
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TENANT = "99999999-8888-4777-8666-555555555555"


def client_id(letter: str) -> str:
    return f"{letter * 8}-0000-4000-8000-000000000001"


def object_id(letter: str) -> str:
    return f"{letter * 8}-0000-4000-8000-000000000002"


def identity(letter: str, how: str, *roles: str) -> str:
    """An identity of a world file, named after its letter; `how` it signs in, in YAML."""
    head = f"- {{name: {letter}, client_id: {client_id(letter)}, object_id: {object_id(letter)}"
    given = ", ".join(roles)
    return f"{head}, {how}, roles: [{given}]}}"


def secret_of(letter: str) -> str:
    return f"simulator-only-{letter}"


def with_secret(letter: str, *roles: str) -> str:
    return identity(letter, f"secret: {secret_of(letter)}", *roles)


def role(name: str, scope: str = "") -> str:
    return f'{{role: {name}, scope: "{scope}"}}'


def world_with(
    folder: Path, *identities: str, settings: str = "", roles: str = "", client: str = "drill"
) -> Path:
    """The small world with more people in it."""
    text = WORLD.read_text().replace("client: drill", f"client: {client}")
    people = indent("\n".join(identities), "  ")
    text = text.replace("\ngroups:\n", f"\n{people}\n\ngroups:\n" if people else "\ngroups:\n", 1)
    text = text.replace("\nroles:\n", f"\nroles:\n{roles}\n" if roles else "\nroles:\n", 1)
    file = folder / "world.yaml"
    file.write_text(text + (f"\nsettings: {settings}\n" if settings else ""))
    return file


async def sign_in(azure: Azure, letter: str) -> str:
    """A token for an identity that has a secret."""
    form = {"client_id": client_id(letter), "client_secret": secret_of(letter)}
    response = await azure.sign_in("drill", **form)
    return str((await response.json())["access_token"])


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate with its key."""

    key: rsa.RSAPrivateKey
    public: x509.Certificate

    @property
    def pem(self) -> str:
        return self.public.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def whole(self) -> bytes:
        """Certificate and key, as a client keeps them."""
        return self.pem.encode() + self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def thumbprint(self, algorithm: hashes.HashAlgorithm) -> str:
        return self.public.fingerprint(algorithm).hex()

    def in_yaml(self) -> str:
        text = self.pem.strip().replace("\n", "\\n")
        return f'certificates: ["{text}\\n"]'

    def assertion(
        self,
        azure: Azure,
        letter: str,
        algorithm: str = "PS256",
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A client assertion; `claims` take the place of the right ones (None: left out)."""
        now = int(time.time())
        right = {
            "aud": f"{azure.endpoint}/{TENANT}/oauth2/v2.0/token",
            "iss": client_id(letter),
            "sub": client_id(letter),
            "jti": str(uuid.uuid4()),
            "nbf": now,
            "iat": now,
            "exp": now + 600,
        }
        body = {key: value for key, value in (right | claims).items() if value is not None}
        by = {
            "RS256": {"x5t": self.encoded(SHA1)},
            "PS256": {"x5t#S256": self.encoded(hashes.SHA256())},
        }
        named = by.get(algorithm, by["PS256"]) if headers is None else headers
        return jwt.encode(body, self.key, algorithm=algorithm, headers=named)

    def encoded(self, algorithm: hashes.HashAlgorithm) -> str:
        digest = self.public.fingerprint(algorithm)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def x5c(self) -> list[str]:
        return [base64.b64encode(self.public.public_bytes(serialization.Encoding.DER)).decode()]


@cache
def certificate(name: str = "app", *, ended: bool = False) -> Certificate:
    """Made once for each name: making a key is slow."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now, subject = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    public = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=-1 if ended else 1))
        .sign(key, hashes.SHA256())
    )
    return Certificate(key, public)
