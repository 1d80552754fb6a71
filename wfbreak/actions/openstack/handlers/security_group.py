"""Security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

TYPE: Final = "OS::Neutron::SecurityGroup"

Rule = Mapping[str, Any]

_ICMP_OF_IPV6: Final = {"icmp": "ipv6-icmp", "icmpv6": "ipv6-icmp", "1": "58"}
_ALL_PORTS: Final = (1, 65535)


class SecurityGroup(Maker):
    """``OS::Neutron::SecurityGroup``."""

    def refuse(self) -> None:
        super().refuse()
        if self.properties.get("name") == "default":
            raise ProviderError("a security group cannot be called 'default'")

    def step_rules(self, shown: Shown, rules: list[Rule]) -> None:
        """All rules come with one request, as in Heat. Where one is about what goes out, those
        that Neutron gives every group for that go first."""
        wanted = [_said(rule, str(shown["id"])) for rule in rules]
        keys = {traffic(rule) for rule in wanted}
        there = list(shown["security_group_rules"])
        if any(rule["direction"] == "egress" for rule in wanted):
            for rule in there:
                if rule["direction"] == "egress" and traffic(rule) not in keys:
                    self._delete(rule)
        present = {traffic(rule) for rule in there}
        if missing := [rule for rule in wanted if traffic(rule) not in present]:
            self.ask("POST", "/security-group-rules", {"security_group_rules": missing})

    def _delete(self, rule: Rule) -> None:
        try:
            self.ask("DELETE", f"/security-group-rules/{rule['id']}")
        except failures.NotFound:
            return


class SecurityGroupRule(Maker):
    """``OS::Neutron::SecurityGroupRule``."""

    def is_same(self, found: Shown) -> bool:
        """Whether it lets the same pass; Neutron has words of its own for some of it."""
        is_said = found.get("description") == (self.fields.get("description") or "")
        return is_said and traffic(found) == traffic(self.fields)

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:  # noqa: ARG002
        return super().listed({"security_group_id": self.fields["security_group_id"]})


def find(maker: Maker, name: str) -> str:
    """The id of a security group of one's own project (an administrator sees all of them).

    :raises ProviderError: if there is none, or several.
    """
    project = maker.cloud.connection.current_project_id
    found = maker.ask("GET", "/security-groups", params={"project_id": project})["security_groups"]
    ids = {group["id"] for group in found if group["name"] == name}
    if not ids:
        return maker.cloud.find("network", "/security-groups", "security_groups", name)
    if len(ids) > 1:
        raise ProviderError(f"there are {len(ids)} security groups called '{name}'")
    return str(ids.pop())


def traffic(rule: Rule) -> tuple[str | None, ...]:
    """What a rule lets pass, in the words in which Neutron shows it
    (neutron/db/securitygroups_db.py, ``_make_canonical_…``)."""
    protocol = None if rule.get("protocol") is None else str(rule["protocol"]).lower()
    if rule.get("ethertype") == "IPv6" and protocol is not None:
        protocol = _ICMP_OF_IPV6.get(protocol, protocol)
    ports = (rule.get("port_range_min"), rule.get("port_range_max"))
    if ports == _ALL_PORTS:
        ports = (None, None)
    words = (
        rule.get("direction"),
        rule.get("ethertype"),
        protocol,
        *ports,
        rule.get("remote_group_id"),
        rule.get("remote_ip_prefix"),
    )
    return tuple(None if word is None else str(word) for word in words)


def _said(rule: Rule, group: str) -> dict[str, Any]:
    """A rule of the template as the API wants it."""
    given = {key: value for key, value in rule.items() if value is not None}
    given["security_group_id"] = group
    if given.pop("remote_mode", None) == "remote_group_id":
        given.pop("remote_ip_prefix", None)
        given["remote_group_id"] = given.get("remote_group_id") or group
    else:
        given.pop("remote_group_id", None)
    return given
