"""Figures that make no world: every mistake, with what is allowed."""

from __future__ import annotations

import pytest

from muster.generate.figures import Figures, FiguresRefused, read_figures

MISTAKES = {
    "vms=0": ["vms=0: it is a number from 1 to 10000"],
    "vms=abc": ["vms=abc: it is a number from 1 to 10000"],
    "vms=-5": ["vms=-5: it is a number from 1 to 10000"],
    "vms=1e3": ["vms=1e3: it is a number from 1 to 10000"],
    "vms=99999": ["vms=99999: it is a number from 1 to 10000"],
    "vms": ["vms has no value: a number from 1 to 10000, like vms=12"],
    "vms=5,vms=6": ["vms is given twice: 5 and 6"],
    "vmz=5": ["there is no key 'vmz': did you mean vms?"],
    "colour=red": ["there is no key 'colour': there are vms, groups, vaults, seed, name, range"],
    "vms=2": ["groups=3: it is at most the number of VMs, 2"],
    "groups=0": [
        "groups=0: it is a number of at least 1 and at most the VMs"
    ],
    "vaults=0": ["vaults=0: it is a number from 1 to 50"],
    "vms=100,groups=60,vaults=51": ["vaults=51: it is a number from 1 to 50"],
    "vaults=5": [
        "groups=3: each of the 5 vaults has a plan of its own, so there are at least 5 groups"
    ],
    "vms=2001,vaults=2": [
        "vms=2001: that is 1001 in a vault, more than 1000; with vaults=3 they fit"
    ],
    "seed=a b": ["seed=a b: it is up to 40 letters, digits, dots, dashes"],
    "name=Fleet": ["name=Fleet: it is up to 20 small letters and digits, a letter first"],
    "name=on": ["name=on: YAML takes that word for truth or nothing; choose another one"],
    "range=127.0.0.0/16": [
        "range=127.0.0.0/16: it has to be private, "
        "within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
    ],
    "range=169.254.0.0/16": [
        "range=169.254.0.0/16: it has to be private, "
        "within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
    ],
    "name=a-b": ["name=a-b: it is up to 20 small letters and digits, a letter first"],
    "range=10.0.0.1/8": [
        "range=10.0.0.1/8: it is an address range like 10.0.0.0/8, and begins with its first"
        " address"
    ],
    "range=8.0.0.0/8": [
        "range=8.0.0.0/8: it has to be private, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
    ],
    "range=ten": ["range=ten: it is an address range like 10.0.0.0/8"],
    "vms=x,groups=y,vault=1,seed=": [
        "vms=x: it is a number from 1 to 10000",
        "groups=y: it is a number of at least 1 and at most the VMs",
        "there is no key 'vault': did you mean vaults?",
        "seed=: it is up to 40 letters, digits, dots, dashes",
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", MISTAKES)
def test_every_mistake_is_told_with_what_is_allowed(text: str) -> None:
    with pytest.raises(FiguresRefused) as caught:
        read_figures(text)
    assert list(caught.value.mistakes) == MISTAKES[text]


def test_what_is_left_out_has_its_default_and_the_whole_reads_back() -> None:
    assert read_figures("") == Figures()
    asked = read_figures(" vms = 70, groups=7 ,seed=b-2,name=acme,range=172.16.0.0/12,")
    assert (asked.vms, asked.groups, asked.vaults, asked.seed) == (70, 7, 1, "b-2")
    assert read_figures(asked.as_text()) == asked
    assert asked.folder() == "acme-vms70-groups7-vaults1"
