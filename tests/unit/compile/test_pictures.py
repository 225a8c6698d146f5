"""Pictures of graphs: complete, escaped, self-contained."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from muster.compile.arrows import essential_arrows, layers
from muster.compile.cleanup import compile_cleanup
from muster.compile.draw import layered_svg, mermaid
from muster.compile.drill import compile_drill
from muster.plan.loader import load_plan
from muster.plan.model import RecoveryPlan
from tests.builders import a_plan, group_data
from tests.unit.compile.random_plans import plans

SVG = "{http://www.w3.org/2000/svg}"
FEW = settings(max_examples=20, deadline=None)


def reachable(arrows: dict[str, list[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, direct in arrows.items():
        found[name] = set(direct).union(*(found[one] for one in direct))
    return found


@FEW
@given(plan=plans())
def test_arrows_that_are_drawn_say_all_that_is_waited_for(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    drawn = essential_arrows(graph)
    whole = reachable({step.id: [*step.needs, *step.after] for step in graph})
    assert reachable({name: [*one.needs, *one.after] for name, one in drawn.items()}) == whole
    for name, one in drawn.items():
        for arrow in (*one.needs, *one.after):
            others = {*one.needs, *one.after} - {arrow}
            assert not any(arrow in whole[other] for other in others), (name, arrow)


@FEW
@given(plan=plans())
def test_a_layer_never_waits_for_itself_or_a_later_one(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    place = {name: row for row, names in enumerate(layers(graph)) for name in names}
    assert set(place) == {step.id for step in graph}
    for step in graph:
        assert all(place[one] < place[step.id] for one in (*step.needs, *step.after))
    last = max(place[step.id] for step in graph.steps)
    assert all(place[step.id] > last for step in graph.finalisers)


@FEW
@given(plan=plans())
def test_both_pictures_show_every_step_once(plan: RecoveryPlan) -> None:
    graph = compile_drill(plan)
    tree = ET.fromstring(layered_svg(graph, plan))  # noqa: S314 - our own text
    assert [one.text for one in tree.iter(f"{SVG}title")] != []
    assert {one.text for one in tree.iter(f"{SVG}title")} == {step.id for step in graph}
    text = mermaid(graph, plan)
    nodes = re.findall(r'^    (s\d+)\["', text, re.MULTILINE)
    assert sorted(nodes) == sorted(f"s{number}" for number in range(len(list(graph))))
    assert text.count(":::critical") == sum(step.critical for step in graph)
    assert text.count(":::optional") == sum(not step.critical for step in graph)
    for first, then in re.findall(r"^  (s\d+) -(?:-|\.-)> (s\d+)$", text, re.MULTILINE):
        assert {first, then} <= set(nodes)


def test_names_cannot_break_out_of_a_picture() -> None:
    name = '</text><script>alert("x")</script> "] --> s0 & `x` #1'
    wait = {"wait": {"for": "1m", "why": "because"}, "name": name}
    left_out = {"runbook": {"account": "aa", "name": "Rb"}, "name": name}
    plan = a_plan(groups=[group_data("web", ["web1"], before=[wait], after=[left_out])])
    graph = compile_drill(plan)
    tree = ET.fromstring(layered_svg(graph, plan))  # noqa: S314 - our own text
    assert list(tree.iter(f"{SVG}script")) == []
    text = mermaid(graph, plan)
    assert "<script>" not in text
    assert '"] --> s0' not in text
    assert all(line.count('"') in (0, 2) for line in text.splitlines())


def test_boxes_do_not_overlap_and_lie_inside() -> None:
    plan = load_plan(Path("recovery_plans/fabrikam-shop.yaml")).plan
    tree = ET.fromstring(layered_svg(compile_drill(plan), plan))  # noqa: S314 - our own text
    boxes = []
    for group in tree.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        assert box is not None
        boxes.append(tuple(float(box.attrib[key]) for key in ("x", "y", "width", "height")))
    across, down = float(tree.attrib["width"]), float(tree.attrib["height"])
    for number, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert x + width <= across
        assert y + height <= down
        for x2, y2, width2, height2 in boxes[number + 1 :]:
            apart = x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
            assert apart


@pytest.mark.parametrize("name", ["contoso-erp", "fabrikam-shop"])
def test_pictures_need_no_other_file(name: str) -> None:
    plan = load_plan(Path(f"recovery_plans/{name}.yaml")).plan
    for graph in (compile_drill(plan), compile_cleanup(plan)):
        svg = layered_svg(graph, plan).replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|href|@import|url\(", svg)


def test_mermaid_names_what_a_drill_leaves_out() -> None:
    plan = load_plan(Path("recovery_plans/contoso-erp.yaml")).plan
    text = mermaid(compile_drill(plan), plan)
    assert 'subgraph g1["group database"]' in text
    assert '"left out: runbook Switch-Traffic<br/>touches production"' in text
    assert '["test failover<br/>sql1"]:::critical' in text
