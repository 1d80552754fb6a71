"""Properties that do not go together are refused before anything is asked of a cloud."""

from __future__ import annotations

from typing import Any

import pytest

from wfbreak.actions.openstack import body
from wfbreak.actions.openstack.maker import Maker
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import CreateRequest, ProviderError
from wfbreak.types.table import PropertyRule

NO_CLOUD = object()


def maker(kind: str, properties: dict[str, Any]) -> Maker:
    request = CreateRequest(
        "an execution", "stack", "one", kind, properties, connect=lambda: NO_CLOUD
    )
    return OpenStackProvider().maker(request)


@pytest.mark.parametrize(
    ("kind", "properties", "text"),
    [
        (
            "Subnet",
            {"network": "n", "cidr": "10.0.0.0/24", "subnetpool": "p"},
            "of 'subnetpool', 'cidr' only one",
        ),
        ("Subnet", {"network": "n"}, "one of 'subnetpool', 'cidr' must"),
        (
            "Port",
            {"network": "n", "no_fixed_ips": True, "fixed_ips": [{"ip_address": "10.0.0.1"}]},
            "of 'fixed_ips', 'no_fixed_ips' only one",
        ),
        ("Router", {"ha": True, "distributed": True}, "of 'distributed', 'ha' only one"),
        ("Router", {"l3_agent_ids": ["a", "b"]}, "not 'ha'"),
        ("RouterInterface", {"router": "r"}, "one of 'subnet', 'port' must"),
        (
            "FloatingIP",
            {"floating_network": "n", "fixed_ip_address": "10.0.0.1"},
            "needs a 'port_id'",
        ),
        ("SecurityGroup", {"name": "default"}, "'default'"),
        (
            "SecurityGroupRule",
            {"security_group": "g", "remote_group": "g", "remote_ip_prefix": "10.0.0.0/8"},
            "of 'remote_group', 'remote_ip_prefix' only one",
        ),
        (
            "RBACPolicy",
            {
                "object_type": "qos_policy",
                "object_id": "p",
                "target_tenant": "t",
                "action": "access_as_external",
            },
            "only access_as_shared",
        ),
        ("Quota", {"project": "p"}, "no quota"),
    ],
)
def test_of_neutron(kind: str, properties: dict[str, Any], text: str) -> None:
    with pytest.raises(ProviderError, match=text):
        maker(f"OS::Neutron::{kind}", properties).make()


ORDER = {"type": "key", "algorithm": "aes", "bit_length": 256}


@pytest.mark.parametrize(
    ("kind", "properties", "text"),
    [
        (
            "Octavia::Pool",
            {"lb_algorithm": "ROUND_ROBIN", "protocol": "TCP"},
            "one of 'listener', 'loadbalancer' must",
        ),
        (
            "Octavia::L7Policy",
            {"listener": "l", "action": "REJECT", "redirect_url": "http://a.test"},
            "REJECT takes no 'redirect_url'",
        ),
        (
            "Octavia::L7Policy",
            {"listener": "l", "action": "REDIRECT_TO_URL", "redirect_pool": "p"},
            "REDIRECT_TO_URL takes no 'redirect_pool'",
        ),
        (
            "Octavia::L7Policy",
            {"listener": "l", "action": "REDIRECT_TO_POOL"},
            "REDIRECT_TO_POOL needs 'redirect_pool'",
        ),
        ("Barbican::Secret", {"payload": ""}, "must not be empty"),
        ("Barbican::Order", {"type": "certificate"}, "no certificates"),
        ("Barbican::Order", {**ORDER, "ca_id": "a"}, "'ca_id' cannot be had"),
        ("Barbican::Order", {"type": "key", "algorithm": "aes"}, "'bit_length' are needed"),
        ("Barbican::Order", {**ORDER, "pass_phrase": "p"}, "for the type asymmetric"),
    ],
)
def test_of_others(kind: str, properties: dict[str, Any], text: str) -> None:
    with pytest.raises(ProviderError, match=text):
        maker(f"OS::{kind}", properties).make()


def test_a_map_that_is_merged_does_not_say_what_a_property_says() -> None:
    rules = {"name": PropertyRule(to="name"), "more": PropertyRule(merge=True)}
    found = body.build(rules, {"name": "one", "more": {"other": 1}}, lambda *_: "")
    assert found == {"name": "one", "other": 1}
    with pytest.raises(ProviderError, match="'more' must not say what is a property: name"):
        body.build(rules, {"more": {"name": "two"}}, lambda *_: "")
