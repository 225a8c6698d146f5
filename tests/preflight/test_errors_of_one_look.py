"""What stumbles is told where it stumbled, and hides nothing else; what must end a look, does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from muster.errors import JournalError, Tampered
from muster.gateway.kinds import BadAnswer, CredentialRefused, Forbidden, Unreachable
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Area, PreflightCheck, Severity, passed
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_reads.reader import Reader
from tests.preflight.cases_of_replication import FAILOVER, ids
from tests.preflight.faults import answering, faults
from tests.preflight.looking import Case, Found, look_at, seen_facts

HTML = {"body": "html"}
NOT_THERE = {"answer": {"status": 404, "code": "ResourceNotFound", "message": "gone"}}


@pytest.fixture(autouse=True, scope="module")
def looked_once() -> None:
    """A look runs in a loop of its own, which no test that is in one can begin."""
    seen_facts()


def look(call: str, do: dict[str, object]) -> Found:
    return look_at(Case("", "", operation=FAILOVER, faults=faults(answering(call, do))))


def not_known(found: Found) -> frozenset[str]:
    assert "failed" not in found.words.values()
    return found.not_passed


@pytest.mark.parametrize(
    ("call", "do", "checks"),
    [
        ("list Microsoft.Compute/skus", HTML, ids(70, 71, 75)),
        ("list Microsoft.Authorization/locks", HTML, ids(93)),
        ("list *usages", {"hang": 30}, ids(70, 71, 72, 73)),
        ("list Microsoft.Compute/virtualMachines", {"change": {"set": {"value": None}}},
         ids(24, 25, 33, 46, 63, 64, 65, 66, 67, 68, 121)),
        ("list *recoveryPoints", HTML, ids(56, 57, 58, 59, 60)),
    ],
)  # fmt: skip
def test_one_list_that_makes_no_sense_takes_only_what_rests_on_it(call, do, checks):
    assert not_known(look(call, do)) == checks


def test_a_vault_that_answers_nonsense_takes_what_rests_on_it_and_is_given_as_the_reason():
    found = look("get Microsoft.RecoveryServices/vaults", HTML)
    assert found.words["PRE-078"] == "passed"
    assert found.words["PRE-003"] == "not evidenced"
    assert "no vault" not in found.why("PRE-003")
    assert "Reading vault" in found.why("PRE-003")


def test_a_vault_that_may_not_be_read_is_given_as_the_reason_of_what_lies_in_it():
    no = {"answer": {"status": 403, "code": "AuthorizationFailed", "message": "not for you"}}
    found = look("get Microsoft.RecoveryServices/vaults", no)
    assert {found.words[one] for one in ids(1, 3, 4, 45)} == {"not evidenced"}
    assert "not for you" in found.why("PRE-003")


def test_where_everything_answers_nonsense_that_is_the_answer():
    with pytest.raises(BadAnswer):
        look("*", HTML)


def test_a_register_that_does_not_read_ends_no_look():
    def garbage(ours):
        for name in [one for one in ours.store.contents if one.startswith("plans/")]:
            ours.store.contents[name] = b"{garbage"

    found = look_at(Case("", "", operation=FAILOVER, ours=garbage))
    assert found.words["PRE-106"] == "failed"
    assert {found.words[one] for one in ids(97, 99, 100, 101)} == {"not evidenced"}
    assert found.not_passed == ids(97, 99, 100, 101, 106)
    assert "no entry of the register" in found.why("PRE-106")


# --- one check -----------------------------------------------------------------------------------
def judged(error: BaseException) -> tuple[str, str]:
    """What comes of a check whose judge raises."""

    def judge(_: Facts):
        raise error

    verdict = check(judge).verdict(seen_facts())
    return verdict.word, verdict.why


def check(judge: Callable[[Facts], object]) -> PreflightCheck:
    stops = Severity.STOPS
    return PreflightCheck("PRE-000", "", Area.PLAN, stops, stops, stops, "", judge)  # type: ignore[arg-type]


def test_a_check_that_stumbles_is_not_evidenced_and_says_whose_mistake_it_is():
    word, why = judged(ValueError("'/33' is no mask"))
    assert word == "not evidenced"
    assert "a mistake of Muster's own" in why
    assert "ValueError: '/33' is no mask, test_errors_of_one_look.py:" in why


def test_an_error_with_words_of_its_own_keeps_them():
    assert judged(Forbidden("you may not")) == (
        "not evidenced",
        "it could not be judged: you may not",
    )
    assert judged(NotRead("no date")) == ("not evidenced", "it could not be read: no date")


def test_no_secret_of_an_error_is_told():
    _, why = judged(KeyError("https://x.blob.core.windows.net/a?sig=abcdefgh12345678"))
    assert "abcdefgh" not in why


@pytest.mark.parametrize("error", [JournalError("in doubt"), asyncio.CancelledError()])
def test_a_record_in_doubt_and_an_interruption_pass_through(error):
    with pytest.raises(type(error)):
        judged(error)


# --- one reading ---------------------------------------------------------------------------------
class Nobody:
    """A gateway whose only call says what it is told to."""

    def __init__(self, says: Exception) -> None:
        self.says, self.asked = says, 0

    async def resource(self, _: str) -> None:
        self.asked += 1
        raise self.says


class Place:
    def __init__(self, gateway: Nobody) -> None:
        self.gateway = gateway


async def read(*errors: BaseException, says: Exception) -> tuple[Facts, int]:
    """Readings that fail, one after the other; what is unread then, and how often was asked."""
    gateway, facts = Nobody(says), seen_facts()
    facts.unread.clear()
    reader = Reader(Place(gateway), facts)  # type: ignore[arg-type]
    for number, error in enumerate(errors):

        async def failing(error: BaseException = error) -> None:
            raise error

        await reader.read(str(number), failing, None)
    return facts, gateway.asked


SILENT = Unreachable("no answer", maybe_accepted=True)


async def test_whatever_a_reading_raises_is_kept_under_its_name():
    facts, asked = await read(Forbidden("no"), TypeError("'NoneType'"), SILENT, says=SILENT)
    assert facts.unread["0"] == "no"
    assert "a mistake of Muster's own" in facts.unread["1"]
    assert facts.unread["2"] == "no answer"
    assert asked == 0


async def test_a_first_reading_without_an_answer_asks_once_whether_anybody_is_there():
    facts, asked = await read(SILENT, SILENT, says=Forbidden("no"))
    assert facts.unread == {"0": "no answer", "1": "no answer"}
    assert asked == 1
    with pytest.raises(Unreachable):
        await read(SILENT, says=SILENT)


@pytest.mark.parametrize("error", [CredentialRefused("no"), Unreachable("no such name")])
async def test_without_credential_or_connection_nobody_is_asked_again(error):
    with pytest.raises(type(error)):
        await read(error, says=Forbidden("nobody should have asked"))


@pytest.mark.parametrize("error", [Tampered("changed"), asyncio.CancelledError()])
async def test_readings_let_a_record_in_doubt_and_an_interruption_through(error):
    with pytest.raises(type(error)):
        await read(error, says=SILENT)


async def test_a_part_that_stumbles_leaves_all_it_was_to_find_unread():
    facts = seen_facts()
    facts.unread.clear()

    async def stumble() -> None:
        raise KeyError("nics")

    await Reader(Place(Nobody(SILENT)), facts).whole(("walls", "routes"), stumble())  # type: ignore[arg-type]
    assert set(facts.unread) == {"walls", "routes"}
    assert "KeyError: 'nics'" in facts.unread["walls"]


def test_every_check_of_the_catalogue_survives_facts_of_which_nothing_was_read():
    facts = seen_facts()
    facts.unread = dict.fromkeys(Facts.__dataclass_fields__, "not asked") | {"history": "no"}
    words = {one.id: one.verdict(facts).word for one in CHECKS}
    assert set(words.values()) <= {"passed", "failed", "not evidenced", "does not apply"}
    assert passed("").word == "passed"
