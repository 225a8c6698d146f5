"""Keys are made once, privately, and marked; a signature holds for one statement of one kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from muster.errors import JournalError
from muster.journal.journal import read_run
from muster.journal.manifest import write_manifest
from muster.journal.signing import load_signer, signature_problem, signed, trusted_key
from muster.journal.stores import MemoryStore
from tests.unit.journal.runs import a_signer, closed_run, open_run


def test_an_absent_key_is_made_privately_and_marked_unattested(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing-key.pem"
    signer = load_signer(path)
    assert signer.unattested
    assert path.stat().st_mode & 0o777 == 0o600
    mark = json.loads(path.with_suffix(".json").read_bytes())
    assert mark == {"attested": False, "key_id": signer.key_id}
    assert trusted_key(path.with_suffix(".pub")) == trusted_key(path) == signer.public_key
    again = load_signer(path)
    assert (again.key_id, again.unattested) == (signer.key_id, True)
    path.with_suffix(".json").unlink()
    assert load_signer(path).unattested  # a mark that is gone vouches for nothing


def a_key_file(path: Path) -> Path:
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_a_key_that_was_brought_along_is_unattested_until_somebody_vouches(tmp_path: Path) -> None:
    signer = load_signer(a_key_file(tmp_path / "key.pem"))
    assert signer.unattested
    assert not (tmp_path / "key.json").exists()
    mark = {"attested": True, "key_id": signer.key_id, "by": "security@contoso.example"}
    (tmp_path / "key.json").write_text(json.dumps(mark))
    assert not load_signer(tmp_path / "key.pem").unattested


def test_only_a_mark_that_names_this_very_key_attests_it(tmp_path: Path) -> None:
    path = a_key_file(tmp_path / "key.pem")
    key_id = load_signer(path).key_id
    for mark, unattested in [
        ({"attested": True, "key_id": key_id, "by": "sec"}, False),
        ({"attested": True, "key_id": key_id}, True),
        ({"attested": True, "key_id": key_id, "by": " "}, True),
        ({"attested": True, "key_id": "another", "by": "sec"}, True),
        ({"attested": "yes", "key_id": key_id, "by": "sec"}, True),
        ({"attested": False, "key_id": key_id, "by": "sec"}, True),
        ([], True),
    ]:
        (tmp_path / "key.json").write_text(json.dumps(mark))
        assert load_signer(path).unattested is unattested


@pytest.mark.parametrize("content", [b"", b"no key", None])
def test_a_file_that_holds_no_such_key_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key.pem"
    if content is None:
        other = generate_private_key(SECP256R1())
        content = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(content)
    for use in (load_signer, trusted_key):
        with pytest.raises(JournalError, match="cannot be used as a key") as caught:
            use(path)
        assert caught.value.shown_code == "JRN-011"


def test_a_signature_holds_for_its_content_and_kind_alone() -> None:
    content = signed({"run": "r1", "seq": 3}, "head", a_signer())
    assert signature_problem(content, "head") is None
    assert signature_problem(content, "manifest") == "its signature does not fit its content"
    assert signature_problem(content.replace(b'"seq":3', b'"seq":4'), "head") is not None
    assert signature_problem(content + b"\n", "head") == "it is not in canonical form"
    value = json.loads(content)
    upper = content.replace(value["signature"].encode(), value["signature"].upper().encode())
    assert signature_problem(upper, "head") == "its signature is not in canonical form"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"7", b'{"signature":"00"}'])
def test_what_is_no_signed_statement_is_a_problem_and_no_crash(content: bytes) -> None:
    assert signature_problem(content, "head") is not None


def test_an_algorithm_of_a_later_version_is_named() -> None:
    signer = a_signer()
    signer.alg = "ES256"
    assert "ES256" in str(signature_problem(signed({"run": "r1"}, "head", signer), "head"))


async def test_the_signed_head_names_the_last_event() -> None:
    store = MemoryStore()
    signer = a_signer()
    await closed_run(store, signer)
    head = json.loads(store.read("runs/r1/head.json"))
    last = read_run(store, "r1")[-1]
    assert (head["run"], head["seq"], head["head"]) == ("r1", last.seq, last.digest())
    assert (head["alg"], head["key_id"]) == ("Ed25519", signer.key_id)


async def test_a_manifest_is_written_once_and_only_for_a_signed_run() -> None:
    store = MemoryStore()
    journal = await open_run(store)
    signer = a_signer()
    with pytest.raises(JournalError, match="no signed head"):
        write_manifest(store, "r1", signer)
    await journal.close({"outcome": "passed"}, signer)
    store.create("runs/r1/report.html", b"<p>")
    store.create("runs/r1/inbox/late.json", b"{}")
    with pytest.raises(JournalError, match="another key") as caught:
        write_manifest(store, "r1", a_signer())
    assert caught.value.shown_code == "JRN-013"
    assert write_manifest(store, "r1", signer)
    first = store.read("runs/r1/manifest.json")
    assert not write_manifest(store, "r1", signer)
    assert store.read("runs/r1/manifest.json") == first
    assert [entry["name"] for entry in json.loads(first)["files"]] == [
        "00000001.jsonl",
        "00000003.jsonl",
        "head.json",
        "report.html",
    ]
