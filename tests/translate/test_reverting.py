"""The way back: made of an earlier execution's document and of what exists now."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from wfbreak.engine.model import Workflow
from wfbreak.existing import Existing, Stock
from wfbreak.providers import Provider
from wfbreak.status import document
from wfbreak.translate import Request, Translation, translate
from wfbreak.translate.reverting import revert

TEMPLATE = """\
heat_template_version: 2018-08-31
parameters:
  secret: {type: string, hidden: true}
resources:
  word: {type: OS::Heat::RandomString}
  net: {type: OS::Neutron::Net, properties: {name: "<% 1 %>"}}
  inner: {type: inner.yaml, depends_on: net, properties: {given: {get_attr: [word, value]}}}
  last: {type: OS::Heat::Value, properties: {value: {list_join: ["", [{get_attr: [inner, got]}, {get_param: secret}]]}}}
outputs:
  got: {value: {get_attr: [inner, got]}}
"""  # noqa: E501
INNER = """\
heat_template_version: 2018-08-31
parameters: {given: {type: string}}
resources:
  value: {type: OS::Heat::Value, properties: {value: {get_param: given}}}
outputs: {got: {value: {get_attr: [value, value]}}}
"""


def existing(name: str, kind: str, *needs: str, **more: Any) -> Existing:
    return Existing(name, kind, "e", physical_id=f"{name}-id", needs=needs, **more)


STOCK = Stock(
    {
        "word": existing("word", "OS::Heat::RandomString"),
        "net": existing("net", "OS::Neutron::Net", properties={"name": "{{ 2 }}"}),
        "added": existing("added", "OS::Heat::Value", "net"),
    },
    (existing("added", "OS::Heat::Value"),),
)


@pytest.fixture
def earlier(tmp_path: Path) -> Translation:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "inner.yaml").write_text(INNER)
    breaks = ("inner/value", "last:post-create")
    return translate(Request(str(tmp_path / "t.yaml"), breaks=breaks, options={"secret": "x"}))


def back(earlier: Translation, stock: Stock = STOCK) -> dict[str, Any]:
    workflow = Workflow("", "t", "", earlier.text())
    body = copy.deepcopy(earlier.document["t"])
    found: dict[str, Any] = revert("t", document(workflow), body, stock, "then")["t"]
    return found


def test_what_it_does(earlier: Translation) -> None:
    found = back(earlier)
    tasks = found["tasks"]
    assert set(tasks) == {
        *("parameters", "word", "net", "inner:begin", "inner/value", "inner", "last"),
        *("word:delete", "net:delete", "added:delete", "added:delete-1"),
    }
    assert tasks["net"]["input"]["existing"]["physical_id"] == "net-id"
    assert "existing" not in tasks["last"]["input"]
    assert "when" in tasks["net:delete"]["input"]
    assert "when" not in tasks["added:delete"]["input"]
    assert found["output"] == earlier.document["t"]["output"]
    assert "stop" not in str(tasks)
    assert set(tasks["inner/value"]["input"]["needs"]) == {"net", "word"}


def test_the_order(earlier: Translation) -> None:
    tasks = back(earlier)["tasks"]
    before: dict[str, set[str]] = {name: set() for name in tasks}
    for _ in tasks:
        for name, task in tasks.items():
            for after in task.get("on-success", ()):
                before[after] |= {name, *before[name]}
    assert before["parameters"] == set()
    for name in set(tasks) - {"parameters"}:
        assert "parameters" in before[name]
    assert {"word"} <= before["inner:begin"] <= before["inner/value"]  # which only the value tells
    assert {"net", "inner/value"} <= before["inner"]
    assert {"inner"} <= before["last"]
    assert {"net", "added:delete"} <= before["net:delete"]
    for name, task in tasks.items():
        leading = [n for n, t in tasks.items() if name in t.get("on-success", ())]
        assert (task.get("join") == "all") == (len(leading) > 1)


def test_text_stays_text(earlier: Translation) -> None:
    found = back(earlier)
    texts = next(item["text"] for item in found["input"] if isinstance(item, dict))
    assert {"<% 1 %>", "{{ 2 }}"} <= set(texts.values())
    assert "{{ 2 }}" not in str(found["tasks"])


def test_a_credential_where_something_is_real(earlier: Translation) -> None:
    real = existing("real", "OS::Neutron::Net", provider=Provider.OPENSTACK)
    tasks = back(earlier, Stock({"real": real}))["tasks"]
    assert tasks["credential"]["action"] == "wfbreak.credential"
    assert "credential').result.credential" in tasks["real:delete"]["input"]["credential"]
    assert tasks["parameters"]["on-success"] == ["credential"]
