"""Pictures for the tests: of templates, and drawn by chance."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
from hypothesis import strategies as st

from wfbreak.graph.model import Group, Kind, Node, Picture, Stop
from wfbreak.graph.reading import of_translation
from wfbreak.status import BreakpointState, ResourceState
from wfbreak.translate import Mode, Request, translate

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-tier"

MEMBER = """\
heat_template_version: 2021-04-16
parameters: {net: {type: string}}
resources:
  port: {type: OS::Neutron::Port, properties: {network: {get_param: net}}}
  server:
    type: OS::Nova::Server
    properties: {flavor: f, image: i, networks: [{port: {get_resource: port}}]}
outputs: {ip: {value: {get_attr: [server, first_address]}}}
"""

GROUPS = """\
heat_template_version: 2021-04-16
resources:
  net: {type: OS::Neutron::Net}
  web:
    type: OS::Heat::ResourceGroup
    properties:
      count: COUNT
      resource_def: {type: member.yaml, properties: {net: {get_resource: net}}}
  last: {type: OS::Heat::Value, properties: {value: {get_attr: [web, ip]}}}
"""


def example(*breaks: str, mode: Mode = Mode.NON_STOP) -> Picture:
    return of_translation(
        translate(
            Request(
                str(EXAMPLE / "web.yaml"), (str(EXAMPLE / "env.yaml"),), breaks=breaks, mode=mode
            )
        )
    )


def groups(folder: Path, count: int, *breaks: str) -> Picture:
    (folder / "member.yaml").write_text(MEMBER)
    (folder / "groups.yaml").write_text(GROUPS.replace("COUNT", str(count)))
    return of_translation(translate(Request(str(folder / "groups.yaml"), breaks=breaks)))


@st.composite
def any_picture(draw: st.DrawFn) -> Picture:
    """A picture with frames in frames, breakpoints and states, whose order has no circle, and
    whose stages grow along it."""
    paths = ["", *draw(st.lists(st.sampled_from(["a", "b", "a/1", "a/2", "b/1"]), unique=True))]
    for path in list(paths):
        if "/" in path and path.partition("/")[0] not in paths:
            paths.append(path.partition("/")[0])
    groups = {p: Group(p, p, "OS::Heat::Stack", p.rpartition("/")[0]) for p in paths if p}
    order: nx.DiGraph[str] = nx.DiGraph()
    nodes: dict[str, Node] = {}
    for number in range(draw(st.integers(1, 24))):
        ident = f"n{number}"
        is_stop = draw(st.integers(0, 5)) == 0
        before = draw(st.lists(st.sampled_from(sorted(nodes)), max_size=3)) if nodes else []
        stage = max((nodes[each].stage for each in before), default=0) + is_stop
        order.add_node(ident)
        order.add_edges_from((each, ident) for each in before)
        nodes[ident] = Node(
            ident,
            draw(st.sampled_from([f"{ident}", f"web/{number}/x", "<&>\"'", "服务器" * 20])),
            Kind.BREAKPOINT if is_stop else Kind.RESOURCE,
            draw(st.sampled_from(["OS::Nova::Server", "OS::Neutron::Port"])),
            stage,
            draw(st.sampled_from(BreakpointState if is_stop else ResourceState)),
            group=draw(st.sampled_from(paths)),
        )
    numbers = sorted({n.stage for n in nodes.values() if n.kind is Kind.BREAKPOINT})
    stops = tuple(
        Stop(s, tuple(n.id for n in nodes.values() if (n.kind, n.stage) == (Kind.BREAKPOINT, s)))
        for s in numbers
    )
    return Picture("stack", "non-stop", nodes, order, groups, stops, "e1", "PAUSED")
