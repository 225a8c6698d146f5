"""A tiny TLS server that answers as told, for what the simulator never sends."""

from __future__ import annotations

import ipaddress
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from muster.clock import ScaledClock
from muster.gateway.values import VaultRef
from muster.settings import Settings

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
VAULT = VaultRef(SUBSCRIPTION, "rg-dr", "rsv")
ITEM = (
    f"{VAULT.id}/replicationFabrics/fab/replicationProtectionContainers/con"
    "/replicationProtectedItems/item1"
)
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-x"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/drill"
GUID = "404726e3-0c91-492c-a016-9fcce91f01e7"

Answer = Callable[[web.Request], web.StreamResponse]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 that is its own CA, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stub")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "stub.pem", folder / "stub.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, key_pem


def arm_error(status: int, code: str, message: str, **more: Any) -> web.Response:
    """An error as ARM writes one."""
    return web.json_response({"error": {"code": code, "message": message, **more}}, status=status)


@dataclass
class Stub:
    """The server's address, what it was asked, and what it answers next."""

    url: str = ""
    ca: Path = Path()
    asked: list[tuple[str, str]] = field(default_factory=list)  # method, path
    bodies: list[Any] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)  # the last one stays
    token_answer: Answer | None = None

    def then(self, *answers: Answer) -> None:
        """Answer the next calls so, in order; the last one again and again."""
        self.answers = list(answers)

    def settings(self, *, speed: float = 3600, **changes: Any) -> Settings:
        values: dict[str, Any] = {
            "arm_endpoint": self.url,
            "authority_host": self.url,
            "ca_file": self.ca,
            "subscription": SUBSCRIPTION,
            "journal": self.ca.parent / "journal",
            "signing_key": self.ca.parent / "key.pem",
            "worker_proxy": None,
            "clock": ScaledClock(time.time(), speed),
        }
        return Settings(**(values | changes))

    async def arm(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        self.agents.append(request.headers.get("User-Agent", ""))
        text = await request.text()
        self.bodies.append(json.loads(text) if text else None)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request)

    async def token(self, request: web.Request) -> web.StreamResponse:
        if self.token_answer is not None:
            return self.token_answer(request)
        claims = {"oid": "object-1", "appid": "app-1", "tid": "tenant-1"}
        token = jwt.encode(claims, "a key of at least thirty-two bytes, so", algorithm="HS256")
        told = {"token_type": "Bearer", "expires_in": 3599, "access_token": token}
        return web.json_response(told)


@asynccontextmanager
async def running_stub(folder: Path) -> AsyncIterator[Stub]:
    pem, key = make_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    stub = Stub(ca=pem)
    app = web.Application()
    app.router.add_post("/{tenant}/oauth2/v2.0/token", stub.token)
    app.router.add_route("*", "/{path:.*}", stub.arm)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    stub.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stub
    finally:
        await runner.cleanup()
