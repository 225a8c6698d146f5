"""The simulator's own certificate authority, and a certificate for this machine's loopback."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from muster.simulator.store import write_whole

VALID = timedelta(days=365)
RENEW_BEFORE = timedelta(days=7)
_Key = ec.EllipticCurvePrivateKey


def server_context(folder: Path) -> ssl.SSLContext:
    """A TLS context; makes `ca.pem`, `server.pem` and their keys where they are no good.

    That is: where one lacks, grows old, is of the future (the clock was moved back), or does not
    fit the others, as after a kill between two of them.
    """
    ca_file, server_file, key_file = (
        folder / name for name in ("ca.pem", "server.pem", "server.key")
    )
    if not _good(ca_file, server_file) or not key_file.exists():
        _make(ca_file, server_file, key_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(server_file, key_file)
    except ssl.SSLError:
        _make(ca_file, server_file, key_file)
        context.load_cert_chain(server_file, key_file)
    return context


def _good(ca_file: Path, server_file: Path) -> bool:
    """Whether both certificates hold now, and for a while, and one signed the other."""
    now = datetime.now(UTC)
    try:
        ca, server = (
            x509.load_pem_x509_certificate(f.read_bytes()) for f in (ca_file, server_file)
        )
        server.verify_directly_issued_by(ca)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    return all(
        each.not_valid_before_utc <= now < each.not_valid_after_utc - RENEW_BEFORE
        for each in (ca, server)
    )


def _make(ca_file: Path, server_file: Path, key_file: Path) -> None:
    """A new authority signs one certificate; its key is then forgotten."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("Muster simulator CA")
    ca = (
        _builder(ca_name, ca_name, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(_identifier(ca_key), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    server = (
        _builder(_name("127.0.0.1"), ca_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_identifier(key), critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    write_whole(
        key_file,
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    write_whole(server_file, server.public_bytes(pem), 0o644)
    write_whole(ca_file, ca.public_bytes(pem), 0o644)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: _Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _identifier(key: _Key) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
