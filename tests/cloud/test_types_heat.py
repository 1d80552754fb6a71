"""The types that live in Heat's engine, without a Heat and beside one: what they give is the same.

They exist in no service, so their references and attributes are all there is to compare.
"""

from __future__ import annotations

import email
import re
import uuid
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
import yaml

from cloud.twins import PATIENCE, run_on_engine

RESOURCES = """
text: {type: OS::Heat::Value, properties: {value: 12, type: string}}
number: {type: OS::Heat::Value, properties: {value: "1.5", type: number}}
truth: {type: OS::Heat::Value, properties: {value: "True", type: boolean}}
list: {type: OS::Heat::Value, properties: {value: [a, b], type: comma_delimited_list}}
map: {type: OS::Heat::Value, properties: {value: {a: [1, null]}, type: json}}
untyped: {type: OS::Heat::Value, properties: {value: {a: [1, "2"]}}}
nothing: {type: OS::Heat::None, properties: {whatever: 1}}
script:
  type: OS::Heat::SoftwareConfig
  properties: {group: script, config: "#!/bin/sh\\necho ä $x\\n", inputs: [{name: x}]}
empty: {type: OS::Heat::SoftwareConfig}
structure:
  type: OS::Heat::StructuredConfig
  properties: {config: {a: {get_input: x}, b: [1, true]}}
component:
  type: OS::Heat::SoftwareComponent
  properties: {configs: [{tool: script, config: echo, actions: [CREATE]}]}
cloud:
  type: OS::Heat::CloudConfig
  properties:
    cloud_config: {users: [default, {name: x}], runcmd: ["echo 'a: b'", [ls, -l]], text: "a\\nb\\n"}
inner:
  type: OS::Heat::MultipartMime
  properties:
    parts:
      - {config: {get_resource: cloud}, subtype: cloud-config, filename: c.yaml}
      - {config: "plain\\n", filename: x-shellscript.sh}
outer:
  type: OS::Heat::MultipartMime
  properties:
    parts:
      - {config: {get_resource: inner}, type: multipart}
      - {config: {get_resource: script}, subtype: x-shellscript}
tested: {type: OS::Heat::TestResource, properties: {value: tried, wait_secs: 1}}
delay: {type: OS::Heat::Delay, properties: {min_wait: 1, max_jitter: 1}}
silent: {type: OS::Heat::WaitConditionHandle, properties: {signal_transport: NO_SIGNAL}}
"""

ATTRIBUTES = {
    "OS::Heat::Value": ("value",),
    "OS::Heat::None": ("anything",),
    "OS::Heat::SoftwareConfig": ("config",),
    "OS::Heat::StructuredConfig": ("config",),
    "OS::Heat::SoftwareComponent": ("config",),
    "OS::Heat::CloudConfig": ("config",),
    "OS::Heat::MultipartMime": ("config",),
    "OS::Heat::TestResource": ("output", "show"),
    "OS::Heat::Delay": ("show",),
    "OS::Heat::WaitConditionHandle": ("signal", "token", "endpoint", "curl_cli", "show"),
}


def template(resources: str) -> dict[str, Any]:
    section = yaml.safe_load(resources)
    values = {f"{name} ref": {"get_resource": name} for name in section} | {
        f"{name} {attribute}": {"get_attr": [name, attribute]}
        for name, definition in section.items()
        for attribute in ATTRIBUTES[definition["type"]]
    }
    outputs = {key: {"value": value} for key, value in values.items()}
    return {"heat_template_version": "2021-04-16", "resources": section, "outputs": outputs}


@pytest.fixture
def stack() -> str:
    return f"twin-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def by_heat(member: Any, stack: str) -> Iterator[Any]:
    """Makes a template with the cloud's Heat; the outputs."""
    heat = member.orchestration

    def make(template: dict[str, Any]) -> dict[str, Any]:
        created = heat.create_stack(name=stack, template=template, timeout_mins=5)
        heat.wait_for_status(created, "CREATE_COMPLETE", ["CREATE_FAILED"], 0.5, PATIENCE)
        found = heat.get_stack(created.id)
        return {o["output_key"]: o.get("output_value") for o in found.outputs}

    yield make
    if found := heat.find_stack(stack):
        heat.delete_stack(found.id)
        heat.wait_for_delete(found, interval=0.5, wait=PATIENCE)


_DRAWN = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r"-[a-z2-7]{12}\b"), "-<random>"),
)


def alike(outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs without what is drawn at random."""
    return {key: _alike(value) for key, value in outputs.items()}


def _alike(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.startswith("Content-Type: multipart"):
        return _parts(email.message_from_string(value))
    for pattern, word in _DRAWN:
        value = pattern.sub(word, value)
    return value


def _parts(message: Message) -> Any:
    """A message without its boundaries."""
    if not message.is_multipart():
        return message.as_string()
    parts = message.get_payload()
    assert isinstance(parts, list)
    return [message.get_content_type(), *(_parts(part) for part in parts)]


def test_what_they_give(member: Any, stack: str, by_heat: Any) -> None:
    said = template(RESOURCES)
    _, error, ours = run_on_engine(member, said, stack)
    assert error is None, error
    assert alike(ours) == alike(by_heat(said))
