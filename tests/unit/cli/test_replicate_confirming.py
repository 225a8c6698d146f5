"""A confirmation without what it confirms is a mistake, and starts nothing."""

from __future__ import annotations

from tests.unit.cli.conftest import Muster


def test_a_confirmation_without_disable_replicates_nothing(muster: Muster) -> None:
    said = muster("replicate", "contoso-erp", "--confirm", "disable contoso-erp")
    assert said.code == 2
    assert "INPUT-035" in said.err
    assert "--disable" in said.err


def test_another_text_than_the_sentence_is_said_to_differ(muster: Muster) -> None:
    said = muster("replicate", "contoso-erp", "--disable", "--confirm", "disable contoso")
    assert "'disable contoso' is not what confirms it" in said.err
    assert 'exactly "disable contoso-erp"' in said.err
