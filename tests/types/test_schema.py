"""What the files say of Heat's types, read."""

from __future__ import annotations

import pytest

from wfbreak.hot.constraints import AllowedValues, Custom, Range
from wfbreak.types import schema
from wfbreak.types.schema import PropertyType, Rule, Status, Support, find


def test_every_type_can_be_read() -> None:
    names = schema.names()
    assert len(names) == len(set(names)) > 200
    for name in names:
        found = find(name)
        assert found is not None
        assert found.name == name
        assert found.source.startswith(("heat/engine/resources/", "etc/heat/templates/"))
        assert "show" in found.attributes


@pytest.mark.parametrize(
    "name",
    ["", "T", "OS", "OS::", "OS::Nova", "OS::Nova::Sever", "OS::../x::y", "My::Nova::Server"],
)
def test_other_names_are_not_known(name: str) -> None:
    assert find(name) is None


def test_a_type() -> None:
    port = find("OS::Neutron::Port")
    assert port is not None
    assert (port.client, port.entity, port.extension) == ("neutron", "port", None)
    assert port.source == "heat/engine/resources/openstack/neutron/port.py"
    hidden = port.properties["network_id"]
    assert hidden.support == Support(Status.HIDDEN, "5.0.0", ("network",))
    assert port.properties["network"].required is True
    assert port.properties["admin_state_up"].default is True
    address = port.properties["fixed_ips"].items
    assert address is not None
    assert address.properties is not None
    assert address.properties["ip_address"].constraints == (Custom("ip_addr"),)
    assert port.attributes["show"].cached is False
    assert port.attributes["fixed_ips"].type is PropertyType.LIST


def test_rules() -> None:
    port = find("OS::Neutron::Port")
    assert port is not None
    replaced, inside, resolved, *_ = port.translations
    assert (replaced.rule, replaced.path, replaced.source) == (
        Rule.REPLACE,
        ("network",),
        ("network_id",),
    )
    assert (inside.path, inside.source, inside.sibling) == (
        ("fixed_ips", "subnet"),
        ("subnet_id",),
        True,
    )
    assert (resolved.rule, resolved.client, resolved.finder, resolved.entity) == (
        Rule.RESOLVE,
        "neutron",
        "find_resourceid_by_name_or_id",
        "network",
    )


def test_a_rule_that_depends_on_a_value() -> None:
    policy = find("OS::Neutron::RBACPolicy")
    assert policy is not None
    entities = {r.when.value: r.entity for r in policy.translations if r.when is not None}
    assert entities["network"] == "network"
    assert entities["qos_policy"] == "policy"


def test_constraints() -> None:
    volume = find("OS::Cinder::Volume")
    assert volume is not None
    assert volume.properties["size"].constraints == (Range(1),)
    rule = find("OS::Neutron::RBACPolicy")
    assert rule is not None
    assert rule.properties["action"].constraints == (
        AllowedValues(("access_as_shared", "access_as_external")),
    )


def test_update_policies() -> None:
    group = find("OS::Heat::ResourceGroup")
    assert group is not None
    assert set(group.update_policy) == {"rolling_update", "batch_create"}
