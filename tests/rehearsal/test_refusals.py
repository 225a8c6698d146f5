"""What stands in the way is found before the first act: nothing is sent, the record is closed."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.rehearsal.bench import Bench, cause_of
from tests.rehearsal.command import Ended
from tests.rehearsal.plans import http, plan
from tests.rehearsal.worlds import SOURCE, TARGET, group_id, network_id

pytestmark = pytest.mark.rehearsal


def refused(bench: Bench, ended: Ended, code: str) -> dict[str, Any]:
    """The verdict on a refusal: nothing sent, the remedy said; answers its cause. What preflight
    finds is a check that failed (exit 1), all else Azure's word (exit 3).
    """
    record = bench.judge(ended, 1 if code.startswith("PRE-") else 3, "failed")
    assert bench.evidence(record["run"]).of("intended") == []
    cause = cause_of(record, code)
    assert cause["hint"]
    bench.report_says(record, cause["message"], cause["hint"])
    assert any(one in ended.err for one in (f"[{code}]", f": {code} ", cause["message"])), ended
    return cause


def test_a_machine_that_is_not_protected(bench: Bench) -> None:
    cause = refused(bench, bench.drill(plan("bare", "sql1", "bare1")), "PRE-003")
    assert "bare1" in cause["message"]
    assert "sql1" not in cause["message"]


def test_a_vault_that_is_not_there(bench: Bench) -> None:
    vault = {"resource_group": "rg-dr", "name": "rsv-nowhere"}
    cause = refused(bench, bench.drill(plan("vaultless", "sql1", vault=vault)), "PRE-001")
    assert "rsv-nowhere" in cause["message"]


def test_a_secret_that_is_wrong(bench: Bench) -> None:
    ended = bench.drill(plan("secretive", "sql1"), AZURE_CLIENT_SECRET="not-the-secret-at-all")
    cause = refused(bench, ended, "AZ-401")
    assert "AADSTS7000215" in cause["message"]
    assert "not-the-secret-at-all" not in ended.out + ended.err
    folder = bench.evidence(bench.runs()[0]).folder
    for file in folder.iterdir():
        assert b"not-the-secret-at-all" not in file.read_bytes(), file


def test_an_endpoint_that_nobody_listens_at(bench: Bench) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"https://127.0.0.1:{probe.getsockname()[1]}"
        ended = bench.drill(plan("unheard", "sql1"), MUSTER_ARM_ENDPOINT=closed)
    cause = refused(bench, ended, "AZ-CONN")
    assert closed.removeprefix("https://") in cause["message"]


def test_an_authority_that_nobody_listens_at(bench: Bench) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"https://127.0.0.1:{probe.getsockname()[1]}"
        ended = bench.drill(plan("lawless", "sql1"), AZURE_AUTHORITY_HOST=closed)
    refused(bench, ended, "AZ-CONN")


def test_a_ca_that_signed_another_certificate(bench: Bench, tmp_path: Path) -> None:
    ended = bench.drill(plan("mistrusted", "sql1"), MUSTER_CA_FILE=str(_another_ca(tmp_path)))
    refused(bench, ended, "AZ-TLS")


def test_a_ca_file_that_holds_no_certificate(bench: Bench, tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    value = plan("blind", "sql1")
    cause = refused(bench, bench.drill(value, MUSTER_CA_FILE=str(empty)), "AZ-TLS")
    assert str(empty) in cause["message"]
    # Closed, so the next run of the plan is not in its way; mended, it gets as far as any other.
    stopped = bench.drill(value, AZURE_CLIENT_SECRET="not-the-secret-at-all")
    assert stopped.code == 3, stopped
    assert [one["code"] for one in stopped.json()["causes"]] == ["AZ-401"]


@pytest.mark.parametrize(
    ("environ", "code", "word"),
    [
        ({"AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com"}, 2, "SET-003"),
        ({"AZURE_TOKEN_CREDENTIALS": "nonsense"}, 2, "SET-004"),
        ({"MUSTER_SIGNING_KEY": "junk.pem"}, 1, "JRN-011"),
    ],
)
def test_settings_that_cannot_work_open_no_journal(
    bench: Bench, environ: dict[str, str], code: int, word: str
) -> None:
    (bench.home / "junk.pem").write_text("no key")
    ended = bench.drill(plan("unset", "sql1"), **environ)
    assert ended.code == code, ended
    assert f"[{word}]" in ended.err
    assert not (bench.journal / "runs").exists()


def test_a_given_network_that_reaches_production(bench: Bench) -> None:
    value = plan("peered", "sql1", network={"use": "vnet-shared"})
    ended = bench.drill(value)
    record = bench.judge(ended, 3, "failed")
    assert bench.evidence(record["run"]).of("intended") == []
    assert record["isolation"]["verdict"] == "reaches"
    (cause,) = record["causes"]
    assert cause["code"].startswith("ISO-")
    assert "vnet-hub" in cause["message"]
    bench.report_says(record, cause["message"])
    # It is read, never changed, least of all removed.
    assert network_id(bench.azure.world, "vnet-shared").lower() in bench.operator.resources()


@pytest.mark.parametrize(("network", "group"), [("vnet-erp-asr", TARGET), ("vnet-erp", SOURCE)])
def test_production_itself_is_no_drill_network(bench: Bench, network: str, group: str) -> None:
    value = plan(
        "reckless", "sql1", network={"use": network_id(bench.azure.world, network, group)}
    )
    ended = bench.drill(value)
    assert ended.code == 2, ended
    assert f"{value['plan']}.yaml:" in ended.err
    assert "safety rule 2" in ended.err
    assert not bench.journal.exists()


def test_an_item_whose_own_settings_name_another_network(bench: Bench) -> None:
    ended = bench.drill(plan("bound", "bound1", checks=[http("bound1")]))
    cause = refused(bench, ended, "PRE-012")
    assert "bound1" in cause["message"]
    assert "vnet-lab" in cause["message"]


def test_a_foreign_test_failover_is_neither_adopted_nor_cleaned(bench: Bench) -> None:
    lab = network_id(bench.azure.world, "vnet-lab")
    operator = bench.operator
    operator.begin_failover_test("held1", lab)
    try:
        copy = f"{operator.target}/providers/microsoft.compute/virtualmachines/held1-test".lower()
        assert copy in operator.resources()
        among_others = Bench(bench.azure, bench.home)  # what is there now has to stay
        ended = among_others.drill(plan("held", "held1", checks=[http("held1")]))
        cause = refused(among_others, ended, "PRE-007")
        assert "held1" in cause["message"]
        assert copy in operator.resources()
        assert (
            "TestFailoverCleanup" in operator.items()["held1"]["properties"]["allowedOperations"]
        )
        assert not [
            job
            for job in operator.jobs("TestFailoverCleanup")
            if job["properties"]["targetObjectName"] == "held1"
        ]
    finally:
        operator.clean_failover_test("held1")
    assert bench.before.left_behind() == []


ITEM_VERBS = (
    *("unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel"),
    *("applyRecoveryPoint", "reProtect", "remove", "removeDisks", "switchProvider"),
)
PLAN_VERBS = (
    "unplannedFailover",
    "plannedFailover",
    "failoverCommit",
    "failoverCancel",
    "reProtect",
)
FORBIDDEN = [
    *(("POST", f"{{item}}/{verb}") for verb in ITEM_VERBS),
    *(("POST", f"{{vault}}/replicationRecoveryPlans/erp/{verb}") for verb in PLAN_VERBS),
    ("POST", "{container}/switchprotection"),
    ("POST", "{container}/switchClusterProtection"),
    ("POST", "{container}/replicationProtectionClusters/erp/unplannedFailover"),
    ("PUT", "{item}"),
    ("PATCH", "{item}"),
    ("DELETE", "{item}"),
    ("POST", "{source}/powerOff"),
    ("POST", "{source}/deallocate"),
    ("DELETE", "{source}"),
]


@pytest.mark.parametrize(("method", "path"), FORBIDDEN, ids=[" ".join(one) for one in FORBIDDEN])
def test_the_drills_own_identity_may_not_fail_over(bench: Bench, method: str, path: str) -> None:
    item = bench.operator.items()["sql1"]
    url = path.format(
        item=item["id"],
        container=item["id"].rpartition("/replicationProtectedItems/")[0],
        vault=bench.operator.vault,
        source=f"{group_id(bench.azure.world, SOURCE)}/providers/Microsoft.Compute"
        "/virtualMachines/sql1",
    )
    before = len(bench.operator.jobs())
    body = None if method == "DELETE" else {"properties": {}}
    answer = bench.azure.as_drill().call(method, url, body)
    assert answer.status == 403, answer
    assert answer.body["error"]["code"] == "AuthorizationFailed"
    words = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}
    assert f"/{words.get(method, path.rpartition('/')[2])}" in answer.body["error"]["message"]
    assert len(bench.operator.jobs()) == before


def _another_ca(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody else's CA")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "another-ca.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return file
