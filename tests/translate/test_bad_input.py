"""Whatever is wrong is said by its id, at its line, and nothing comes of it.

A case is a template (and an environment) with the expected finding in a comment on the very line
that causes it: ``#! E204 a part of the message``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from translate.support import made, refused, write
from wfbreak.diagnostics import Code, Severity

HEAD = "heat_template_version: 2021-04-16\n"

BAD = {
    "not a template": "resources: {}  #! E005 no heat_template_version\n",
    "a list": "- heat_template_version  #! E005 a template is a map\n",
    "CloudFormation version": "AWSTemplateFormatVersion: 2010-09-10  #! E006 there is no AWS\n",
    "CloudFormation key": "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  a:\n"
    "    Type: T\n    properties: {}  #! E007 does not know the key 'properties'\n",
    "unknown version": "heat_template_version: 2021-04-17  #! E006 no template version\n",
    "duplicate key and a mistake": HEAD
    + "resources:\n  a: {type: T}\n  a: {typo: T}  #! W001 stands twice\n",
    "two documents": HEAD + "---  #! E002 more than one document\na: 1\n",
    "unknown section": HEAD + "resource: {}  #! E007 does not know the key 'resource'\n",
    "resource without type": HEAD + "resources:\n  a: {}  #! E007 lacks 'type'\n",
    "properties a list": HEAD
    + "resources:\n  a:\n    type: T\n    properties: [1]  #! E007 must be a map\n",
    "bad type of parameter": HEAD + "parameters:\n  p: {type: text}  #! E007 cannot be 'text'\n",
    "constraint for another type": HEAD
    + "parameters:\n  p: {type: string, constraints: [{range: {min: 1}}]}  #! E105 range\n",
    "default against constraint": HEAD
    + "parameters:\n  p:\n    type: number\n    default: 9  #! E102 between 1 and 3\n"
    + "    constraints: [{range: {min: 1, max: 3}}]\n",
    "default of wrong type": HEAD
    + "parameters:\n  p: {type: number, default: many}  #! E103 number\n",
    "unknown parameter": HEAD
    + "outputs:\n  o: {value: {get_param: nope}}  #! E204 no parameter 'nope'\n",
    "unknown resource": HEAD
    + "resources:\n  db: {type: T}\n  a:\n    type: T\n    properties:\n"
    + "      p: {get_resource: bd}  #! E204 and there is none\n",
    "unknown depends_on": HEAD
    + "resources:\n  a: {type: T, depends_on: b}  #! E204 depends on a resource 'b'\n",
    "unknown function": HEAD
    + "outputs:\n  o: {value: {get_parm: x}}  #! E201 no function 'get_parm'\n",
    "function of a later version": "heat_template_version: 2015-04-30\n"
    "outputs:\n  o: {value: {map_merge: []}}  #! E202 not a function of the version\n",
    "arguments": HEAD + "outputs:\n  o: {value: {str_split: x}}  #! E203 must be a list\n",
    "folded and wrong": HEAD + "outputs:\n  o: {value: {digest: [md4096, x]}}  #! E203 md4096\n",
    "unsupported function": HEAD
    + "outputs:\n  o: {value: {resource_facade: metadata}}  #! E204 no facade\n",
    "missing nested template": HEAD
    + "resources:\n  a: {type: my.yaml}  #! E001 No such file or directory\n",
    "group without members": HEAD
    + "resources:\n  a: {type: OS::Heat::ResourceGroup}  #! E207 'resource_def' is missing\n",
    "parameter in two groups": HEAD
    + "parameters:\n  p: {type: string, default: x}\nparameter_groups:\n  - parameters: [p]\n"
    + "  - parameters: [p]  #! E105 stands in two groups\n",
    "unknown parameter in a group": HEAD
    + "parameter_groups:\n  - parameters: [q]  #! E105 is not declared\n",
    "tags too early": "heat_template_version: 2017-09-01\nparameters:\n"
    + "  p: {type: string, default: x, tags: [a]}  #! E202 'tags' is not of\n",
    "modulo too early": "heat_template_version: 2016-10-14\nparameters:\n  p:\n"
    + "    type: number\n    default: 2\n    constraints:\n"
    + "      - modulo: {step: 2, offset: 0}  #! E202 'modulo' is not of\n",
    "cycle": HEAD
    + "resources:\n  a: {type: T, depends_on: c}  #! E301 in a circle: a -> c -> b -> a\n"
    + "  b: {type: T, depends_on: a}\n  c: {type: T, depends_on: b}\n",
    "itself": HEAD + "resources:\n  a: {type: T, depends_on: a}  #! E301 in a circle\n",
    "condition needs a value": HEAD
    + "parameters:\n  p: {type: string}\nconditions:\n"
    + "  c: {equals: [{get_param: p}, x]}  #! E101 decides which resources\n"
    + "resources:\n  a: {type: T, condition: c}\n",
    "no such condition": HEAD + "resources:\n  a: {type: T, condition: c}  #! E206 no condition\n",
    "conditions in a circle": HEAD + "conditions:\n  a: {not: b}\n  b: {not: a}  #! E206 circle\n",
    "reference to a disabled resource": HEAD
    + "resources:\n  a: {type: T, condition: false}\n  b:\n    type: T\n    properties:\n"
    + "      p: {get_resource: a}  #! E205 its condition takes away\n",
    "missing file": HEAD + "outputs:\n  o: {value: {get_file: nope}}  #! E001 cannot read nope\n",
    "file from the network": HEAD
    + "outputs:\n  o: {value: {get_file: 'http://x/y'}}  #! E001 nothing from the network\n",
    "external and depends_on": HEAD
    + "resources:\n  b: {type: T}\n  a:\n    type: T\n    external_id: x\n"
    + "    depends_on: b  #! E207 exists already\n",
    "slash in a name": HEAD + "resources:\n  a/b: {type: T}  #! E207 no '/'\n",
    "deletion policy": HEAD
    + "resources:\n  a:\n    type: T\n"
    + "    deletion_policy: Keep  #! E207 no deletion policy 'Keep'\n",
    "snapshot of a type that has none": HEAD
    + "resources:\n  a:  #! E207 there is none of OS::Neutron::Net\n    type: OS::Neutron::Net\n"
    + "    deletion_policy: Snapshot\n",
    "condition in an old version": "heat_template_version: 2015-04-30\n"
    "resources:\n  a:\n    type: T\n"
    "    condition: true  #! E202 'condition' is not of the version\n",
    "unknown property": HEAD
    + "resources:\n  s:\n    type: OS::Nova::Server\n    properties:\n"
    + "      flavour: small  #! E209 OS::Nova::Server has no property 'flavour'\n",
    "unknown property that an if takes away": HEAD
    + "resources:\n  n:\n    type: OS::Neutron::Net\n    properties:\n"
    + "      nmae: {if: [false, x]}  #! E209 no property 'nmae'\n",
    "unknown property inside": HEAD
    + "resources:\n  p:\n    type: OS::Neutron::Port\n    properties:\n      network: n\n"
    + "      fixed_ips:\n        - subnet: s\n"
    + "          address: 10.0.0.1  #! E209 'fixed_ips[0]' of OS::Neutron::Port has no property\n",
    "unknown property of members": HEAD
    + "resources:\n  g:\n    type: OS::Heat::ResourceGroup\n    properties:\n      count: 2\n"
    + "      resource_def:\n        type: OS::Neutron::Net\n        properties:\n"
    + "          nmae: n-%index%  #! E209 OS::Neutron::Net has no property 'nmae'\n",
    "unknown property in CloudFormation": "AWSTemplateFormatVersion: 2010-09-09\nResources:\n"
    "  v:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/24\n"
    "      Tag: x  #! E209 AWS::EC2::VPC has no property 'Tag'\n",
    "missing property": HEAD
    + "resources:\n  s: {type: OS::Nova::Server}  #! E210 needs the property 'flavor'\n",
    "missing property inside": HEAD
    + "resources:\n  r:\n    type: OS::Neutron::Router\n    properties:\n"
    + "      external_gateway_info: {enable_snat: true}  "
    + "#! E210 needs the property 'external_gateway_info.network'\n",
    "property of the wrong type": HEAD
    + "resources:\n  n:\n    type: OS::Neutron::Net\n    properties:\n"
    + "      admin_state_up: on and off  #! E211 must be a boolean\n",
    "property against its constraint": HEAD
    + "resources:\n  s:\n    type: OS::Neutron::Subnet\n    properties:\n      network: n\n"
    + "      cidr: 10.0.0.0  #! E211 'cidr' of OS::Neutron::Subnet is not a network in CIDR\n",
    "property from a parameter": HEAD
    + "parameters: {size: {type: number, default: 0}}\n"
    + "resources:\n  v:\n    type: OS::Cinder::Volume\n    properties:\n"
    + "      size: {get_param: size}  #! E211 is not at least 1\n",
    "list with something known": HEAD
    + "resources:\n  n: {type: OS::Neutron::Net}\n  r:\n    type: OS::Nova::Server\n"
    + "    properties:\n      flavor: f\n      networks:\n"
    + "        - network: {get_resource: n}\n"
    + "          allocate_network: some  #! E211 'networks[0].allocate_network'\n",
    "two names for one property": HEAD
    + "resources:\n  s:\n    type: OS::Neutron::Subnet\n    properties:\n      network_id: n\n"
    + "      network: m  #! E211 'network' of OS::Neutron::Subnet excludes 'network_id'\n",
    "property that Heat lists and lacks": "AWSTemplateFormatVersion: 2010-09-09\nResources:\n"
    "  v:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/24\n"
    "      InstanceTenancy: default  #! E211 does not implement\n",
    "unknown attribute": HEAD
    + "resources:\n  n: {type: OS::Neutron::Net}\noutputs:\n  o:\n"
    + "    value: {get_attr: [n, subnet, 0]}  #! E212 OS::Neutron::Net has no attribute 'subnet'\n",
    "type that Heat does not have": HEAD
    + "resources:\n  s: {type: OS::Nova::Sever}  #! W202 nothing is known of the type\n"
    + "  t: {type: T, depends_on: u}  #! E204 there is none\n",
}

TAKEN = {
    "null": "OS::Nova::Server {flavor: null, key_name: null}",
    "numbers in text": "OS::Cinder::Volume {size: '5'}",
    "booleans in text": "OS::Neutron::Net {admin_state_up: 'FALSE'}",
    "a number for text": "OS::Neutron::Net {name: 5}",
    "a hidden name": "OS::Neutron::Port {network_id: n, fixed_ips: [{subnet_id: s}]}",
    "a hidden name inside": "OS::Nova::Server {flavor: f, networks: [{uuid: n}]}",
    "a property that a rule adds": "OS::Heat::RandomString {sequence: digits}",
    "any property": "OS::Heat::None {what: {ever: [1]}}",
    "an if": "OS::Neutron::Net {name: {if: [false, x]}, tags: {if: [true, [a], {}]}}",
    "a type by another property": "OS::Heat::Value {type: number, value: '5'}",
    "known when it runs": "OS::Neutron::Subnet {network: {get_resource: o}, cidr: {get_param: p}, "
    "ip_version: {get_attr: [o, show, v]}, dns_nameservers: [{get_param: p}]}",
    "hidden": "OS::Neutron::Subnet {network: n, cidr: {get_param: h}}",
    "no properties": "OS::Neutron::Net {}",
    "attributes that no list names": "OS::Heat::StructuredDeployment "
    "{server: {get_attr: [o, show, x]}, name: {get_attr: [it, anything]}}",
    "all by a parameter": "OS::Neutron::Net {get_param: j}",
}

BAD_ENVIRONMENT = {
    "unknown parameter": "parameters:\n  q: 1  #! E104 no parameter 'q'\n",
    "wrong type": "parameters:\n  n: many  #! E103 number\n",
    "against constraint": "parameters:\n  n: 7  #! E102 between 1 and 3\n",
    "unknown section": "parameter: {}  #! E007 does not know the key 'parameter'\n",
    "unknown hook": "resource_registry:\n  resources:\n    a:\n      hooks: pre-make"
    "  #! E007 cannot be 'pre-make'\n",
    "hook that matches nothing": "resource_registry:\n  resources:\n    b*:\n"
    "      hooks: pre-create  #! E303 matches no resource\n",
    "hook in a nested stack that is none": "resource_registry:\n  resources:\n    a:\n      x:\n"
    "        hooks: pre-create  #! E303 'a/x' matches no resource\n",
}

SURPRISING_ENVIRONMENT = {
    "hook that cannot fire": "resource_registry:\n  resources:\n    a:\n"
    "      hooks: pre-update  #! W302 cannot fire\n",
    "hook on a disabled resource": "resource_registry:\n  resources:\n    gone:\n"
    "      hooks: pre-create  #! W301 its condition takes gone away\n",
    "event sinks": "event_sinks: []  #! W103 not used\n",
}

GOOD = (
    HEAD
    + "parameters:\n  n: {type: number, default: 1, constraints: [{range: {min: 1, max: 3}}]}\n"
    "resources:\n  a: {type: T}\n  gone: {type: T, condition: false}\n"
)


def expected(text: str) -> list[tuple[int, str, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if mark := re.search(r"#! ([EW]\d{3}) (.*)$", line):
            found.append((number, mark[1], mark[2]))
    assert found
    return found


def check(findings: list, text: str, file: str) -> None:
    here = [f for f in findings if f.position is None or f.position.file.endswith(file)]
    for line, ident, words in expected(text):
        fitting = [f for f in here if f.code.ident == ident and words in f.message]
        assert fitting, [f.render() for f in findings]
        if fitting[0].position is not None:
            assert fitting[0].position.line == line, fitting[0].render()


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_bad_template(text: str, tmp_path: Path) -> None:
    write(tmp_path, template=text)
    check(refused(tmp_path), text, "template.yaml")


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN.keys())
def test_what_a_type_takes(text: str, tmp_path: Path) -> None:
    kind, _, properties = text.partition(" ")
    template = (
        HEAD + "parameters:\n  p: {type: string}\n  h: {type: string, hidden: true, default: x}\n"
        f"  j: {{type: json}}\nresources:\n  o: {{type: OS::Neutron::Net}}\n"
        f"  it: {{type: '{kind}', properties: {properties}}}\n"
    ).replace("get_attr: [it,", "get_attr: [other,")
    if "[other," in template:
        template += f"  other: {{type: '{kind}', properties: {{server: s}}}}\n"
    write(tmp_path, template=template)
    assert list(made(tmp_path).diagnostics) == []


def test_a_type_of_heat_by_another_name_is_known(tmp_path: Path) -> None:
    write(tmp_path, template=HEAD + "resources:\n  n: {type: OS::Quantum::Net}\n")
    assert list(made(tmp_path).diagnostics) == []


def test_an_existing_resource_is_not_checked(tmp_path: Path) -> None:
    """Heat adopts it without a look at its properties (``Stack.validate``)."""
    template = HEAD + "resources:\n  s: {type: OS::Nova::Server, external_id: x}\n"
    write(tmp_path, template=template)
    assert list(made(tmp_path).diagnostics) == []


def test_conditions_that_refer_too_deep(tmp_path: Path) -> None:
    names = range(400)
    deep = [f"  c{n}: {{not: c{n + 1}}}" for n in names[:-1]] + [f"  c{names[-1]}: true"]
    last = ["resources:", "  r: {type: T, condition: c0}", ""]
    write(tmp_path, template="\n".join([HEAD + "conditions:", *deep, *last]))
    assert {finding.code for finding in refused(tmp_path)} == {Code.CONDITION}
    write(tmp_path, template="\n".join([HEAD + "conditions:", *reversed(deep), *last]))
    made(tmp_path)


def test_members_tell_their_mistakes_once(tmp_path: Path) -> None:
    template = (
        HEAD + "resources:\n  g:\n    type: OS::Heat::ResourceGroup\n    properties:\n"
        "      count: 9\n      resource_def: {type: OS::Nova::Server, properties: {flavr: x}}\n"
    )
    write(tmp_path, template=template)
    assert [finding.code for finding in refused(tmp_path)] == [
        Code.UNKNOWN_PROPERTY,
        Code.PROPERTY_MISSING,
    ]


@pytest.mark.parametrize("text", BAD_ENVIRONMENT.values(), ids=BAD_ENVIRONMENT.keys())
def test_a_bad_environment(text: str, tmp_path: Path) -> None:
    write(tmp_path, template=GOOD, env=text)
    check(refused(tmp_path, environments=["env.yaml"]), text, "env.yaml")


@pytest.mark.parametrize("text", SURPRISING_ENVIRONMENT.values(), ids=SURPRISING_ENVIRONMENT.keys())
def test_a_surprising_environment(text: str, tmp_path: Path) -> None:
    write(tmp_path, template=GOOD, env=text)
    translation = made(tmp_path, environments=["env.yaml"])
    check(list(translation.diagnostics), text, "env.yaml")
    assert all(f.severity is Severity.WARNING for f in translation.diagnostics)


def test_a_template_that_is_too_large(tmp_path: Path) -> None:
    write(tmp_path, template=HEAD + "#" * 524_288 + "\n")
    (finding,) = refused(tmp_path)
    assert finding.code is Code.TOO_LARGE


def test_a_second_registry_replaces_the_first(tmp_path: Path) -> None:
    hooks = "resource_registry:\n  resources:\n    {name}:\n      hooks: pre-create\n"
    template = HEAD + "resources:\n  a: {type: T}\n  b: {type: T}\n"
    write(tmp_path, template=template, one=hooks.format(name="a"), two=hooks.format(name="b"))
    translation = made(tmp_path, environments=["one.yaml", "two.yaml"])
    replaced, hook = translation.diagnostics.warnings
    assert (replaced.code, replaced.position.line) == (Code.REGISTRY_REPLACED, 2)
    assert "what that says of a is lost" in replaced.message
    assert (hook.code, hook.position.line) == (Code.HOOK_REPLACED, 4)
    assert "the hook pre-create on 'a' is lost" in hook.message
    assert "two.yaml:2:3" in hook.message
    assert [[b.name for b in stage] for stage in translation.plan.stages] == [["b:pre-create"]]


def test_a_hook_replaced_by_another_of_the_same_name(tmp_path: Path) -> None:
    registry = "resource_registry:\n  resources:\n    a: {{hooks: {hooks}}}\n"
    one = registry.format(hooks="[pre-create, post-create]")
    write(tmp_path, template=HEAD + "resources:\n  a: {type: T}\n", one=one)
    write(tmp_path, two=registry.format(hooks="post-create"))
    (hook,) = made(tmp_path, environments=["one.yaml", "two.yaml"]).diagnostics.warnings
    assert (hook.code, hook.position.line, hook.position.column) == (Code.HOOK_REPLACED, 3, 17)
    for order in (["two.yaml", "one.yaml"], ["one.yaml", "two.yaml", "one.yaml"]):
        assert not made(tmp_path, environments=order).diagnostics.warnings


def test_an_environment_beats_the_command_line(tmp_path: Path) -> None:
    template = HEAD + "parameters: {p: {type: string}}\noutputs: {o: {value: {get_param: p}}}\n"
    write(tmp_path, template=template, env="parameters: {p: from the file}\n")
    translation = made(tmp_path, environments=["env.yaml"], options={"p": "from the line"})
    assert translation.document["stack"]["output"] == {"o": "from the file"}
    assert [w.code for w in translation.diagnostics] == [Code.ENVIRONMENT_BEATS_OPTION]


def test_merge_strategies_must_agree(tmp_path: Path) -> None:
    template = HEAD + "parameters: {p: {type: json}}\n"
    one = "parameter_merge_strategies: {p: merge}\nparameters: {p: {a: 1}}\n"
    write(tmp_path, template=template, one=one, two="parameters: {p: {b: 1}}\n")
    # Without any strategies the second file takes the first's.
    assert made(tmp_path, environments=["one.yaml", "two.yaml"])
    write(tmp_path, two="parameter_merge_strategies: {p: overwrite}\nparameters: {p: {b: 1}}\n")
    findings = refused(tmp_path, environments=["one.yaml", "two.yaml"])
    assert [f.code for f in findings] == [Code.MERGE_STRATEGY]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.NOT_HOT),
        (b"\xff\xfe\x00", Code.UNREADABLE),
        (b"a: \x00", Code.NOT_YAML),
        (b"resources: [", Code.NOT_YAML),
        (b"resources:\n\ta: b", Code.NOT_YAML),
        (b"a: {b: c: d}", Code.NOT_YAML),
        (b"[" * 5000, Code.ALIAS_BOMB),
        (
            b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 10))
                for i in range(9)
            ),
            Code.ALIAS_BOMB,
        ),
        (b"a: &a [*a]", Code.NOT_YAML),
        (b"a: !!python/object/apply:os.system [ls]", Code.NOT_HOT),
    ],
    ids=[
        "empty",
        "not UTF-8",
        "NUL",
        "open",
        "tab",
        "colons",
        "deep",
        "alias bomb",
        "recursive alias",
        "python tag",
    ],
)
def test_a_file_that_is_no_template(content: bytes, code: Code, tmp_path: Path) -> None:
    write(tmp_path, template=content)
    assert refused(tmp_path)[0].code is code


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path)[0].code is Code.UNREADABLE
    (tmp_path / "template.yaml").mkdir()
    assert refused(tmp_path)[0].code is Code.UNREADABLE


def test_a_hidden_value_is_never_shown(tmp_path: Path) -> None:
    template = (
        HEAD + "parameters:\n  p:\n    type: string\n    hidden: true\n    default: topsecret1\n"
        "    constraints: [{length: {max: 3}}]\noutputs: {o: {value: {get_param: p}}}\n"
    )
    write(tmp_path, template=template, env="parameters: {p: topsecret2}\n")
    for findings in (
        refused(tmp_path),
        refused(tmp_path, environments=["env.yaml"]),
        refused(tmp_path, options={"p": "topsecret3"}),
    ):
        assert Code.PARAMETER_CONSTRAINT in [f.code for f in findings]
        assert "topsecret" not in "".join(f.render() for f in findings)


@pytest.mark.parametrize("option", ["nope", "nope:post-create"])
def test_an_option_that_stops_nothing(option: str, tmp_path: Path) -> None:
    write(tmp_path, template=GOOD)
    (finding,) = refused(tmp_path, breaks=(option,))
    assert finding.code is Code.HOOK_MATCHES_NOTHING
    assert f"--break {option}" in finding.message


def test_an_option_with_an_unknown_hook(tmp_path: Path) -> None:
    write(tmp_path, template=GOOD)
    (finding,) = refused(tmp_path, breaks=("a:pre-craete",))
    assert finding.code is Code.BREAKPOINT_FILE
    assert "pre-create" in (finding.hint or "")
