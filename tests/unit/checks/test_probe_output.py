"""Building a probe and reading what it printed, cut or not."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.checks.probe import (
    MAX_CHECKS_PER_PROBE,
    ProbeCheck,
    build_probe,
    parse_probe_output,
    probe_digest,
)

FIRST = '{"muster_probe":1,"host":"web1","at":"2026-01-01T03:00:00Z","proxy":false}\n'
GOOD = '{"id":"a","kind":"tcp","ok":true,"how":"connected","attempts":1,"seconds":0}\n'
BAD = '{"id":"b","kind":"tcp","ok":false,"how":"refused","attempts":3,"seconds":10}\n'
END = '{"muster_probe":"end","checks":2}\n'


def test_a_whole_output_is_read():
    report = parse_probe_output(FIRST + GOOD + BAD + END)
    assert (report.ran, report.complete, report.host, report.proxy) == (True, True, "web1", False)
    assert report.at == datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert {name: r.ok for name, r in report.results.items()} == {"a": True, "b": False}
    assert report.results["b"].detail == {
        "kind": "tcp",
        "how": "refused",
        "attempts": 3,
        "seconds": 10,
    }
    assert report.results["a"].raw == GOOD.strip()


@given(cut=st.integers(0, len(FIRST + GOOD + BAD + END)))
def test_what_was_cut_off_is_missing_and_never_ok(cut):
    text = FIRST + GOOD + BAD + END
    report = parse_probe_output(text[cut:])
    whole = [line for line in (GOOD, BAD) if line.strip() in text[cut:]]
    assert len(report.results) == len(whole)
    assert report.complete == (len(whole) == 2)
    assert ("a" in report.results) == (GOOD.strip() in text[cut:])


@given(keep=st.integers(0, len(FIRST + GOOD + BAD + END) - 2))
def test_a_probe_that_was_killed_is_not_complete(keep):
    assert not parse_probe_output((FIRST + GOOD + BAD + END)[:keep]).complete


@pytest.mark.parametrize(
    "text", ["", "\n", "bash: curl: not found\n", "null\n[1]\n3\n", '{"other":1}', '{"ok":true}']
)
def test_an_output_that_is_not_the_probes_did_not_run(text):
    report = parse_probe_output(text)
    assert (report.ran, report.complete, dict(report.results)) == (False, False, {})


@pytest.mark.parametrize("ok", ['"true"', "1", "null", "[]"])
def test_only_true_is_ok(ok):
    assert parse_probe_output(f'{FIRST}{{"id":"a","ok":{ok}}}\n{END}').results == {}


def test_of_two_lines_for_one_check_the_bad_one_counts():
    worse = GOOD.replace("true", "false")
    assert not parse_probe_output(FIRST + GOOD + worse + END).results["a"].ok
    assert not parse_probe_output(FIRST + worse + GOOD + END).results["a"].ok


@given(st.text())
def test_any_text_at_all_is_read_without_a_complaint(text):
    assert parse_probe_output(text).results == {}


@given(st.binary(max_size=60))
def test_bytes_come_back_as_the_text_they_are(raw):
    line = {"id": "a", "ok": True, "body": raw.decode("latin-1")}
    detail = parse_probe_output(json.dumps(line)).results["a"].detail
    assert detail["body"] == raw.decode("utf-8", "backslashreplace")


def test_the_script_is_one_line_of_data_and_the_constant_body():
    script = build_probe([ProbeCheck("a'b", "tcp", host="h", port=1)])
    first, _, body = script.partition("\n")
    assert re.fullmatch(r"MUSTER_CHECKS='[A-Za-z0-9+/=]*'", first)
    assert hashlib.sha256(body.encode()).hexdigest() == probe_digest()
    assert base64.b64decode(first[15:-1]) == b"a%27b|tcp|h|1||200||0\n"


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@given(name=texts.map(lambda text: "a" + text[:3]), host=texts, contains=texts)
def test_no_field_breaks_out_of_its_place(name, host, contains):
    script = build_probe([ProbeCheck(name, "http", host=host, contains=contains)])
    data = base64.b64decode(script.partition("\n")[0][15:-1]).decode("ascii")
    assert re.fullmatch(r"([A-Za-z0-9._~%-]*\|){7}0\n", data)


def check(name: str = "a", **more) -> ProbeCheck:
    return ProbeCheck(name, "http", **more)


@pytest.mark.parametrize(
    "checks",
    [
        [check(str(i)) for i in range(MAX_CHECKS_PER_PROBE + 1)],
        [check(), check()],
        [check("")],
        [check("i" * 81)],
        [check("é" * 10)],
        [check(contains="\0")],
        [check(within=timedelta(seconds=-1))],
        [check(within=timedelta(days=2))],
    ],
)
def test_what_the_probe_cannot_carry_is_refused(checks):
    with pytest.raises(ValueError, match="check"):
        build_probe(checks)
