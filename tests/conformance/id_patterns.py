"""ARM ids and the addresses built on them, with their names taken out and their casing kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

_VAULT = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.RecoveryServices/vaults/{}"
SHORT = {
    _VAULT.replace("/s", "/S", 1): "{V}",  # as Site Recovery answers ids of its own resources
    _VAULT: "{v}",  # as clients ask
}
LITERAL_NAMES = frozenset({"azureNetwork", "None", "Default", "default", "defaultAlertSetting"})
"""Names that Azure itself gives: facts, and kept."""
NAMED_BY_GUID = frozenset(
    {
        "replicationjobs",
        "recoverypoints",
        "replicationoperationstatus",
        "operationresults",
        "replicationrecoveryservicesproviders",
        "replicationprotectioncontainers",  # where the service tells its internal one
    }
)
"""What Azure names by a GUID; elsewhere a GUID is a name like any other."""
SIGNED = " signed"
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ID = re.compile(r"/subscriptions/[^/ ]+(/[^ ]*)?$", re.IGNORECASE)


def is_id(text: str) -> bool:
    return bool(_ID.match(text))


def is_url(text: str) -> bool:
    return text.startswith("https://")


def id_pattern(arm_id: str) -> str:
    """`{V}/replicationJobs/{guid}`: words as they are spelled, names as what they look like.

    `{V}` stands for the id of a vault that begins with `/Subscriptions`, `{v}` for one that begins
    with `/subscriptions`; `{lower}` for a name in an id that has no capital at all.
    """
    path, mark, query = arm_id.partition("?")
    pattern = "/" + "/".join(_segments(path.split("/")[1:], lower=path == path.lower()))
    for long, short in SHORT.items():
        if pattern == long or pattern.startswith(long + "/"):
            pattern = short + pattern.removeprefix(long)
    return pattern + mark + _query(query)


def url_pattern(url: str) -> str:
    """`https://{host}{V}/…?api-version={}`, with ` signed` behind it if it carries a signature."""
    rest = url.partition("://")[2]
    _, slash, path = rest.partition("/")
    return f"https://{{host}}{id_pattern(slash + path)}"


def names_in(arm_id: str, *, all_of_them: bool = False) -> list[str]:
    """The names that a pattern leaves out, in order; on demand those too that Azure gave."""
    segments = arm_id.partition("?")[0].split("/")[1:]
    names = [name for name, of in _owners(segments) if of and name]
    return [name for name in names if all_of_them or name not in LITERAL_NAMES]


def alike(expected: str, found: str) -> bool:
    """Whether a pattern may stand where another was recorded: any name for a name people give."""
    ours, theirs = expected.split("/"), found.split("/")
    return len(ours) == len(theirs) and all(
        one == other or (one, other) == ("{}", "{guid}")
        for one, other in zip(ours, theirs, strict=True)
    )


def differ_in_capitals(one: str, other: str) -> bool:
    """Whether two patterns name the same kind of thing in other capitals."""
    ours, theirs = (
        full(each).removesuffix(SIGNED).lower().replace("{lower}", "{}").split("/")
        for each in (one, other)
    )
    return len(ours) == len(theirs) and all(
        mine == yours or "{}" in (mine, yours) for mine, yours in zip(ours, theirs, strict=True)
    )


def full(pattern: str) -> str:
    """A pattern with the vault written out."""
    for long, short in SHORT.items():
        pattern = pattern.replace(short, long)
    return pattern


def words_of(path: str) -> str:
    """A path in small letters with `{}` for every name, to tell which operation it asks for."""
    segments = path.partition("?")[0].split("/")[1:]
    return "/" + "/".join("{}" if of else word.lower() for word, of in _owners(segments))


def _segments(segments: list[str], *, lower: bool) -> Iterator[str]:
    for segment, above in _owners(segments):
        yield _name(segment, above, lower=lower) if above else segment


def _owners(segments: list[str]) -> Iterator[tuple[str, str]]:
    """Each segment with the word it is a name of: every second one; a namespace is none."""
    above = ""
    for segment in segments:
        if above == "providers":
            yield segment, ""
            above = ""
        else:
            yield segment, above
            above = "" if above else segment.lower()


def _name(segment: str, above: str, *, lower: bool) -> str:
    if not segment or segment in LITERAL_NAMES:
        return segment
    if GUID.fullmatch(segment) and above in NAMED_BY_GUID:
        return "{guid}"
    return "{lower}" if lower and above != "subscriptions" else "{}"


def _query(query: str) -> str:
    names = [part.partition("=")[0] for part in query.split("&")] if query else []
    if names[1:] == ["t", "c", "s", "h"]:
        return f"{names[0]}={{}}{SIGNED}"
    return "&".join(f"{name}={{}}" for name in names)
