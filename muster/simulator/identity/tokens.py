"""Access tokens: real JWTs, signed with a key of the state folder, on wall-clock time."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from muster.simulator.arm.errors import AzureError
from muster.simulator.errors import SimulatorError
from muster.simulator.identity import refusals
from muster.simulator.identity.roles import Identity
from muster.simulator.json_types import Json
from muster.simulator.store import write_whole

ARM_AUDIENCES = ("https://management.core.windows.net", "https://management.azure.com")
MOST_REMEMBERED = 1000  # tokens whose signature was checked
Proof = Literal["secret", "key", "managed"]


class Mint:
    """Issues and checks the tokens of one tenant."""

    def __init__(self, folder: Path, tenant: str, lifetime: float, endpoint: str) -> None:
        self.tenant, self.lifetime, self.endpoint = tenant, lifetime, endpoint
        self.issuer = f"https://sts.windows.net/{tenant}/"  # of every token for ARM
        self.audiences = (*ARM_AUDIENCES, endpoint)
        self._key = _key(folder / "token.key")
        self.key_id = _thumbprint(self._key)
        self._verified: dict[str, tuple[str, float]] = {}  # token -> its client, and its end

    def audience(self, resource: str) -> str:
        """A resource a token may be asked for. Raises: Refused for any but ARM."""
        if resource.rstrip("/") not in self.audiences:
            raise refusals.no_resource(resource)
        return resource

    def issue(self, identity: Identity, audience: str, proof: Proof) -> str:
        """A token for one application; `audience` is the resource asked for.

        Claims as in Entra's v1.0 app-only tokens, which ARM gets from either endpoint
        (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
        """
        now = int(time.time())
        claims: Json = {
            "aud": audience,
            "iss": self.issuer,
            "iat": now,
            "nbf": now,
            "exp": now + int(self.lifetime),
            "aio": secrets.token_urlsafe(24),
            "appid": identity.client_id,
            "appidacr": "1" if proof == "secret" else "2",
            "idp": self.issuer,
            "idtyp": "app",
            "oid": identity.object_id,
            "rh": f"1.{secrets.token_urlsafe(16)}.",
            "sub": identity.object_id,
            "tid": self.tenant,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        if identity.managed is not None:
            claims["xms_mirid"] = identity.managed.resource
        headers = {"kid": self.key_id, "x5t": self.key_id}
        return jwt.encode(claims, self._key, algorithm="RS256", headers=headers)

    def claims_of(self, token: str) -> Json:
        """What one of the own tokens says, for the answer it is handed out with."""
        return dict(_unverified(token))

    def client_of(self, authorization: str | None) -> str:
        """The client id of a valid `Authorization` header. Raises: AzureError, a 401 of ARM's."""
        if not authorization:
            raise _refused(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            )
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise _refused(
                "AuthenticationFailedInvalidHeader",
                "Authentication failed. The 'Authorization' header is provided in an invalid "
                "format.",
            )
        client, ends = self._verified.get(token, ("", 0.0))
        if time.time() < ends:
            return client
        claims = self._claims_of(token)
        self._remember(token, claims)
        return str(claims["appid"])

    def _remember(self, token: str, claims: Mapping[str, Any]) -> None:
        """A signature that held once holds as long as the token: checking one takes a while."""
        if len(self._verified) >= MOST_REMEMBERED:
            self._verified.clear()
        self._verified[token] = (str(claims["appid"]), float(claims["exp"]))

    def _claims_of(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that is ours and holds now. Raises: AzureError, a 401."""
        told = _unverified(token)
        self._demand_issuer(told)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=[each + slash for each in self.audiences for slash in ("", "/")],
                issuer=self.issuer,
                options={"require": ["exp", "nbf", "aud", "iss", "appid", "oid", "tid"]},
            )
        except jwt.ExpiredSignatureError as err:
            raise _expired(told) from err
        except jwt.InvalidAudienceError as err:
            allowed = ",".join(f"'{each}/','{each}'" for each in ARM_AUDIENCES)
            raise _refused(
                "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource "
                f"'{_short(told.get('aud'))}'. It should exactly match with one of the allowed "
                f"audiences {allowed}.",
            ) from err
        except jwt.PyJWTError as err:  # forged, not yet valid, or short of a claim
            raise _invalid() from err
        if claims["tid"] != self.tenant:
            raise _invalid()
        return claims

    def challenge(self, error: AzureError) -> str:
        """The `WWW-Authenticate` of a 401; it repeats nothing that a token said."""
        what = _CHALLENGES.get(error.code, "The access token is invalid.")
        return (
            f'Bearer authorization_uri="{self.endpoint}/{self.tenant}", error="invalid_token", '
            f'error_description="{what}"'
        )

    def keys(self) -> Json:
        """The public key as a JSON web key set."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        mine = {"kid": self.key_id, "x5t": self.key_id, "use": "sig", "issuer": self.issuer}
        return {"keys": [public | mine]}

    def _demand_issuer(self, told: Mapping[str, Any]) -> None:
        """Entra signs for all tenants with the same keys, so a stranger's token is told apart."""
        issuer = told.get("iss")
        if issuer is None or issuer == self.issuer:
            return
        raise _refused(
            "InvalidAuthenticationTokenTenant",
            f"The access token is from the wrong issuer '{_short(issuer)}'. It must match the "
            f"tenant '{self.issuer}' associated with this subscription. Please use the authority "
            f"(URL) '{self.endpoint}/{self.tenant}' to get the token. Note, if the subscription "
            "is transferred to another tenant there is no impact to the services, but information "
            "about new tenant could take time to propagate (up to an hour). If you just "
            "transferred your subscription and see this error message, please try back later.",
        )


_CHALLENGES = {  # from memory: no recording shows them
    "AuthenticationFailed": (
        "The authentication failed because of missing 'Authorization' header."
    ),
    "AuthenticationFailedInvalidHeader": (
        "The authentication failed because the 'Authorization' header has an invalid format."
    ),
    "ExpiredAuthenticationToken": "The access token has expired.",
    "InvalidAuthenticationTokenAudience": (
        "The access token has been obtained from wrong audience or resource."
    ),
    "InvalidAuthenticationTokenTenant": (
        "The access token is from the wrong issuer. It must match the tenant associated with "
        "this subscription. Please use correct authority to get the token."
    ),
}


def _refused(code: str, message: str) -> AzureError:
    return AzureError(401, code, message)


def _invalid() -> AzureError:
    return _refused("InvalidAuthenticationToken", "The access token is invalid.")


def _expired(told: Mapping[str, Any]) -> AzureError:
    return _refused(
        "ExpiredAuthenticationToken",
        f"The access token expiry UTC time '{_us(told['exp'])}' is earlier than current UTC time "
        f"'{_us(time.time())}'.",
    )


def _unverified(token: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, UnicodeError) as err:  # PyJWT encodes it before it looks at it
        raise _invalid() from err


def _us(seconds: float) -> str:
    """As .NET writes an instant in en-US: `4/15/2023 7:40:04 AM`."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S %p}"


def _short(value: Any) -> str:
    return str(value)[:200]


def _thumbprint(key: rsa.RSAPrivateKey) -> str:
    """A key's name: in the form of a certificate's SHA-1 thumbprint, as Entra's keys have."""
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303  a name, not a protection
    digest.update(
        key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return base64.urlsafe_b64encode(digest.finalize()).decode().rstrip("=")


def _key(path: Path) -> rsa.RSAPrivateKey:
    """The signing key of a folder, made when it is first asked for. Raises: SimulatorError."""
    if path.exists():
        try:
            found = serialization.load_pem_private_key(path.read_bytes(), None)
        except ValueError:
            found = None
        if isinstance(found, rsa.RSAPrivateKey):
            return found
        raise SimulatorError(
            f"The file {path} holds no RSA key: put a good copy there, or remove it to have "
            "another made, which ends all tokens that were given out."
        )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_whole(
        path,
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    return key
