"""What an environment holds as a secret reaches no byte of a journal, whoever repeats it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.cli.answering import answer_question
from muster.errors import PlanError, RunNotFound
from muster.journal.events import Observed
from muster.journal.scrub import SCRUBBED, forget_secrets, register_secrets_of, scrub, scrub_text
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.runs.cleanup import run_cleanup
from muster.runs.drill import run_drill
from muster.runs.request import RunRequest
from muster.settings import settings_from
from tests.builders import a_plan, group_data
from tests.unit.steps.drilling import Drill

ENVIRONMENT = {
    "AZURE_CLIENT_SECRET": "value-of-client-secret",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD": "value-of-certificate",
    "AZURE_PASSWORD": "value-of-a-user",
    "PREFECT_API_KEY": "value-of-prefect-key",
    "PREFECT_API_AUTH_STRING": "admin:value-of-prefect-auth",
    "HTTPS_PROXY": "http://proxyuser:value%2Fof%2Fproxy@proxy.example:3128",
    "http_proxy": "proxyuser:value-of-plain-proxy@proxy.example",
    "MUSTER_WORKER_PROXY": "socks5h://u:value-of-worker-proxy@127.0.0.1:1080",
    "AZURE_CLIENT_ID": "not-a-secret",
}
SECRETS = [
    *("value-of-client-secret", "value-of-certificate", "value-of-a-user", "value-of-prefect-key"),
    *("value-of-prefect-auth", "value%2Fof%2Fproxy", "value/of/proxy", "value-of-plain-proxy"),
    "value-of-worker-proxy",
]


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


def test_every_secret_of_an_environment_is_known_afterwards() -> None:
    assert [one for one in SECRETS if one not in scrub_text(f"so {one} it is")] == []
    register_secrets_of(ENVIRONMENT)
    assert [one for one in SECRETS if one in scrub_text(f"so {one} it is")] == []
    assert scrub_text("not-a-secret at proxy.example") == "not-a-secret at proxy.example"


@pytest.mark.parametrize("url", ["http://[proxy", "http://proxy.example", "", "http://u@p", "::"])
def test_an_address_without_a_password_registers_nothing(url: str) -> None:
    register_secrets_of({"HTTPS_PROXY": url})
    assert scrub_text("http proxy.example u@p") == "http proxy.example u@p"


async def test_no_secret_of_the_environment_reaches_a_byte_of_a_drills_journal() -> None:
    register_secrets_of(ENVIRONMENT)
    action = {"run_command": {"vm": "db1", "file": "scripts/promote.sh"}}
    plan = a_plan(groups=[group_data("database", ["db1"], after=[action])])
    drill = await Drill.begin(plan, scripts={"scripts/promote.sh": b"echo"})
    out = " ".join(f"[{one}]" for one in SECRETS)
    drill.world.answer = lambda vm, name, script: (0, out, json.dumps(dict.fromkeys(SECRETS, 1)))
    await drill.up_to("test-failover:db1", "boot:db1", "action:database.after.1")
    (script,) = drill.observed(Observed.SCRIPT)
    assert SCRUBBED in script["stdout"]
    stored = b"".join(drill.store.read(name) for name in drill.store.names(""))
    assert len(stored) > 10_000
    assert [one for one in SECRETS if one.encode() in stored] == []


async def test_whoever_opens_a_journal_registers_what_its_environment_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_from({"MUSTER_JOURNAL": str(tmp_path)}, home=tmp_path)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "first-secret-value")
    request = RunRequest(tmp_path / "none.yaml", Operation.DRILL, "r1")
    with pytest.raises(PlanError):
        await run_drill(request, settings)
    assert scrub_text("first-secret-value") == SCRUBBED
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "second-secret-value")
    with pytest.raises(RunNotFound):
        await run_cleanup("r1", settings, why="x")
    assert scrub_text("second-secret-value") == SCRUBBED
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "third-secret-value")
    with pytest.raises(RunNotFound):
        answer_question(settings, "r1", question="q", answer="continue", by="me", via="cli")
    assert scrub_text("third-secret-value") == SCRUBBED


@pytest.mark.parametrize("plan", sorted(Path("recovery_plans").glob("*.yaml")), ids=str)
def test_a_plan_is_journalled_as_it_is(plan: Path) -> None:
    canonical = load_plan(plan).canonical
    assert scrub(canonical) == canonical
