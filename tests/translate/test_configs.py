"""Where Heat would look a software configuration up by its id, its text stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from translate.support import made, refused, write
from wfbreak.diagnostics import Code
from wfbreak.providers import Provider, Rule

REAL = (Rule("*", Provider.OPENSTACK), Rule("OS::Nova::Server", Provider.HEAT))
HEAT = (Rule("*", Provider.HEAT),)

TEXT = "<% task('config').result.attributes.get('config') %>"
ID = "<% task('config').result.ref %>"


def inputs(folder: Path, task: str, providers: tuple[Rule, ...] = REAL, **more: Any) -> Any:
    translation = made(folder, providers=providers, **more)
    tasks = translation.document["stack"]["tasks"]
    return tasks[task]["input"], tasks


def server(how: str = "user_data_format: RAW", user_data: str = "{get_resource: config}") -> str:
    return f"""
    heat_template_version: 2018-08-31
    parameters:
      how: {{type: string}}
    resources:
      config:
        type: OS::Heat::CloudConfig
        properties: {{cloud_config: {{a: 1}}}}
      server:
        type: OS::Nova::Server
        properties:
          flavor: m1
          image: i
          user_data: {user_data}
          {how}
    """


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ("user_data_format: RAW", TEXT),
        ("user_data_format: SOFTWARE_CONFIG", TEXT),
        ("user_data_format: {get_param: how}", TEXT),
        ("user_data_format: HEAT_CFNTOOLS", ID),
        ("", ID),
    ],
)
def test_user_data(tmp_path: Path, how: str, found: str) -> None:
    write(tmp_path, template=server(how))
    given, tasks = inputs(tmp_path, "server")
    assert given["properties"]["user_data"] == found
    assert given["needs"] == ["config"]
    attributes = tasks["config"]["input"].get("attributes")
    assert attributes == ([["config"]] if found == TEXT else None)


@pytest.mark.parametrize("providers", [(), HEAT], ids=["rehearsed", "by Heat"])
def test_an_id_stays_where_it_is_known(tmp_path: Path, providers: tuple[Rule, ...]) -> None:
    write(tmp_path, template=server())
    given, _ = inputs(tmp_path, "server", providers)
    assert given["properties"]["user_data"] == ID


def test_parts_of_a_message(tmp_path: Path) -> None:
    write(
        tmp_path,
        template="""
        heat_template_version: 2018-08-31
        resources:
          config: {type: OS::Heat::SoftwareConfig, properties: {config: echo}}
          inner:
            type: OS::Heat::MultipartMime
            properties: {parts: [{config: {get_resource: config}}, {config: plain}]}
          outer:
            type: OS::Heat::MultipartMime
            properties: {parts: [{config: {get_resource: inner}, type: multipart}]}
        """,
    )
    given, tasks = inputs(tmp_path, "inner")
    assert [part["config"] for part in given["properties"]["parts"]] == [TEXT, "plain"]
    outer = tasks["outer"]["input"]["properties"]["parts"]
    assert outer == [
        {"config": TEXT.replace("task('config')", "task('inner')"), "type": "multipart"}
    ]


def test_through_the_parameters_of_nested_stacks(tmp_path: Path) -> None:
    write(
        tmp_path,
        template="""
        heat_template_version: 2018-08-31
        resources:
          config: {type: OS::Heat::SoftwareConfig, properties: {config: echo}}
          group:
            type: OS::Heat::ResourceGroup
            properties:
              count: 1
              resource_def: {type: outer.yaml, properties: {data: {get_resource: config}}}
        """,
        outer="""
        heat_template_version: 2018-08-31
        parameters: {data: {type: string}}
        resources:
          inner: {type: inner.yaml, properties: {data: {get_param: data}}}
        """,
        inner="""
        heat_template_version: 2018-08-31
        parameters: {data: {type: string}}
        resources:
          server:
            type: OS::Nova::Server
            properties:
              flavor: m1
              image: i
              user_data_format: RAW
              user_data: {get_param: data}
        """,
    )
    given, _ = inputs(tmp_path, "group/0/inner/server")
    assert given["properties"]["user_data"] == TEXT


def test_an_identifier_of_another_resource_stays(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=server()
        .replace("OS::Heat::CloudConfig", "OS::Heat::Value")
        .replace("cloud_config: {a: 1}", "value: 1"),
    )
    given, _ = inputs(tmp_path, "server")
    assert given["properties"]["user_data"] == ID


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("OS::Heat::StructuredConfig", "config: {a: 1}"),
        ("OS::Heat::SoftwareComponent", "configs: [{tool: script}]"),
    ],
)
def test_what_is_no_text(tmp_path: Path, kind: str, properties: str) -> None:
    template = server().replace("OS::Heat::CloudConfig", kind)
    write(tmp_path, template=template.replace("cloud_config: {a: 1}", properties))
    (found,) = refused(tmp_path, providers=REAL)
    assert found.code is Code.PROVIDER
    assert f"a {kind} is none" in found.message


def test_what_waits_is_told_by_the_engine(tmp_path: Path) -> None:
    write(
        tmp_path,
        template="""
        heat_template_version: 2018-08-31
        resources:
          handle: {type: OS::Heat::WaitConditionHandle}
          wait:
            type: OS::Heat::WaitCondition
            properties: {handle: {get_resource: handle}, timeout: 60}
          delay: {type: OS::Heat::Delay, properties: {min_wait: 3}}
        """,
    )
    _, tasks = inputs(tmp_path, "wait")
    told = {"signals", "since", "signal_workflow"}

    def of(name: str) -> dict[str, str]:
        return {k: v for k, v in tasks[name]["input"].items() if k in told}

    assert of("wait") == {"since": "<% wfbreak_since() %>", "signals": "<% wfbreak_signals() %>"}
    assert of("delay") == {"since": "<% wfbreak_since() %>"}
    assert of("handle") == {"signal_workflow": "<% wfbreak_signal_workflow() %>"}
    _, tasks = inputs(tmp_path, "wait", ())
    assert of("wait") == {"signals": "<% wfbreak_signals() %>"}
    assert of("delay") == of("handle") == {}
    _, tasks = inputs(tmp_path, "wait", HEAT)
    assert of("wait") == of("delay") == of("handle") == {}
