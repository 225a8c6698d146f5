"""Whether a VM's operating system and kernel are among those that Site Recovery supports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from muster.replication.found import FoundVm
from muster.replication.judgement import Judgement, judged
from muster.replication.tables import table

_RELEASE = re.compile(r"\d+(?:[.-]\d+)*(?: R2)?", re.IGNORECASE)
_YEAR = re.compile(r"(20\d\d)(?:[ -]?(r2))?", re.IGNORECASE)
_KERNEL = re.compile(r"(\d+\.\d+(?:\.\d+)?)-?(.*)")
_SHORT = re.compile(r"^(\d)(\d{1,2})$")  # 86 in an image's name is 8.6, 810 is 8.10


@dataclass(frozen=True, slots=True)
class System:
    """What a VM runs: the table's family, and the release as the table writes them."""

    family: str
    shown: str
    release: str | None
    row: Mapping[str, Any]


def judge_system(vm: FoundVm, kernel: str | None = None) -> Iterator[Judgement]:
    """What speaks against, or is not known of, a VM's operating system and kernel.

    Args:
        vm: As Azure tells it: name and version of its system, and of its image.
        kernel: As the plan says. A VM's instance view has no kernel, nor has anything else that
            Compute or Site Recovery answers (their API of 2025 was looked through); one that
            nobody names is told as not known where the list goes by kernels.
    """
    told = vm.os_name or vm.image
    if not told:
        yield judged("system-unknown")
        return
    system = system_of(vm)
    if system is None and not vm.os_name and not _is_other(vm.image or ""):
        yield judged("system-unknown")  # somebody's own image, on a system that it does not name
    elif system is None:
        yield judged("system", " ".join(filter(None, (told, vm.os_version))))
    elif system.release is None:
        yield judged("system-unknown")
    elif system.release not in system.row["releases"]:
        yield _not_listed(system)
    elif kernel:
        yield from _kernel(system, kernel)
    elif system.release in {**system.row.get("kernel_from", {}), **system.row.get("kernels", {})}:
        yield judged("kernel-unknown", f"{system.shown} {system.release}")


def system_of(vm: FoundVm) -> System | None:
    """The family and release of a VM's system; None for a family that is in no table."""
    families = table("systems")["windows" if vm.os.casefold() == "windows" else "linux"]
    for family, row in families.items():
        if vm.os_name and _begins(vm.os_name, row["names"]):
            release = _release(family, f"{vm.os_name} {vm.os_version or ''}", row)
            return System(family, row["shown"], release, row)
    for family, row in families.items():
        if not vm.os_name and vm.image and _is_image(vm.image, row["images"]):
            return System(family, row["shown"], _of_image(family, vm.image, row), row)
    return None


def _begins(text: str, beginnings: list[str]) -> bool:
    folded = text.casefold().strip()
    return any(folded.startswith(one) for one in beginnings)


def _is_image(image: str, beginnings: list[str]) -> bool:
    """Whether `publisher:offer:sku:version` is of one of these offers or publishers."""
    folded = image.casefold()
    offer = folded.partition(":")[2]
    return any(offer.startswith(one) or folded.startswith(one) for one in beginnings)


def _is_other(image: str) -> bool:
    return any(word in image.casefold() for word in table("systems")["others"])


def _release(family: str, text: str, row: Mapping[str, Any]) -> str | None:
    if family == "server":
        return _of_year(text)
    found = _RELEASE.search(text)
    return _rounded(found.group().replace("-", "."), row) if found else None


def _of_year(text: str) -> str | None:
    found = _YEAR.search(text)
    return f"{found[1]}{' R2' if found[2] else ''}" if found else None


def _of_image(family: str, image: str, row: Mapping[str, Any]) -> str | None:
    """The release that an image's offer and sku tell; None where they tell none."""
    parts = image.split(":")
    text = " ".join(parts[1:3]).replace("_", ".")
    if family == "server":
        return _of_year(text)
    for word in re.findall(r"\d+(?:\.\d+)*", " ".join(reversed(text.split()))):
        short = _SHORT.match(word)
        for release in (word, f"{short[1]}.{short[2]}" if short else word):
            if _rounded(release, row) in row["releases"]:
                return _rounded(release, row)
    return None


def _rounded(release: str, row: Mapping[str, Any]) -> str:
    """A release as the table writes them: 22.04.5 is 22.04, Debian 12.4 is 12."""
    parts = release.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in row["releases"]:
            return ".".join(parts[:length])
    return release


def _not_listed(system: System) -> Judgement:
    oldest = min(system.row["releases"], key=numbers)
    shown = f"{system.shown} {system.release}"
    if numbers(system.release or "") < numbers(oldest):
        return judged("system-old", shown, f"{system.shown} {oldest}")
    return judged("system-new", shown)


def _kernel(system: System, kernel: str) -> Iterator[Judgement]:
    least = system.row.get("kernel_from", {}).get(system.release)
    if least and numbers(kernel) < numbers(least):
        yield judged("kernel-old", kernel, least)
        return
    series = system.row.get("kernels", {}).get(system.release)
    found = _KERNEL.match(kernel)
    if series is None or found is None:
        return  # the list names no kernels of that release
    flavours = system.row.get("flavours", ())
    is_stock = not flavours or any(found[2].endswith(f"-{one}") for one in flavours)
    if found[1] not in series or not is_stock:
        yield judged("kernel", kernel)


def numbers(text: str) -> tuple[int, ...]:
    """The numbers of a release or kernel, to compare them by: `4.18.0-305` is (4, 18, 0, 305)."""
    head = re.match(r"[\d.\-]*", text.split(".el")[0])
    return tuple(int(one) for one in re.findall(r"\d+", head.group() if head else ""))
