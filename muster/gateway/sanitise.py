"""Takes whose they are out of recorded answers: names, ids, addresses; their form stays.

Pure. The same name becomes the same other name in every file, so that references still hold.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

GUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I)
_ARM_ID = re.compile(r"/subscriptions/[^\s\"'<>|,;]*", re.I)
_SIGNED = re.compile(r"([?&][tcsh]=)([^&\s]+)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_MAC = re.compile(r"\b(?:[0-9A-F]{2}-){5}[0-9A-F]{2}\b", re.I)
_AZURES_OWN = re.compile(r"asr-a2a-default-[a-z0-9]+(-container)?|\d+-hour-retention-policy")
_SUFFIX = re.compile(r"-(?:test|ASRReplica|ASRtest)$", re.I)  # Azure's; what is before it is not
FACTS = frozenset({"azurenetwork", "default", "defaultalertsetting", "none", "$default"})
"""Names that Azure gives by itself, the same for everybody."""
REMOVED = frozenset(
    {"adminusername", "computername", "customdata", "fqdn", "keydata", "output", "error", "script"}
    | {"streamtext", "domainnamelabel", "userdata", "commandtoexecute"}
)
"""Keys whose text says something of its owner and nothing of Azure's form."""


class Sanitiser:
    """Learns what must not be seen from all recordings, then cleans each."""

    def __init__(self, salt: bytes) -> None:
        """`salt` is thrown away afterwards: nobody can try names until one fits."""
        self._salt = salt
        self._names: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: Any) -> None:
        """Note the names in every ARM id anywhere in a value."""
        for text in _texts(value):
            for found in _ARM_ID.findall(text):
                self._names |= set(_names_in(found.partition("?")[0]))
        self._pattern = None

    def clean(self, value: Any, key: str = "") -> Any:
        """The same value in form, with nobody's names; keys stay, but for those of tags."""
        if isinstance(value, Mapping):
            if key.casefold() == "tags":
                return {
                    f"tag-{self._mark(str(name))}": f"value-{self._mark(str(text))}"
                    for name, text in value.items()
                }
            return {self._key(name): self.clean(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.clean(each, key) for each in value]
        if isinstance(value, str):
            return "removed" if value and key.casefold() in REMOVED else self.text(value)
        return value

    def text(self, text: str) -> str:
        """One text without names, ids, signatures, mail addresses and public addresses."""
        text = GUID.sub(lambda found: self._guid(found[0]), unsigned(text))
        text = _EMAIL.sub("person@example.com", text)
        text = _MAC.sub("00-0D-3A-00-00-00", text)
        text = _ADDRESS.sub(_address, text)
        return self._known().sub(lambda found: f"name-{self._mark(found[0])}", text)

    def seen(self, value: Any) -> list[str]:
        """Which of the names that were learnt can still be read in a value, keys apart."""
        known = self._known()
        return sorted({name for text in _texts(value) for name in known.findall(text)})

    def _key(self, name: str) -> str:
        """A plain word is a fact, though somebody may be called so; an id is none."""
        return name if name.isidentifier() else self.text(name)

    def _known(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest = sorted(self._names, key=len, reverse=True)
            words = "|".join(map(re.escape, longest)) or r"(?!)"
            self._pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.I)
        return self._pattern

    def _mark(self, name: str) -> str:
        return hmac.new(self._salt, name.casefold().encode(), hashlib.sha256).hexdigest()[:8]

    def _guid(self, guid: str) -> str:
        if not guid.strip("0-"):
            return guid  # the empty one is a fact
        digest = hmac.new(self._salt, guid.casefold().encode(), hashlib.sha256).digest()
        other = str(uuid.UUID(bytes=digest[:16], version=4))
        return other.upper() if guid.isupper() else other


def unsigned(text: str) -> str:
    """An address with its signature replaced by as many other characters.

    ARM signs the addresses that it gives to poll at, and a signature is a credential; how long it
    is, is a fact.
    """
    return _SIGNED.sub(lambda found: found[1] + _filler(found[2]), text)


def _names_in(arm_id: str) -> Iterable[str]:
    """The segments of an id that somebody chose."""
    segments = arm_id.strip("/").split("/")
    for place, segment in enumerate(segments):
        before = segments[place - 1].casefold() if place else ""
        if _is_name(place, before, segments) and _is_telling(segment):
            yield _SUFFIX.sub("", segment)


def _is_name(place: int, before: str, segments: list[str]) -> bool:
    """Names stand at odd places up to the provider, and behind each type after it."""
    if before in ("providers", "locations"):  # regions are facts
        return False
    lowered = [segment.casefold() for segment in segments[:place]]
    if "providers" not in lowered:
        return place % 2 == 1 and before != "subscriptions"
    behind = place - (len(lowered) - 1 - lowered[::-1].index("providers"))
    return behind >= 3 and behind % 2 == 1


def _is_telling(segment: str) -> bool:
    lower = segment.casefold()
    is_known = lower in FACTS or _AZURES_OWN.fullmatch(lower) is not None
    return bool(segment) and not is_known and GUID.fullmatch(segment) is None


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from () if str(key).isidentifier() else (str(key),)
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _filler(text: str) -> str:
    return "1" * len(text) if text.isdigit() else "A" * len(text)


def _address(found: re.Match[str]) -> str:
    try:
        address = ipaddress.IPv4Address(found[0])
    except ValueError:
        return found[0]  # a version number
    return found[0] if address.is_private or not address.is_global else "203.0.113.10"
