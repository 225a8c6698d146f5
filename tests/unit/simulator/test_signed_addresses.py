"""Addresses to ask at are signed since 2025: they hold as they were told, and no other way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from yarl import URL

from .still_items import StillItems, drill_body, path_of


def asked(world: StillItems, url: str, **changed: str) -> int:
    """Status of a GET of a polling address, perhaps with other parameters; "" leaves one out."""
    told = URL(url, encoded=True)
    query = {key: value for key, value in (dict(told.query) | changed).items() if value}
    return world.ask("GET", told.path, **query).status


def addresses(world: StillItems) -> Mapping[str, str]:
    answer = world.ask("POST", path_of("web1", "testFailover"), drill_body())
    return {key: answer.headers[key] for key in ("Azure-AsyncOperation", "Location")}


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
def test_a_signed_address_holds_only_as_it_was_told(header: str) -> None:
    world = StillItems()
    url = addresses(world)[header]
    assert asked(world, url) in (200, 202)
    for key in "tcsh":
        assert asked(world, url, **{key: ""}) == 403
        assert asked(world, url, **{key: "1" + URL(url).query[key][1:-1] + "_"}) == 403
    world.settle()
    assert asked(world, url) == 200


def test_the_signature_of_one_address_does_not_hold_for_another() -> None:
    world = StillItems()
    told = addresses(world)
    other = dict(URL(told["Location"]).query)
    assert asked(world, told["Azure-AsyncOperation"], **other) == 403


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
def test_without_signatures_the_bare_address_holds(header: str) -> None:
    world = StillItems(signed_urls=False)
    url = addresses(world)[header]
    assert set(URL(url).query) == {"api-version"}
    assert asked(world, url) in (200, 202)
