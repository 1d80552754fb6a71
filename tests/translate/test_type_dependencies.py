"""The edges that types add are those that Heat adds.

The expected answers are what openstack-heat 27.0.1 says of the fixture (``other_net`` given).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from wfbreak.translate import Request, translate
from wfbreak.translate.dependencies import needs
from wfbreak.translate.type_dependencies import RULES

FIXTURE = Path(__file__).parent / "fixtures" / "type_dependencies.yaml"

ADDED = {
    "address_a": {"interface_port", "router"},
    "address_b": {"interface_b", "router"},
    "address_other": {"gateway"},
    "association": {"interface_b"},
    "attachment": {"table"},
    "forward": {"interface_b"},
    "gateway": {"interface_a", "subnet_other"},
    "port_a": {"subnet_a1", "subnet_a2"},
    "port_other": {"subnet_other"},
    "port_unknown": {"subnet_unknown"},
    "route": {"gateway", "interface_a"},
    "router": {"subnet_b"},
    "routes": {"interface_b", "interface_port"},
    "server_net": {"subnet_a1", "subnet_a2", "subnet_unknown"},
    "server_port": {"subnet_a1", "subnet_a2", "subnet_b", "subnet_other", "subnet_unknown"},
    "server_uuid": {"subnet_b", "subnet_unknown"},
}


@pytest.mark.parametrize("options", [{"other_net": "external"}, {}], ids=["given", "input"])
def test_each_rule_adds_what_heat_adds(options: dict[str, str]) -> None:
    graph = translate(Request(str(FIXTURE), (), options)).graph
    written = needs(graph, by_type=False)
    added = {name: set(graph.predecessors(name)) - written[name] for name in graph}
    assert {name: names for name, names in added.items() if names} == ADDED


def test_the_fixture_has_every_rule() -> None:
    template = translate(Request(str(FIXTURE))).template
    assert {template.resources[name].type for name in ADDED} == set(RULES)
