"""The page on the control port: its files, its picture of the world, and who may have them."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from muster.simulator.faults.file import ready
from muster.simulator.page.pages import SITE

from .conftest import DRILL_NETWORK, ITEMS, SUBSCRIPTION, TARGET, VAULT, Azure, running
from .watching import named, picture

FILES = [path.name for path in SITE.iterdir()]


async def fetch(azure: Azure, path: str, **headers: str) -> tuple[int, str, Any]:
    """Status, text and headers of a GET on the control port."""
    url = azure.settings["MUSTER_SIMULATOR_CONTROL"] + path
    async with azure.http.get(url, headers=headers, allow_redirects=False) as got:
        return got.status, await got.text(), got.headers


async def test_the_page_may_load_its_own_files_and_nothing_else(azure: Azure) -> None:
    status, text, headers = await fetch(azure, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    named_files = re.findall(r'(?:src|href)="([\w.]+\.\w+)"', text)
    assert set(named_files) == {"icon.svg", "page.css", "page.js"}
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:", text)


@pytest.mark.parametrize("name", FILES)
async def test_every_file_is_there_with_its_kind_and_names_nothing_outside(
    azure: Azure, name: str
) -> None:
    status, text, headers = await fetch(azure, f"/{name}")
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript",
             "svg": "image/svg+xml"}  # fmt: skip
    assert (status, headers["Content-Type"].partition(";")[0]) == (
        200,
        kinds[name[-4:].rpartition(".")[2]],
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    outside = set(re.findall(r"(?:https?:)?//[\w.]+", text)) - {"http://www.w3.org"}
    assert {one for one in outside if "." in one} == set()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)


async def test_the_printed_address_leads_to_the_page(azure: Azure) -> None:
    status, _, headers = await fetch(azure, "")
    path = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).path
    assert (status, headers["Location"]) == (302, f"{path}/")


@pytest.mark.parametrize("path", ["/", "/page.js", "/world", "/stream", ""])
async def test_it_is_for_those_who_know_the_secret_and_come_by_the_loopback(
    azure: Azure, path: str
) -> None:
    control = urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"])
    for secret in ("/x" + control.path[1:], control.path[:-1], ""):
        async with azure.http.get(f"http://{control.netloc}{secret}{path}") as got:
            assert got.status == 404
    assert (await fetch(azure, path, Host="evil.example"))[0] == 403
    foreign = await fetch(azure, path, Origin="https://evil.example")
    assert foreign[0] == 403
    assert not [name for name in foreign[2] if name.lower().startswith("access-control")]


async def test_what_is_no_page_keeps_the_policy_that_allows_nothing(azure: Azure) -> None:
    for path in ("/world", "/health", "/nothing"):
        policy = (await fetch(azure, path))[2]["Content-Security-Policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"


async def test_the_picture_shows_regions_networks_and_machines(azure: Azure) -> None:
    told = await picture(azure)
    tables = told["set"]
    regions = sorted(tables["regions"].values(), key=lambda row: row["order"])
    assert [(r["title"], r["source"], r["target"]) for r in regions] == [
        ("East US", 4, 0),
        ("West US 2", 0, 4),
    ]
    networks = {row["name"]: row for row in tables["networks"].values()}
    assert {name: row["reach"] for name, row in networks.items()} == {
        "vnet": "production", "hub": "joined", "vnet-asr": "isolated", "drill": "isolated",
    }  # fmt: skip
    assert networks["drill"]["alike"] == ["vnet", "vnet-asr"]
    assert networks["hub"]["alike"] == []
    assert [peer["name"] for peer in networks["vnet"]["peers"]] == ["hub"]
    assert networks["vnet"]["machines"] == 4
    subnet = next(s for s in networks["vnet"]["subnets"] if s["name"] == "web")
    assert (subnet["range"], subnet["machines"]) == ("10.1.1.0/24", 3)
    row = named(tables["machines"], "web1")
    assert row["target"] is None
    assert (row["source"]["power"], row["source"]["address"]) == ("running", "10.1.1.4")
    assert (row["item"]["health"], row["item"]["text"]) == ("Normal", "Protected")
    assert told["head"]["counts"] | {"calls": 0} == {
        "networks": 4, "machines": 4, "protected": 4, "copies": 0, "running": 0, "ended": 0,
        "calls": 0,
    }  # fmt: skip
    assert all(20 < seconds < 120 for seconds, _ in tables["rpo"].values())


NETWORKS = "providers/Microsoft.Network/virtualNetworks"
FAR = f"/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/x/{NETWORKS}/far"
GATED = f"{TARGET}/Microsoft.Network/virtualNetworks/gated/subnets/GatewaySubnet"


async def test_a_network_from_which_a_way_leads_is_not_isolated(tmp_path: Path) -> None:
    text = Path(__file__).with_name("world.yaml").read_text()
    new = {"side": "hub", "away": FAR, "next-to-away": "away", "gated": ""}
    more = "".join(
        f"  - {{name: {name}, group: rg-asr, ranges: [10.{n}.0.0/16], peered_with: [{peer}],"
        f" subnets: {{GatewaySubnet: 10.{n}.0.0/24}}}}\n"
        for n, (name, peer) in enumerate(new.items(), 70)
    )
    gateway = f"""resources:
  - name: way-out
    group: rg-asr
    type: Microsoft.Network/virtualNetworkGateways
    properties: {{ipConfigurations: [{{name: c, properties: {{subnet: {{id: {GATED}}}}}}}]}}
