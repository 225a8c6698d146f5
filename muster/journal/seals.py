"""Whether what was signed when a run closed still holds: its head, and the manifest of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from muster.journal.bundle import Bundle
from muster.journal.lines import Finding, Seal
from muster.journal.manifest import belongs
from muster.journal.segments import SEGMENT
from muster.journal.signing import HEAD, MANIFEST, signature_problem


@dataclass(frozen=True, slots=True)
class Signature:
    """A signed head whose signature fits its content; who signed is another question."""

    run: str
    seal: Seal
    key_id: str
    public_key: str
    unattested: bool


def read_head(bundle: Bundle, findings: list[Finding]) -> Signature | None:
    """The signed head; None when there is none, or none to be believed (a finding says why)."""
    if not bundle.has(HEAD):
        return None
    content = bundle.read(HEAD)
    problem = signature_problem(content, "head")
    if problem is None:
        value = json.loads(content)
        try:
            return _signature(value)
        except (KeyError, TypeError):
            problem = "it does not say which head it signs"
    findings.append(Finding("error", "VER-020", HEAD, f"the head cannot be believed: {problem}"))
    return None


def _signature(value: Mapping[str, Any]) -> Signature:
    return Signature(
        run=value["run"],
        seal=Seal(value["seq"], value["head"]),
        key_id=value["key_id"],
        public_key=value["public_key"],
        unattested=value["unattested"],
    )


def check_trust(signature: Signature, trusted: str | None, findings: list[Finding]) -> bool | None:
    """Whether the signer is the one that is trusted; None when nobody said whom to trust.

    Args:
        signature: Of the head.
        trusted: The raw public key (hex) of whom to trust.
        findings: Gets what there is to say.
    """
    if signature.unattested:
        sentence = "the signing key is unattested: nobody vouched for it when it signed"
        findings.append(Finding("warning", "VER-025", HEAD, sentence))
    if trusted is None:
        sentence = f"who holds key {signature.key_id} is not known here: name it with --trust"
        findings.append(Finding("note", "VER-026", HEAD, sentence))
        return None
    if signature.public_key == trusted:
        return True
    sentence = f"signed by key {signature.key_id}, which is not the trusted one"
    findings.append(Finding("error", "VER-024", HEAD, sentence))
    return False


def check_manifest(bundle: Bundle, signature: Signature | None) -> Iterator[Finding]:
    """Compare every file with the digest that was signed."""
    if not bundle.has(MANIFEST):
        sentence = (
            "the run is closed, and its manifest is missing: removed, or never written"
            " (`muster report` writes it); record and reports are not covered by a signature"
        )
        yield Finding("error", "VER-034", MANIFEST, sentence)
        return
    content = bundle.read(MANIFEST)
    problem = signature_problem(content, "manifest")
    if problem is None:
        value = json.loads(content)
        try:
            listed = {entry["name"]: entry["sha256"] for entry in value["files"]}
            key, run = value["public_key"], value["run"]
        except (KeyError, TypeError):
            problem = "it does not list files"
        else:
            if signature is not None and (key, run) != (signature.public_key, signature.run):
                problem = "it is of another signer or run than the head"
    if problem is not None:
        yield Finding("error", "VER-030", MANIFEST, f"the manifest cannot be believed: {problem}")
        return
    yield from _compare(bundle, listed)


def _compare(bundle: Bundle, listed: Mapping[str, str]) -> Iterator[Finding]:
    present = [name for name in bundle.names() if belongs(name)]
    for name in sorted(set(listed) - set(present)):
        yield Finding("error", "VER-032", name, "listed in the manifest, and not here")
    for name in present:
        if name not in listed:
            is_segment = SEGMENT.fullmatch(name) is not None
            sentence = "not listed in the manifest: it came after the run was signed"
            yield Finding("error" if is_segment else "note", "VER-033", name, sentence)
        elif hashlib.sha256(bundle.read(name)).hexdigest() != listed[name]:
            sentence = "not the file that was signed: it was changed, or made again later"
            yield Finding("error", "VER-031", name, sentence)
