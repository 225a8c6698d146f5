"""What an answer of the probe means, and that no answer never means yes. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from muster.checks.addresses import NoAddress, filled
from muster.checks.data_age import Against, data_loss_probe, judge_data_loss
from muster.checks.from_worker import ConnectResult
from muster.checks.http import http_probe, judge_http
from muster.checks.probe import ProbeResult
from muster.checks.script import judge_script
from muster.checks.tcp import judge_tcp, tcp_probe
from muster.checks.unreachable import judge_unreachable, unreachable_probe, why_not_a_canary
from muster.plan.checks import Check

REFERENCE = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
MADE = REFERENCE + timedelta(minutes=8)
ADDRESSES = {"web1": "10.1.2.4", "sql1": "10.1.0.4"}.get

TCP = Check.model_validate({"tcp": {"vm": "sql1", "port": 1433}}).tcp
HTTP = Check.model_validate({"http": {"url": "http://{web1}:8080/h", "contains": "well"}}).http
DATA = Check.model_validate({"data_loss": {"url": "http://{web1}/hb", "at_most": "15m"}}).data_loss
SCRIPT = Check.model_validate(
    {"run_command": {"vm": "sql1", "file": "c.sh", "contains": "consistent"}}
).run_command
assert TCP
assert HTTP
assert DATA
assert SCRIPT


def canary(**changes: object):
    whole = {"from": "web1", "host": "10.9.0.10", "port": 443, "live_from": "worker", **changes}
    found = Check.model_validate({"unreachable": whole}).unreachable
    assert found
    return found


def result(ok: bool, **detail: object) -> ProbeResult:
    return ProbeResult("c", ok, detail, '{"raw": "line"}')


def test_the_probe_is_asked_for_the_address_of_the_copy():
    assert tcp_probe(TCP, "c", ADDRESSES).host == "10.1.0.4"
    assert http_probe(HTTP, "c", ADDRESSES).url == "http://10.1.2.4:8080/h"
    assert data_loss_probe(DATA, "c", ADDRESSES).url == "http://10.1.2.4/hb"
    assert unreachable_probe(canary(), "c").host == "10.9.0.10"


def test_an_address_that_is_not_known_is_not_made_up():
    with pytest.raises(NoAddress, match="web9"):
        filled("http://{web9}/", ADDRESSES)


@pytest.mark.parametrize(
    "judged",
    [
        judge_tcp(TCP, None),
        judge_http(HTTP, None),
        judge_data_loss(DATA, None, Against(REFERENCE, MADE, ())),
        judge_unreachable(canary(), None, [ConnectResult(True, "connected")] * 2),
        judge_script(SCRIPT, None),
        judge_tcp(TCP, result(False, how="no-curl")),
        judge_http(HTTP, result(False, how="error")),
    ],
)
def test_no_answer_is_not_evidenced(judged):
    assert judged.word == "not evidenced"


def test_tcp_passes_when_connected_and_fails_when_refused():
    assert judge_tcp(TCP, result(True, how="connected")).word == "passed"
    refused = judge_tcp(TCP, result(False, how="refused"))
    assert (refused.word, "refused" in refused.why) == ("failed", True)


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"how": "status", "status": 503}, "answered 503, wanted 200"),
        ({"how": "text"}, "without 'well'"),
        ({"how": "timeout"}, "did not answer: timeout"),
    ],
)
def test_http_says_what_was_wrong(detail, said):
    judged = judge_http(HTTP, result(False, **detail))
    assert judged.word == "failed"
    assert said in judged.why


def data(**detail: object):
    whole = {"how": "answered", "written_at": "2026-01-01T02:50:00Z", "writer": "web1", **detail}
    return judge_data_loss(DATA, result(True, **whole), Against(REFERENCE, MADE, {"web1-test"}))


def test_data_loss_is_the_reference_minus_the_newest_marker_of_production():
    judged = data()
    assert judged.word == "passed"
    assert judged.evidence["loss_seconds"] == 600
    assert judged.evidence["reference"] == "2026-01-01T03:00:00.000000Z"


def test_too_much_data_loss_fails_with_the_figure():
    judged = data(written_at="2026-01-01T02:44:59Z")
    assert (judged.word, judged.evidence["loss_seconds"]) == ("failed", 901)


def test_a_marker_a_little_after_the_reference_is_no_loss_for_clocks_differ():
    assert data(written_at="2026-01-01T03:00:30Z").evidence["loss_seconds"] == 0


def test_a_marker_that_no_copy_of_the_points_can_hold_is_no_evidence():
    judged = data(written_at="2026-01-01T03:00:31Z")
    assert judged.word == "not evidenced"
    assert "the clocks of production and of this machine differ" in judged.why
    assert judged.evidence["written_at"] == "2026-01-01T03:00:31.000000Z"


def test_a_copy_of_latest_may_hold_what_was_written_since_the_reference():
    read = result(True, how="answered", written_at="2026-01-01T03:05:00Z", writer="web1")
    judged = judge_data_loss(DATA, read, Against(REFERENCE, MADE, (), is_latest=True))
    assert judged.evidence["loss_seconds"] == 0


def test_a_marker_in_another_time_zone_is_the_same_instant():
    assert data(written_at="2026-01-01T03:50:00+01:00").evidence["loss_seconds"] == 600


@pytest.mark.parametrize(
    "detail",
    [
        {"written_at": "2026-01-01T03:08:00Z"},  # as old as the copy
        {"written_at": "2026-01-01T09:00:00Z"},
        {"writer": "WEB1-test"},
        {"written_at": "2026-01-01T02:50:00"},  # no time zone
        {"written_at": "yesterday"},
        {"written_at": None},
    ],
)
def test_a_marker_that_production_did_not_surely_write_does_not_count(detail):
    assert data(**detail).word == "not evidenced"


@pytest.mark.parametrize(
    "against", [Against(None, MADE, ()), Against(REFERENCE, None, ())], ids=["reference", "copy"]
)
def test_without_something_to_measure_against_data_loss_is_not_evidenced(against):
    read = result(True, how="answered", written_at="2026-01-01T02:50:00Z", writer="web1")
    assert judge_data_loss(DATA, read, against).word == "not evidenced"


ALIVE, DEAD = ConnectResult(True, "connected"), ConnectResult(False, "timeout")
SILENT = result(True, how="timeout,timeout,timeout")


@pytest.mark.parametrize(
    ("read", "controls", "word"),
    [
        (SILENT, [ALIVE, ALIVE], "passed"),
        (SILENT, [ALIVE, DEAD], "not evidenced"),
        (SILENT, [DEAD, ALIVE], "not evidenced"),
        (SILENT, [], "not evidenced"),
        (result(False, how="connected"), [ALIVE, ALIVE], "failed"),
        (result(False, how="connected"), [DEAD, DEAD], "failed"),
        (result(False, how="timeout,refused"), [ALIVE, ALIVE], "failed"),
        (result(False, how="unresolved,unresolved"), [ALIVE, ALIVE], "not evidenced"),
        (result(False, how="no-curl"), [ALIVE, ALIVE], "not evidenced"),
    ],
)
def test_silence_shows_isolation_only_while_the_target_is_alive(read, controls, word):
    assert judge_unreachable(canary(), read, controls).word == word


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": "10.1.77.9"}, "own range 10.1.0.0/16"),
        ({"host": "db.contoso.example"}, "is a name"),
        ({"live_from": None}, "positive control"),
        ({"live_from": "jump1"}, "jump1"),
    ],
)
def test_what_cannot_show_isolation_is_not_even_asked(changes, said):
    why = why_not_a_canary(canary(**changes), ["10.1.0.0/16", "fd00::/48"])
    assert why is not None
    assert said in why


def test_a_target_outside_the_drill_network_is_a_canary():
    assert why_not_a_canary(canary(), ["10.1.0.0/16"]) is None


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        ({"state": "Succeeded", "exit_code": 0, "stdout": "all consistent"}, "passed"),
        ({"state": "Succeeded", "exit_code": 0, "stdout": "well"}, "failed"),
        ({"state": "Failed", "exit_code": 2, "stdout": "consistent"}, "failed"),
        ({"state": "TimedOut", "exit_code": -1, "stdout": ""}, "not evidenced"),
        ({"state": "Unknown", "exit_code": None, "stdout": ""}, "not evidenced"),
    ],
)
def test_a_script_counts_by_its_end_and_its_text(seen, word):
    assert judge_script(SCRIPT, seen).word == word
