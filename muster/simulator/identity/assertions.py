"""Client certificates: a JWT that the application signed with its own key, in place of a secret.

Form after https://learn.microsoft.com/entra/identity-platform/certificate-credentials: RS256 with
`x5t`, or PS256 with `x5t#S256`. Whether Entra refuses an assertion that it has seen is UNCERTAIN
(a setting): the page asks for a unique `jti`, yet MSAL for Node sends one assertion until it
expires.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from muster.simulator.identity import refusals
from muster.simulator.identity.refusals import Refused, malformed_assertion
from muster.simulator.identity.roles import Identity

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"x5t": hashes.SHA1(), "x5t#S256": hashes.SHA256()}  # noqa: S303  Entra's own name for a certificate
_PAGE = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials"


@dataclass(slots=True)
class Assertions:
    """Checks assertions of one tenant's applications; remembers those it saw until they expire."""

    identities: Mapping[str, Identity]
    audiences: frozenset[str]  # how a client may name this token endpoint
    replayed: Literal["accepted", "refused"]
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)

    def client(self, form: Mapping[str, str]) -> Identity:
        """The application that signed. Raises: Refused."""
        if form.get("client_assertion_type") != TYPE:
            raise Refused(
                400,
                "invalid_request",
                900144,
                "The request body must contain the following parameter: 'client_assertion_type'.",
            )
        token = form["client_assertion"]
        header, claims = _unverified(token)
        identity = self._issuer(claims, form.get("client_id"))
        key = _key(identity, header)
        try:
            jwt.decode(
                token,
                key,
                algorithms=["RS256", "PS256"],
                options={"verify_exp": False, "verify_nbf": False, "verify_aud": False,
                         "verify_iat": False},
            )  # fmt: skip
        except jwt.PyJWTError as err:
            reason = "The provided signature value did not match the expected signature value."
            raise _unregistered(reason, header, identity) from err
        self._demand_ours(claims)
        self._demand_now(claims)
        self._demand_new(identity, claims)
        return identity

    def _issuer(self, claims: Mapping[str, Any], named: str | None) -> Identity:
        issuer, subject = str(claims.get("iss")), str(claims.get("sub"))
        if issuer != subject:
            raise malformed_assertion("The subject has to be the issuer.")
        if named and named.lower() != issuer.lower():
            raise Refused(
                401,
                "invalid_client",
                700021,
                "Client assertion application identifier doesn't match 'client_id' parameter. "
                f"Review the documentation at {_PAGE} .",
            )
        identity = self.identities.get(issuer.lower())
        if identity is None:
            raise refusals.no_application(issuer)
        return identity

    def _demand_ours(self, claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        if not isinstance(audience, str):
            raise malformed_assertion()  # a list is, too (openid-client #348)
        if audience.rstrip("/").lower() not in self.audiences:
            raise Refused(
                401,
                "invalid_client",
                700023,
                "Client assertion audience claim does not match Realm issuer. Review the "
                f"documentation at {_PAGE} .",
            )

    def _demand_now(self, claims: Mapping[str, Any]) -> None:
        begins, ends, now = claims.get("nbf", 0), claims.get("exp"), time.time()
        if not isinstance(begins, int | float) or not isinstance(ends, int | float):
            raise malformed_assertion("'exp' and 'nbf' have to be numbers.")
        if not begins <= now < ends:
            raise Refused(
                401,
                "invalid_client",
                700024,
                "Client assertion is not within its valid time range. Current time: "
                f"{_instant(now)}, assertion valid from {_instant(begins)}, expiry time of "
                f"assertion {_instant(ends)}. Review the documentation at {_PAGE} .",
            )

    def _demand_new(self, identity: Identity, claims: Mapping[str, Any]) -> None:
        if self.replayed == "accepted":
            return
        mark, now = (identity.client_id, str(claims.get("jti") or "")), time.time()
        for old in [each for each, ends in self._seen.items() if ends < now]:
            del self._seen[old]
        if not mark[1] or mark in self._seen:
            why = "was used before" if mark[1] else "is missing"
            raise malformed_assertion(f"The client assertion's 'jti' {why}.")
        self._seen[mark] = float(claims["exp"])


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as err:
        raise malformed_assertion() from err
    if header.get("alg") not in ("RS256", "PS256"):
        raise malformed_assertion(f"The algorithm '{header.get('alg')}' is not accepted.")
    return header, claims


def _key(identity: Identity, header: Mapping[str, Any]) -> rsa.RSAPublicKey:
    """The public key of the registered certificate that an assertion names."""
    for registered in identity.certificates:
        certificate = _presented(header) if _is_thumbprint(registered) else _read(registered)
        if certificate is None or not _named(certificate, header):
            continue
        if _is_thumbprint(registered) and not _has(certificate, registered):
            continue
        if certificate.not_valid_after_utc < datetime.now(UTC):
            raise _unregistered("The key used is expired.", header, identity)
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            return key
    raise _unregistered("The key was not found.", header, identity)


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _presented(header: Mapping[str, Any]) -> x509.Certificate | None:
    """The certificate that travels with an assertion (`x5c`), for one known by thumbprint."""
    chain = header.get("x5c") or []
    first = chain[0] if isinstance(chain, list) and chain else chain
    try:
        return x509.load_der_x509_certificate(base64.b64decode(first, validate=True))
    except (binascii.Error, ValueError, TypeError):
        return None


def _is_thumbprint(registered: str) -> bool:
    return not registered.startswith("-----")


def _has(certificate: x509.Certificate, thumbprint: str) -> bool:
    """Whether this is its thumbprint: SHA-1 or SHA-256, in hex."""
    return any(
        hmac.compare_digest(certificate.fingerprint(algorithm).hex(), thumbprint.lower())
        for algorithm in _HASHES.values()
    )


def _named(certificate: x509.Certificate, header: Mapping[str, Any]) -> bool:
    """Whether an assertion's header names this certificate, and by nothing else."""
    told = [(word, header[word]) for word in _HASHES if word in header]
    return bool(told) and all(
        _encoded(certificate.fingerprint(_HASHES[word])) == str(value).rstrip("=")
        for word, value in told
    )


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _unregistered(reason: str, header: Mapping[str, Any], identity: Identity) -> Refused:
    told = str(header.get("x5t#S256") or header.get("x5t") or "")
    try:
        thumbprint = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)).hex().upper()
    except (binascii.Error, ValueError):
        thumbprint = told
    return Refused(
        401,
        "invalid_client",
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on "
        f"application. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}', "
        "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured "
        f"keys for app Id '{identity.client_id}'.",
    )


def _instant(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    except (OverflowError, ValueError, OSError):
        return str(seconds)
