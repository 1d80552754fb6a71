"""Each way of writing a picture: whole, well-formed, and safe with any name."""

from __future__ import annotations

import io
import json
import re
import struct
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from graph.pictures import any_picture, example, groups
from wfbreak.cli.picture import console
from wfbreak.graph import data, dot, mermaid, png, svg, terminal
from wfbreak.graph.collapsing import collapse
from wfbreak.graph.layout import lay_out
from wfbreak.graph.model import Kind, Node, Picture

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = """</script><script>alert(1)</script>&"'`]]>--> <%x%> {{y}} \x00\x1b[31m"""


def hostile() -> Picture:
    import networkx as nx

    order: nx.DiGraph[str] = nx.DiGraph([('a\nb"\\', "c")])
    nodes = {name: Node(name, HOSTILE, Kind.RESOURCE, HOSTILE, 0, source=HOSTILE) for name in order}
    return Picture(HOSTILE, "non-stop", nodes, order, {}, ())


@settings(deadline=None)
@given(any_picture())
def test_svg_is_xml_with_each_box_and_line(picture: Picture) -> None:
    root = ElementTree.fromstring(svg.write(picture, lay_out(picture)))
    drawn = [g.get("data-id") for g in root.iter(f"{SVG}g") if g.get("data-id")]
    assert sorted(drawn) == sorted(picture.nodes)
    lines = [p for p in root.iter(f"{SVG}path") if p.get("class") == "edge"]
    assert sorted((p.get("data-from"), p.get("data-to")) for p in lines) == sorted(picture.edges)


def test_svg_is_safe_with_any_name() -> None:
    picture = hostile()
    text = svg.write(picture, lay_out(picture), link=lambda _: 'javascript:"><b>')
    root = ElementTree.fromstring(text)
    assert {element.tag for element in root.iter()}.isdisjoint({f"{SVG}script", f"{SVG}b"})
    assert "</script" not in text


def test_svg_says_the_state_in_words() -> None:
    picture = example()
    text = svg.write(picture, lay_out(picture))
    assert "Dependency graph of the stack web (not started; 20 to do)" in text
    assert "set by" in text
    assert "prefers-color-scheme: dark" in text


def test_a_text_is_cut_to_its_room() -> None:
    assert svg.cut("short", 100, 12) == "short"
    for text in ("a_very_long_name_of_a_resource", "服务器服务器服务器服务器"):
        cut = svg.cut(text, 90, 12)
        assert svg.width_of(cut, 12) <= 90
        assert (cut[0], cut[-1]) == (text[0], text[-1])
        assert "…" in cut


def test_png() -> None:
    picture = example()
    layout = lay_out(picture)
    image = png.render(svg.write(picture, layout), layout.width, layout.height)
    assert image.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", image[16:24])
    assert (width, height) == (round(layout.width) * 2, round(layout.height) * 2)


def test_a_huge_png_is_made_smaller() -> None:
    image = png.render(
        '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="10000"/>', 30000, 10000
    )
    width, height = struct.unpack(">II", image[16:24])
    assert width * height <= 101_000_000


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(png.PngUnavailable, match=r"wfbreak\[png\]"):
        png.render("<svg/>", 1, 1)


def test_without_a_font_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "FONT", "'no such font at all'")
    png._has_fonts.cache_clear()
    with pytest.raises(png.PngUnavailable, match="font"):
        png.render("<svg/>", 1, 1)
    png._has_fonts.cache_clear()


def strings(text: str) -> str:
    """DOT without its strings."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', "S", text, flags=re.DOTALL)


@settings(deadline=None)
@given(any_picture())
def test_dot_has_each_box_and_line(picture: Picture) -> None:
    text = strings(dot.write(picture))
    assert text.count("->") == len(picture.edges)
    assert text.count("label=S, tooltip=S") == len(picture.nodes)
    assert text.count("{") == text.count("}") == 1 + len(picture.groups)


def test_dot_is_safe_with_any_name() -> None:
    bare = strings(dot.write(hostile()))
    assert not set(bare) & set('\\"\x00\x1b')
    assert "alert" not in bare
    assert "script" not in bare


@settings(deadline=None)
@given(any_picture())
def test_mermaid_has_each_box_and_line(picture: Picture) -> None:
    text = mermaid.write(picture)
    assert text.startswith("flowchart TD\n")
    assert text.count("-->") == len(picture.edges)
    assert len(re.findall(r"^ +n\d+[\[{]", text, re.MULTILINE)) == len(picture.nodes)


def test_mermaid_is_safe_with_any_name() -> None:
    labels = re.findall(r'"([^"]*)"', mermaid.write(hostile()))
    assert labels
    for label in labels:
        assert "<" not in label.replace("<br/>", "")
        assert not set(label) & set("`&{}")


def test_json() -> None:
    found = json.loads(data.write(example()))
    assert (found["stack"], found["execution"], found["state"]) == ("web", None, None)
    assert {"from": "db:pre-create", "to": "db"} in found["edges"]
    (stop,) = [node for node in found["nodes"] if node["kind"] == "breakpoint"]
    assert stop["armed"] is True
    assert found["stops"] == [{"number": 1, "breakpoints": ["db:pre-create"]}]


def test_terminal(tmp_path: Path) -> None:
    stream = io.StringIO()
    console(stream).print(terminal.draw(collapse(groups(tmp_path, 50, "last"))))
    lines = [line.strip() for line in stream.getvalue().splitlines()]
    (stop,) = [n for n, line in enumerate(lines) if "── stop 1" in line]
    (last,) = [n for n, line in enumerate(lines) if line.startswith("to do") and " last " in line]
    assert stop < last
    times = "\N{MULTIPLICATION SIGN}"
    (line,) = [line for line in lines if f"web/*/server {times}50" in line and "Nova" in line]
    assert line.endswith(f"after web/*/port {times}50")
