"""A plan is journalled word for word, so that no variable called as secrets are gets into it."""

from __future__ import annotations

import pytest

from muster.plan.loader import read_plan
from muster.plan.variables import tells_of_a_secret
from tests.unit.plan.broken_plans import VALID, WritePlan

VALUE = "hunter2hunter2"


@pytest.mark.parametrize(
    "name",
    [
        *("SQL_PASSWORD", "dbPassword", "DB_PASS", "ADMIN_PW", "PWD", "SA_PWD", "PASSPHRASE"),
        *("AZURE_CLIENT_SECRET", "MY_SECRETS", "GITHUB_TOKEN", "token", "STORAGE_KEY", "ApiKey"),
        *("KEY", "SSH_KEY_1", "CREDENTIALS", "CONNECTION_STRING", "ConnStr", "BLOB_SAS", "GH_PAT"),
    ],
)
def test_a_variable_called_as_a_secret_is_refused_and_its_value_not_shown(
    name: str, write_plan: WritePlan
) -> None:
    path = write_plan(VALID.replace("owner: sre@small.example", f"owner: ${{{name}}}"))
    loaded, problems, _ = read_plan(path, {name: VALUE})
    assert loaded is None
    assert [f"{one.line} {one.code}" for one in problems] == ["3 PLAN-069"]
    assert name in problems[0].message
    assert "Key Vault" in problems[0].hint
    assert VALUE not in str(problems[0])


@pytest.mark.parametrize(
    "name",
    [
        *("REGION", "OWNER", "KEY_VAULT_NAME", "KEYVAULT", "PASSED", "BYPASS", "MONKEY", "PATH"),
        *("ENVIRONMENT", "COMPASS_HOST", "SASKIA", "KEYBOARD"),
    ],
)
def test_other_variables_stay(name: str, write_plan: WritePlan) -> None:
    assert not tells_of_a_secret(name)
    path = write_plan(VALID.replace("owner: sre@small.example", f"owner: ${{{name}}}"))
    loaded, _, _ = read_plan(path, {name: "sre"})
    assert loaded is not None
    assert loaded.plan.owner == "sre"
