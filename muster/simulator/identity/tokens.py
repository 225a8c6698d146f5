"""Access tokens: real JWTs, signed with a key of the state folder, on wall-clock time."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from muster.simulator.arm.errors import AzureError
from muster.simulator.identity.roles import Identity
from muster.simulator.json_types import Json
from muster.simulator.store import write_whole

ARM_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")


class Mint:
    """Issues and checks the tokens of one tenant."""

    def __init__(self, folder: Path, tenant: str, lifetime: float, endpoint: str) -> None:
        self.tenant, self.lifetime = tenant, lifetime
        self.audiences = (*ARM_AUDIENCES, endpoint)
        self._key = _key(folder / "token.key")
        self.key_id = uuid.uuid5(
            uuid.NAMESPACE_URL, str(self._key.public_key().public_numbers().n)
        ).hex

    def issue(self, identity: Identity, audience: str, issuer: str) -> str:
        """A token for one application; `audience` is the resource asked for."""
        now = int(time.time())
        claims: Json = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + int(self.lifetime),
            "appid": identity.client_id,
            "oid": identity.object_id,
            "sub": identity.object_id,
            "tid": self.tenant,
            "idtyp": "app",
            "ver": "1.0",
            "uti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.key_id})

    def client_of(self, authorization: str | None) -> str:
        """The client id of a valid `Authorization` header. Raises: AzureError, a 401 of ARM's."""
        if not authorization:
            raise AzureError(
                401,
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            )
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise AzureError(
                401,
                "AuthenticationFailedInvalidHeader",
                "Authentication failed. The "
                "'Authorization' header is provided in an invalid format.",
            )
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=[each + slash for each in self.audiences for slash in ("", "/")],
                options={"require": ["exp", "aud", "appid", "tid"]},
            )
        except jwt.ExpiredSignatureError as err:
            raise AzureError(
                401, "ExpiredAuthenticationToken", "The access token expiry UTC time has passed."
            ) from err
        except jwt.InvalidAudienceError as err:
            raise AzureError(
                401,
                "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource.",
            ) from err
        except jwt.PyJWTError as err:
            raise AzureError(
                401, "InvalidAuthenticationToken", "The access token is invalid."
            ) from err
        if claims["tid"] != self.tenant:
            raise AzureError(
                401,
                "InvalidAuthenticationTokenTenant",
                "The access token is from the wrong issuer.",
            )
        return str(claims["appid"])

    def keys(self) -> Json:
        """The public key as a JSON web key set."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": self.key_id, "use": "sig", "alg": "RS256"}]}


def _key(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        found = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(found, rsa.RSAPrivateKey):
            return found
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
