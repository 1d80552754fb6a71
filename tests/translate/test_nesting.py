"""Stacks inside of stacks: what is inside, what it needs, what it shows, where it can stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from translate.support import made, refused, write
from wfbreak.diagnostics import Code
from wfbreak.translate import Translation
from wfbreak.translate.dependencies import needs
from wfbreak.translate.limits import NONE, Limits
from wfbreak.translate.values import MapValue, known

HEAD = "heat_template_version: 2018-08-31\n"

LEAF = (
    HEAD
    + """
parameters:
  value: {type: string, default: none}
resources:
  first: {type: OS::Heat::Value, properties: {value: {get_param: value}}}
  second: {type: OS::Heat::Value, properties: {value: {get_attr: [first, value]}}}
outputs:
  value: {value: {get_attr: [second, value]}}
"""
)


def names(translation: Translation) -> list[str]:
    return [resource.name for resource in translation.template.walk()]


def properties(translation: Translation, name: str) -> Any:
    (found,) = [r for r in translation.template.walk() if r.name == name]
    assert isinstance(found.properties, MapValue)
    return known(found.properties)


def task(translation: Translation, name: str) -> Any:
    return translation.document["stack"]["tasks"][name]


def test_a_file_as_a_type(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  a: {type: T}\n"
        + "  n: {type: leaf.yaml, depends_on: a, properties: {value: x}}\n"
        + "  b: {type: T, properties: {p: {get_attr: [n, value]}}}\n",
    )
    translation = made(tmp_path)
    assert names(translation) == ["a", "n", "n/first", "n/second", "b"]
    assert properties(translation, "n/first") == {"value": "x"}
    assert needs(translation.graph) == {
        "a": set(),
        "n": {"a"},
        "n/first": set(),
        "n/second": {"n/first"},
        "b": {"n"},
    }
    order = translation.document["stack"]["tasks"]
    assert order["a"]["on-success"] == ["n/first"]
    assert order["n/second"]["on-success"] == ["n"]
    assert order["n"]["on-success"] == ["b"]
    assert order["n"]["action"] == "wfbreak.nested"
    assert order["n"]["input"]["attributes"] == {
        "value": "<% task('n/second').result.attributes.get('value') %>"
    }
    assert (
        order["b"]["input"]["properties"]["p"] == "<% task('n').result.attributes.get('value') %>"
    )


def test_a_property_that_is_computed_is_checked_when_its_turn_comes(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  a: {type: T}\n"
        + "  n: {type: leaf.yaml, properties: {value: {get_resource: a}}}\n",
    )
    translation = made(tmp_path)
    begin = task(translation, "n:begin")
    assert begin["action"] == "wfbreak.parameters"
    assert begin["input"]["values"] == {"value": "<% task('a').result.ref %>"}
    assert task(translation, "n/first")["input"]["properties"] == {
        "value": "<% task('n:begin').result.get('value') %>"
    }


@pytest.mark.parametrize(
    ("declared", "given", "expected"),
    [
        ("string", "1", "1"),
        ("string", "true", "True"),
        ("string", "null", ""),
        ("number", "'7'", 7),
        ("number", "null", 0),
        ("boolean", "'TRUE'", True),
        ("comma_delimited_list", "[a, 'b,c', null]", ["a", "b", "c", ""]),
        ("comma_delimited_list", "[{k: v}]", [".member.0.k=v"]),
        ("comma_delimited_list", "'a,b'", ["a", "b"]),
        ("json", "[1, {a: b}]", [1, {"a": "b"}]),
        ("json", "'{\"a\": 1}'", {"a": 1}),
    ],
)
def test_a_property_becomes_a_parameter(
    declared: str, given: str, expected: Any, tmp_path: Path
) -> None:
    write(
        tmp_path,
        leaf=HEAD
        + f"parameters:\n  p: {{type: {declared}}}\n"
        + "resources:\n  v: {type: OS::Heat::Value, properties: {value: {get_param: p}}}\n",
        template=HEAD + f"resources:\n  n: {{type: leaf.yaml, properties: {{p: {given}}}}}\n",
    )
    assert properties(made(tmp_path), "n/v") == {"value": expected}


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ("string", "1.5"),
        ("string", "[a]"),
        ("boolean", "'yes'"),
        ("boolean", "1"),
        ("number", "x"),
        ("comma_delimited_list", "[1]"),
        ("comma_delimited_list", "{a: b}"),
        ("json", "5"),
    ],
)
def test_a_property_that_the_parameter_cannot_have(
    declared: str, given: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        leaf=HEAD + f"parameters:\n  p: {{type: {declared}}}\n",
        template=HEAD + f"resources:\n  n: {{type: leaf.yaml, properties: {{p: {given}}}}}\n",
    )
    (finding,) = refused(tmp_path)
    assert finding.code is Code.PARAMETER_TYPE
    assert finding.position is not None
    assert finding.position.line == 3


def test_missing_and_unknown_properties(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=HEAD + "parameters:\n  p: {type: string}\n",
        template=HEAD + "resources:\n  n: {type: leaf.yaml, properties: {q: 1}}\n",
    )
    assert [f.code for f in refused(tmp_path)] == [Code.PARAMETER_UNKNOWN, Code.PARAMETER_MISSING]


def test_defaults_of_the_environment_reach_inside(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        env="parameter_defaults: {value: from the environment}\n",
        template=HEAD + "resources:\n  n: {type: leaf.yaml}\n",
    )
    translation = made(tmp_path, environments=["env.yaml"])
    assert properties(translation, "n/first") == {"value": "from the environment"}


def test_a_template_for_a_type_may_use_the_type(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=HEAD + "resources:\n  own: {type: OS::Nova::Server, properties: {flavor: f}}\n",
        env="resource_registry: {'OS::Nova::Server': leaf.yaml}\n",
        template=HEAD + "resources:\n  a: {type: OS::Nova::Server}\n",
    )
    translation = made(tmp_path, environments=["env.yaml"])
    assert names(translation) == ["a", "a/own"]
    assert task(translation, "a/own")["input"]["type"] == "OS::Nova::Server"


def test_the_registry_says_something_of_one_resource_inside(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        env="resource_registry: {resources: {n: {first: {'OS::Heat::Value': 'My::Type'}}}}\n",
        template=HEAD + "resources:\n  n: {type: leaf.yaml}\n"
        "  first: {type: 'OS::Heat::Value', properties: {value: 1}}\n",
    )
    translation = made(tmp_path, environments=["env.yaml"])
    types = {resource.name: resource.type for resource in translation.template.walk()}
    assert types["n/first"] == "My::Type"
    assert types["first"] == "OS::Heat::Value"


def test_files_are_beside_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    write(
        tmp_path / "lib",
        outer=HEAD + "resources:\n  i: {type: ./inner.yaml}\n",
        inner=HEAD
        + "resources:\n  v: {type: OS::Heat::Value, properties: {value: {get_file: t.txt}}}\n",
    )
    (tmp_path / "lib" / "t.txt").write_text("text")
    write(tmp_path, template=HEAD + "resources:\n  o: {type: lib/outer.yaml}\n")
    translation = made(tmp_path)
    assert names(translation) == ["o", "o/i", "o/i/v"]
    assert properties(translation, "o/i/v") == {"value": "text"}


def test_the_registry_says_where_its_files_are(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    write(tmp_path / "lib", leaf=LEAF)
    write(
        tmp_path,
        env="resource_registry:\n  base_url: lib\n  My::T: leaf.yaml\n",
        template=HEAD + "resources:\n  n: {type: 'My::T'}\n",
    )
    assert "n/first" in names(made(tmp_path, environments=["env.yaml"]))


def test_a_template_that_holds_itself(tmp_path: Path) -> None:
    write(tmp_path, template=HEAD + "resources:\n  n: {type: template.yaml}\n")
    (finding,) = refused(tmp_path)
    assert finding.code is Code.NESTED_LIMIT


def test_more_resources_than_heat_allows(tmp_path: Path) -> None:
    group = "{type: OS::Heat::ResourceGroup, properties: {count: 300, resource_def: {type: T}}}"
    resources = "".join(f"  g{n}: {group}\n" for n in range(4))
    write(tmp_path, template=HEAD + "resources:\n" + resources)
    (finding,) = refused(tmp_path)
    assert finding.code is Code.NESTED_LIMIT
    assert "300 members" in finding.message
    assert finding.hint is not None
    assert "--max-resources" in finding.hint


@pytest.mark.parametrize("most", [1204, 5000, NONE.resources])
def test_a_cloud_that_allows_more_resources(tmp_path: Path, most: int) -> None:
    group = "{type: OS::Heat::ResourceGroup, properties: {count: 300, resource_def: {type: T}}}"
    resources = "".join(f"  g{n}: {group}\n" for n in range(4))
    write(tmp_path, template=HEAD + "resources:\n" + resources)
    assert len(names(made(tmp_path, limits=Limits(resources=most)))) == 1204
    (finding,) = refused(tmp_path, limits=Limits(resources=1203))
    assert finding.code is Code.NESTED_LIMIT


def test_a_cloud_that_allows_fewer_resources(tmp_path: Path) -> None:
    write(tmp_path, template=HEAD + "resources:\n  a: {type: T}\n  b: {type: T}\n")
    (finding,) = refused(tmp_path, limits=Limits(resources=1))
    assert (finding.code, finding.position and finding.position.line) == (Code.NESTED_LIMIT, 4)


def test_a_cloud_that_takes_other_templates(tmp_path: Path) -> None:
    leaf = "description: " + "long " * 200_000 + "\n" + LEAF
    write(tmp_path, leaf=leaf, template=HEAD + "resources:\n  n: {type: leaf.yaml}\n")
    (finding,) = refused(tmp_path)
    assert finding.code is Code.TOO_LARGE
    assert "n/first" in names(made(tmp_path, limits=NONE))


def group(**given: str) -> str:
    listed = "".join(f"      {key}: {value}\n" for key, value in given.items())
    return (
        HEAD
        + "parameters:\n  n: {type: number, default: 2}\n  late: {type: string}\n"
        + "resources:\n  a: {type: T}\n  g:\n    type: OS::Heat::ResourceGroup\n    properties:\n"
        + listed
    )


def test_members_of_a_group(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=group(
            count="{get_param: n}",
            resource_def="{type: V, properties: {'%index%': ['v-%index%', 5], gone: null}, "
            "metadata: {m: '%index%'}}",
        ),
    )
    translation = made(tmp_path)
    assert names(translation) == ["a", "g", "g/0", "g/1"]
    # Neither keys nor metadata are changed.
    assert properties(translation, "g/1") == {"%index%": ["v-1", 5]}
    assert task(translation, "g/1")["input"]["metadata"] == {"m": "%index%"}


def test_a_number_in_what_is_not_known_yet(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=group(
            count="1",
            index_var="'<n>'",
            resource_def="{type: V, properties: {p: {get_param: late}, q: {get_resource: a}}}",
        ),
    )
    assert task(made(tmp_path), "g/0")["input"]["properties"] == {
        "p": "<% hot_group_index($.late, '<n>', '0') %>",
        "q": "<% task('a').result.ref %>",
    }


def test_numbers_that_a_group_passes_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=group(
            count="3",
            removal_policies="[{resource_list: [0, '2']}]",
            resource_def="{type: V}",
        )
        + "  o: {type: T, properties: {p: {get_attr: [g, removed_rsrc_list]}}}\n",
    )
    translation = made(tmp_path)
    assert names(translation)[2:5] == ["g/1", "g/3", "g/4"]
    assert task(translation, "g")["input"]["attributes"] == {"removed_rsrc_list": ["0", "2"]}


def test_a_group_of_none(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=group(count="0", resource_def="{type: missing.yaml}")
        + "  o: {type: T, properties: {p: {get_attr: [g, refs]}}}\n",
    )
    translation = made(tmp_path)
    assert names(translation) == ["a", "g", "o"]
    assert task(translation, "g")["input"]["attributes"] == {"refs": []}


def test_a_group_in_batches(tmp_path: Path) -> None:
    text = group(count="5", resource_def="{type: V}").replace(
        "    properties:\n",
        "    update_policy: {batch_create: {max_batch_size: 2, pause_time: 3}}\n    properties:\n",
    )
    write(tmp_path, template=text)
    translation = made(tmp_path)
    assert task(translation, "g/0")["on-success"] == ["g:batch-1"]
    assert task(translation, "g:batch-1")["on-success"] == ["g/2", "g/3"]
    assert task(translation, "g:batch-1")["wait-after"] == 3
    assert task(translation, "g:batch-2")["on-success"] == ["g/4"]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("refs", ["<% task('g/0').result.ref %>", "<% task('g/1').result.ref %>"]),
        (
            "refs_map",
            {"0": "<% task('g/0').result.ref %>", "1": "<% task('g/1').result.ref %>"},
        ),
        (
            "attributes, ip, 0",
            {
                "0": "<% hot_get_attr(task('g/0').result, 'ip', 0) %>",
                "1": "<% hot_get_attr(task('g/1').result, 'ip', 0) %>",
            },
        ),
        (
            "ip",
            [
                "<% task('g/0').result.attributes.get('ip') %>",
                "<% task('g/1').result.attributes.get('ip') %>",
            ],
        ),
        ("resource.1", "<% task('g/1').result.ref %>"),
        ("resource.1.ip", "<% task('g/1').result.attributes.get('ip') %>"),
        ("resource.1, ip", "<% task('g/1').result.attributes.get('ip') %>"),
    ],
)
def test_what_a_group_shows(read: str, expected: Any, tmp_path: Path) -> None:
    write(
        tmp_path,
        template=group(count="2", resource_def="{type: V}")
        + f"  o: {{type: T, properties: {{p: {{get_attr: [g, {read}]}}}}}}\n",
    )
    translation = made(tmp_path)
    assert task(translation, "g")["input"]["attributes"] == {read: expected}
    assert (
        task(translation, "o")["input"]["properties"]["p"]
        == f"<% task('g').result.attributes.get('{read}') %>"
    )


@pytest.mark.parametrize("read", ["attributes", "resource.7", "resource.7.ip"])
def test_what_a_group_does_not_show(read: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        template=group(count="2", resource_def="{type: V}")
        + f"  o: {{type: T, properties: {{p: {{get_attr: [g, {read}]}}}}}}\n",
    )
    (finding,) = refused(tmp_path)
    assert finding.code is Code.UNKNOWN_REFERENCE


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"resource_def": "{type: V}", "size": "1"}, Code.RESOURCE_DEFINITION),
        ({"resource_def": "{type: V}", "count": "-1"}, Code.RESOURCE_DEFINITION),
        ({"resource_def": "{type: V}", "count": "many"}, Code.RESOURCE_DEFINITION),
        ({"resource_def": "{type: V}", "count": "{get_param: late}"}, Code.PARAMETER_MISSING),
        (
            {"resource_def": "{type: V}", "count": "{get_attr: [a, size]}"},
            Code.UNSUPPORTED_RESOURCE,
        ),
        ({"resource_def": "{properties: {}}"}, Code.RESOURCE_DEFINITION),
        ({"resource_def": "V"}, Code.RESOURCE_DEFINITION),
    ],
)
def test_a_bad_group(given: dict[str, str], code: Code, tmp_path: Path) -> None:
    write(tmp_path, template=group(**given))
    (finding,) = refused(tmp_path)
    assert finding.code is code
    assert finding.position is not None


def test_a_chain(tmp_path: Path) -> None:
    chain = "resources:\n  c:\n    type: OS::Heat::ResourceChain\n    properties:\n"
    write(
        tmp_path,
        template=HEAD + chain + "      resources: [A, B]\n      resource_properties: {p: 1}\n",
    )
    translation = made(tmp_path)
    assert needs(translation.graph)["c/1"] == {"c/0"}
    assert properties(translation, "c/1") == {"p": 1}
    write(tmp_path, template=HEAD + chain + "      resources: [A, B]\n      concurrent: true\n")
    assert needs(made(tmp_path).graph)["c/1"] == set()


def test_members_of_a_scaling_group(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  g:\n    type: OS::Heat::AutoScalingGroup\n    properties:\n"
        + "      min_size: 1\n      max_size: 3\n      desired_capacity: 2\n"
        + "      resource: {type: leaf.yaml, properties: {value: '%index%'}}\n"
        + "outputs:\n  size: {value: {get_attr: [g, current_size]}}\n"
        + "  map: {value: {get_attr: [g, outputs, value]}}\n",
    )
    translation = made(tmp_path)
    assert names(translation)[:3] == ["g", "g/0", "g/0/first"]
    assert properties(translation, "g/0/first") == {"value": "%index%"}
    shown = task(translation, "g")["input"]["attributes"]
    assert shown["current_size"] == 2
    assert set(shown["outputs, value"]) == {"0", "1"}


def test_instances_of_a_launch_configuration(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=HEAD
        + "resources:\n  g:\n    type: OS::Heat::InstanceGroup\n    properties:\n"
        + "      AvailabilityZones: [nova]\n      Size: 2\n"
        + "      LaunchConfigurationName: {get_resource: c}\n"
        + "  c:\n    type: AWS::AutoScaling::LaunchConfiguration\n"
        + "    properties: {ImageId: image, InstanceType: small}\n",
    )
    translation = made(tmp_path)
    assert names(translation) == ["g", "g/0", "g/1", "c"]
    member = task(translation, "g/1")["input"]
    assert member["type"] == "AWS::EC2::Instance"
    assert member["properties"]["ImageId"] == "image"
    assert needs(translation.graph)["g"] == {"c"}


def test_deployments_on_the_members_of_a_group(tmp_path: Path) -> None:
    write(
        tmp_path,
        template=HEAD
        + "resources:\n  d:\n    type: OS::Heat::SoftwareDeploymentGroup\n    properties:\n"
        + "      config: c\n      servers: {get_attr: [g, refs_map]}\n"
        + "  g:\n    type: OS::Heat::ResourceGroup\n"
        + "    properties: {count: 2, resource_def: {type: OS::Nova::Server, "
        "properties: {flavor: f}}}\n",
    )
    translation = made(tmp_path)
    assert task(translation, "d/1")["input"]["properties"] == {
        "config": "c",
        "server": "<% task('g/1').result.ref %>",
    }


def test_a_stack_of_its_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  s:\n    type: OS::Heat::Stack\n    properties:\n"
        + "      template: {get_file: leaf.yaml}\n      parameters: {value: x}\n"
        + "outputs:\n  o: {value: {get_attr: [s, outputs, value]}}\n",
    )
    translation = made(tmp_path)
    assert names(translation) == ["s", "s/first", "s/second"]
    assert properties(translation, "s/first") == {"value": "x"}
    # Positions are those of the file that holds the template.
    (first,) = [r for r in translation.template.walk() if r.name == "s/first"]
    assert first.position.file.endswith("leaf.yaml")


def test_a_stack_in_another_region_stays_whole(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  s:\n    type: OS::Heat::Stack\n    properties:\n"
        + "      template: {get_file: leaf.yaml}\n      context: {region_name: north}\n",
    )
    translation = made(tmp_path)
    assert names(translation) == ["s"]
    assert task(translation, "s")["action"] == "wfbreak.create"


def test_patterns_reach_inside(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  first: {type: T}\n  g:\n    type: OS::Heat::ResourceGroup\n"
        + "    properties: {count: 2, resource_def: {type: leaf.yaml}}\n",
    )

    def stops(*patterns: str) -> set[str]:
        (stage,) = made(tmp_path, breaks=patterns).plan.stages
        return {stop.name for stop in stage}

    assert stops("first") == {"first:pre-create"}
    assert stops("*") == {"first:pre-create", "g:pre-create"}
    assert stops("g/*/first") == {"g/0/first:pre-create", "g/1/first:pre-create"}
    assert stops("**/second") == {"g/0/second:pre-create", "g/1/second:pre-create"}
    (finding,) = refused(tmp_path, breaks=("second",))
    assert finding.hint == "did you mean 'g/0/second'?"


def test_a_stop_before_a_stack_is_before_all_that_is_in_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  a: {type: T}\n  n: {type: leaf.yaml, depends_on: a}\n"
        + "  b: {type: T, depends_on: n}\n  c: {type: T}\n",
    )
    plan = made(tmp_path, breaks=("n",)).plan
    assert plan.created_before(1) == ["a", "c"]
    plan = made(tmp_path, breaks=("n:post-create",)).plan
    assert set(plan.created_before(1)) == {"a", "c", "n", "n/first", "n/second"}
    plan = made(tmp_path, breaks=("n/second",)).plan
    assert set(plan.created_before(1)) == {"a", "c", "n/first"}


def test_a_circle_through_a_nested_stack(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=LEAF,
        template=HEAD
        + "resources:\n  n: {type: leaf.yaml, properties: {value: {get_resource: b}}}\n"
        + "  b: {type: T, depends_on: n}\n",
    )
    (finding,) = refused(tmp_path)
    assert finding.code is Code.CYCLE
    assert "n/" not in finding.message


def test_a_hidden_parameter_inside_is_an_input(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=HEAD
        + "parameters:\n  password: {type: string, hidden: true, default: the-secret}\n"
        + "resources:\n  v: {type: T, properties: {p: {get_param: password}}}\n",
        template=HEAD
        + "resources:\n  g:\n    type: OS::Heat::ResourceGroup\n"
        + "    properties: {count: 2, resource_def: {type: leaf.yaml}}\n",
    )
    translation = made(tmp_path)
    assert "the-secret" not in translation.text()
    # One for both members: it is the same.
    assert translation.inputs == {"g/0.password": "the-secret"}


def test_a_condition_on_an_id_that_is_not_empty(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=HEAD
        + "parameters:\n  id: {type: string, default: ''}\n"
        + "conditions:\n  given: {not: {equals: [{get_param: id}, '']}}\n"
        + "resources:\n  v: {type: T, condition: given}\n",
        template=HEAD
        + "resources:\n  a: {type: T}\n  n: {type: leaf.yaml}\n"
        + "  m: {type: leaf.yaml, properties: {id: {get_resource: a}}}\n",
    )
    assert names(made(tmp_path)) == ["a", "n", "m", "m/v"]


def test_the_facade_is_the_resource_that_a_template_is(tmp_path: Path) -> None:
    write(
        tmp_path,
        leaf=HEAD
        + "resources:\n  v:\n    type: T\n    properties:\n"
        + "      m: {resource_facade: metadata}\n"
        + "      d: {resource_facade: deletion_policy}\n"
        + "      u: {resource_facade: update_policy}\n",
        template=HEAD
        + "resources:\n  a: {type: T}\n  n:\n    type: leaf.yaml\n"
        + "    deletion_policy: Retain\n    metadata: {of: {get_resource: a}}\n"
        + "    update_policy: {k: v}\n",
    )
    assert task(made(tmp_path), "n/v")["input"]["properties"] == {
        "m": {"of": "<% task('a').result.ref %>"},
        "d": "Retain",
        "u": {"k": "v"},
    }