"""
    world = tmp_path / "world.yaml"
    world.write_text(text.replace("networks:\n", f"networks:\n{more}", 1) + gateway)
    async with running(tmp_path / "state", world) as azure:
        networks = (await picture(azure))["set"]["networks"]
    found = {
        name: named(networks, name)["reach"]
        for name in ("side", "away", "next-to-away", "gated", "drill")
    }
    assert found == {
        "side": "joined", "away": "elsewhere", "next-to-away": "elsewhere", "gated": "elsewhere",
        "drill": "isolated",
    }  # fmt: skip


async def test_names_that_are_markup_come_as_text_and_are_cut(azure: Azure) -> None:
    operator = await azure.as_("operator")
    wild = "<script>alert(1)</script>\n\ndata: {}"
    body: Any = {
        "location": "westus2",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.77.0.0/16"]},
            "subnets": [
                {"name": wild, "properties": {"addressPrefix": "10.77.1.0/24"}},
                {"name": "n" * 5000, "properties": {"addressPrefix": "10.77.2.0/24"}},
            ],
        },
    }
    path = f"{TARGET}/Microsoft.Network/virtualNetworks/wild"
    assert (await azure.ask("PUT", path, body, token=operator))[0] == 201
    _, text, headers = await fetch(azure, "/world")
    assert headers["Content-Type"].startswith("application/json")
    assert "\n" not in text  # so that no name can begin a field of the stream
    names = [
        s["name"] for s in named((await picture(azure))["set"]["networks"], "wild")["subnets"]
    ]
    assert names[0] == wild
    assert len(names[1]) == 160
    assert "n" * 161 not in text


async def test_calls_say_who_asked_what_of_which_machine(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))
    await azure.ask("GET", f"{VAULT}/replicationJobs/none-such")
    await azure.ask("POST", f"{VAULT}/replicationJobs/x/cancel", {})  # may not
    await azure.ask("GET", VAULT, token="not.a.token")
    calls = (await picture(azure))["calls"]
    assert [call["n"] for call in calls] == sorted(call["n"] for call in calls)
    began = next(call for call in calls if call["operation"] == "testFailover")
    assert (began["client"], began["method"], began["on"]) == ("drill", "POST", "web1")
    assert (began["status"], began["read"]) == (202, False)
    assert 0 < began["ms"] < 60_000
    looked = [call for call in calls if call["on"] == "web1" and call["read"]]
    assert {call["operation"] for call in looked} == {"replicationJobs"}
    assert [(c["status"], c["client"]) for c in calls[-3:]] == [
        (404, "drill"),
        (403, "drill"),
        (401, ""),
    ]


async def test_reads_do_not_push_acts_out(azure: Azure) -> None:
    await azure.failover_test("web1")
    for _ in range(150):
        await azure.get(VAULT)
    calls = (await picture(azure))["calls"]
    assert len([call for call in calls if call["read"]]) == 120
    assert "testFailover" in [call["operation"] for call in calls]


async def test_no_secret_is_on_the_page(azure: Azure) -> None:
    vm = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"
    operator = await azure.as_("operator")
    azure.guests.holding = asyncio.Event()
    body = {
        "location": "eastus",
        "properties": {
            "source": {"script": "echo hunter2-in-the-script"},
            "protectedParameters": [{"name": "key", "value": "hunter2-parameter"}],
        },
    }
    status, told, _ = await azure.ask("PUT", f"{vm}/runCommands/probe", body, token=operator)
    assert status in (200, 201, 202), told
    _, text, _ = await fetch(azure, "/world")
    azure.guests.holding.set()
    assert '"Script in a VM"' in text
    assert '"probe"' in text
    secrets = ("hunter2", "simulator-only", operator, azure.token)
    assert [secret for secret in secrets if secret in text] == []


async def test_faults_that_were_switched_on_are_told_with_how_often_they_struck(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "state", faults=[ready("F3"), ready("F16")]) as azure:
        for fired in (0, 1):
            rows = (await picture(azure))["set"]["faults"]
            told = {key: row for key, row in rows.items() if row["origin"] == "rule"}
            assert sorted(told) == ["rule-F16/1", "rule-F3/1"]
            row = told["rule-F16/1"]
            assert (row["fired"], row["does"]) == (fired, ready("F16").facts.rules[0].name)
            assert row["title"] == ready("F16").facts.title
            await azure.ask("GET", f"{VAULT}/replicationFabrics/none")


async def test_faults_of_the_world_file_are_told_with_how_often_they_struck(azure: Azure) -> None:
    async def fault() -> Any:
        (row,) = (await picture(azure))["set"]["faults"].values()
        return row

    assert await fault() == {
        "title": "bad1: test failover fails", "does": "150097: It did not work.", "fired": 0,
        "origin": "world file",
    }  # fmt: skip
    job = await azure.job_ended(await azure.failover_test("bad1"))
    assert job["state"] == "Failed"
    assert (await fault())["fired"] == 1
    told = (await picture(azure))["set"]
    row = next(row for row in told["jobs"].values() if row["on"] == "bad1")
    assert row["error"] == {"code": "150097", "message": "It did not work."}
    assert (row["state"], row["runs"]) == ("Failed", False)
    assert "Failed" in [task["state"] for task in row["tasks"]]


async def test_who_runs_out_of_requests_is_shown(tmp_path: Path) -> None:
    text = Path(__file__).with_name("world.yaml").read_text()
    world = tmp_path / "world.yaml"
    world.write_text(text + "settings: {throttling: {reads: {size: 3, refill: 0.001}}}\n")
    async with running(tmp_path / "state", world, 1.0) as azure:
        statuses = [(await azure.ask("GET", VAULT))[0] for _ in range(5)]
        tables = (await picture(azure))["set"]
    assert statuses == [200, 200, 200, 429, 429]
    row = next(row for row in tables["buckets"].values() if row["who"] == "drill")
    assert (row["kind"], row["left"], row["size"]) == ("reads", 0, 3)
    assert row["closed_until"] > 0
    assert tables["throttled"] == {"drill": 2}


async def test_the_port_stays_the_same_unless_somebody_else_has_it(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        async with running(tmp_path / "state") as azure:
            found.append(urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).port)
    assert found[0] == found[1]
    with socket.socket() as other:
        other.bind(("127.0.0.1", found[0] or 0))
        other.listen()
        async with running(tmp_path / "state") as azure:
            assert urlsplit(azure.settings["MUSTER_SIMULATOR_CONTROL"]).port != found[0]
            assert (await fetch(azure, "/"))[0] == 200
    (tmp_path / "state" / "control.port").write_text("no port")
    async with running(tmp_path / "state") as azure:
        assert (await fetch(azure, "/"))[0] == 200


async def test_a_copy_in_a_network_that_is_not_isolated_can_be_told(azure: Azure) -> None:
    await azure.job_ended(await azure.failover_test("web1"))
    tables = (await picture(azure))["set"]
    copy = named(tables["machines"], "web1")["target"]
    assert (copy["kind"], copy["name"]) == ("copy", "web1-test")
    network = tables["networks"][copy["network"]]
    assert (network["name"], network["reach"], network["copies"]) == ("drill", "isolated", 1)
    assert DRILL_NETWORK.endswith("/drill")
    assert ITEMS["web1"] not in str(tables["machines"])
