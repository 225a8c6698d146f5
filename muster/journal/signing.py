"""Who signs a closed run, and what a signature covers. Ed25519 (RFC 8032) from a key file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from muster.errors import JournalError, SegmentTaken
from muster.journal.events import Event
from muster.journal.segments import run_prefix
from muster.journal.stores import Store, create_file

HEAD, MANIFEST = "head.json", "manifest.json"
ED25519 = "Ed25519"


class Signer(Protocol):
    """Whoever can sign: a key file today, a key vault later."""

    @property
    def alg(self) -> str: ...
    @property
    def key_id(self) -> str: ...
    @property
    def public_key(self) -> str:
        """The raw public key, hex."""
        ...

    @property
    def unattested(self) -> bool:
        """Whether nobody has vouched for the key: Muster made it by itself."""
        ...

    def sign(self, message: bytes) -> bytes: ...


class KeyFileSigner:
    """Signs with an Ed25519 private key held in memory."""

    alg = ED25519

    def __init__(self, key: Ed25519PrivateKey, *, unattested: bool) -> None:
        self._key = key
        self.unattested = unattested
        self.public_key = key.public_key().public_bytes_raw().hex()
        self.key_id = key_id_of(self.public_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def load_signer(path: Path) -> KeyFileSigner:
    """The signer of a PEM key file; makes the key when the file is absent.

    A key is attested only where somebody vouches for it: in `<name>.json` beside it, by
    {"attested": true, "key_id": …, "by": …}. Beside a key that Muster made stands one that says
    false and, for those who verify, `<name>.pub`.

    Raises:
        JournalError: The file holds no Ed25519 private key, or cannot be made (JRN-011).
    """
    try:
        if not path.exists():
            _make_key(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as err:
        raise _unusable(path, str(err)) from err
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path, "it is of another kind")
    sidecar = path.with_suffix(".json")
    key_id = key_id_of(key.public_key().public_bytes_raw().hex())
    return KeyFileSigner(key, unattested=not _is_attested(sidecar, key_id))


def trusted_key(path: Path) -> str:
    """The raw public key (hex) that a file of trust names: a PEM of the public or private key.

    Raises:
        JournalError: It holds neither (JRN-011).
    """
    try:
        content = path.read_bytes()
        if b"PRIVATE KEY" in content:
            private = load_pem_private_key(content, password=None)
            public = private.public_key()
        else:
            public = load_pem_public_key(content)
    except (OSError, ValueError, TypeError) as err:
        raise _unusable(path, str(err)) from err
    if not isinstance(public, Ed25519PublicKey):
        raise _unusable(path, "it is of another kind")
    return public.public_bytes_raw().hex()


def key_id_of(public_key: str) -> str:
    """The name of a key: the first 16 hex digits of the SHA-256 of its raw public half."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def signed(statement: Mapping[str, Any], kind: str, signer: Signer) -> bytes:
    """A statement with who signed it and the signature, as canonical JSON.

    Args:
        statement: What is said; JSON values.
        signer: Who says it.
        kind: What it is ("head", "manifest"): a signature of one is none of the other.
    """
    value = {
        **statement,
        "alg": signer.alg,
        "key_id": signer.key_id,
        "public_key": signer.public_key,
        "unattested": signer.unattested,
    }
    signature = signer.sign(_message(value, kind)).hex()
    return rfc8785.dumps({**value, "signature": signature})


def signature_problem(content: bytes, kind: str) -> str | None:
    """Why a signed statement cannot be believed; None when its signature holds."""
    try:
        value = json.loads(content)
        if not isinstance(value, dict) or rfc8785.dumps(value) != content:
            return "it is not in canonical form"
        signature, public_key = value.pop("signature"), value["public_key"]
        if value["alg"] != ED25519:
            return f"it is signed with {value['alg']}, which this version cannot check"
        if value["key_id"] != key_id_of(public_key):
            return "its key id does not belong to its key"
        raw = bytes.fromhex(signature)
        if raw.hex() != signature:  # one signature, one spelling
            return "its signature is not in canonical form"
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(raw, _message(value, kind))
    except InvalidSignature:
        return "its signature does not fit its content"
    except (ValueError, TypeError, KeyError, RecursionError) as err:
        return f"it cannot be read ({type(err).__name__})"
    return None


def sign_head(store: Store, run: str, last: Event, signer: Signer) -> None:
    """Sign the last event of a closed run; a head that is signed already stays as it is."""
    statement = {"run": run, "seq": last.seq, "head": last.digest()}
    create_once(store, run_prefix(run) + HEAD, signed(statement, "head", signer))


def create_once(store: Store, name: str, content: bytes) -> bool:
    """Create a name unless it is there; whether this call did it."""
    try:
        store.create(name, content)
    except SegmentTaken:
        return False
    return True


def _message(value: Mapping[str, Any], kind: str) -> bytes:
    return b"muster-" + kind.encode() + b"-v1\n" + rfc8785.dumps(dict(value))


def _make_key(path: Path) -> None:
    """Make a key; whoever is first wins, and nobody ever reads half a file."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    key_id = key_id_of(public.public_bytes_raw().hex())
    mark = rfc8785.dumps({"attested": False, "key_id": key_id})
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        create_file(path, pem, mode=0o600)
    except FileExistsError:
        return  # another process made it meanwhile
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for beside, content in ((".json", mark), (".pub", pem)):
        path.with_suffix(beside).unlink(missing_ok=True)
        create_file(path.with_suffix(beside), content, mode=0o644)


def _is_attested(sidecar: Path, key_id: str) -> bool:
    """Only a mark that says so, names this very key, and who vouches for it."""
    try:
        mark = json.loads(sidecar.read_bytes())
        by = mark["by"]
        is_named = isinstance(by, str) and bool(by.strip())
        return is_named and mark["attested"] is True and mark["key_id"] == key_id
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _unusable(path: Path, why: str) -> JournalError:
    return JournalError(
        f"{path} cannot be used as a key: {why}",
        code="JRN-011",
        hint="Wanted an Ed25519 key in PEM form; without MUSTER_SIGNING_KEY one is made.",
    )
