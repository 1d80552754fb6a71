"""Security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers.ids import is_uuid
from wfbreak.actions.openstack.maker import Maker, Shown
from wfbreak.actions.provider import ProviderError

TYPE: Final = "OS::Neutron::SecurityGroup"

Rule = Mapping[str, Any]

_ICMP_OF_IPV6: Final = {"icmp": "ipv6-icmp", "icmpv6": "ipv6-icmp", "1": "58"}
_OUT: Final[tuple[Rule, ...]] = (
    {"direction": "egress", "ethertype": "IPv4"},
    {"direction": "egress", "ethertype": "IPv6"},
)
"""What every group lets out of itself."""

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
        there = list(shown["security_group_rules"])
        if any(rule["direction"] == "egress" for rule in wanted):
            keys = set(map(_key, wanted))
            for rule in there:
                if rule["direction"] == "egress" and _key(rule) not in keys:
                    self._delete(rule)
        present = set(map(_key, there))
        if missing := [rule for rule in wanted if _key(rule) not in present]:
            self.ask("POST", "/security-group-rules", {"security_group_rules": missing})

    def change_rules(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """Its rules become those of the template and no others, but for what every group lets out
        if no rule is about that."""
        rules: list[Rule] = list(self.properties.get("rules") or ())
        if not any(rule["direction"] == "egress" for rule in rules):
            rules += _OUT
        wanted = [_said(rule, str(shown["id"])) for rule in rules]
        keys, there = set(map(_changed_key, wanted)), list(shown["security_group_rules"])
        for rule in there:
            if _changed_key(rule) not in keys:
                self._delete(rule)
        present = set(map(_changed_key, there))
        if missing := [rule for rule in wanted if _changed_key(rule) not in present]:
            self.ask("POST", "/security-group-rules", {"security_group_rules": missing})

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        """Neutron changes no group so that ports have."""
        if "stateful" in changes.names and shown.get("stateful") != self.fields.get("stateful"):
            query = {"security_groups": self.physical_id(shown)}
            if self.ask("GET", "/ports", params=query)["ports"]:
                raise ProviderError("'stateful' cannot be changed while ports have the group")
        super().carry_out(shown, changes)

    def _delete(self, rule: Rule) -> None:
        try:
            self.ask("DELETE", f"/security-group-rules/{rule['id']}")
        except failures.NotFound:
            return


class SecurityGroupRule(Maker):
    """``OS::Neutron::SecurityGroupRule``."""

    def is_same(self, found: Shown) -> bool:
        """Whether it lets the same pass; Neutron has words of its own for some of it."""
        return _key(found) == _key({"description": "", **self.fields})

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:  # noqa: ARG002
        return super().listed({"security_group_id": self.fields["security_group_id"]})


def find(maker: Maker, name: str) -> str:
    """The id of a security group by its name, in one's own project: an administrator sees all of
    them. An id is taken as it is (``get_secgroup_uuids`` in heat/engine/clients/os/neutron).

    :raises ProviderError: if there is none, or several.
    """
    if is_uuid(name):
        return name
    project = maker.cloud.connection.current_project_id
    found = maker.ask("GET", "/security-groups", params={"project_id": project})["security_groups"]
    ids = {group["id"] for group in found if group["name"] == name}
    if len(ids) != 1:
        how_many = f"{len(ids)} security groups" if ids else "no security group"
        raise ProviderError(f"the project has {how_many} called '{name}'")
    return str(ids.pop())


def _key(rule: Rule) -> tuple[str | None, ...]:
    """What a rule says, in the words in which Neutron shows it
    (neutron/db/securitygroups_db.py, ``_make_canonical_…``). The rules that a group has of itself
    say nothing in their description, and those that are made ``""``."""
    protocol = None if rule.get("protocol") is None else str(rule["protocol"]).lower()
    if rule.get("ethertype") == "IPv6" and protocol is not None:
        protocol = _ICMP_OF_IPV6.get(protocol, protocol)
    ports = (rule.get("port_range_min"), rule.get("port_range_max"))
    if ports == _ALL_PORTS:
        ports = (None, None)
    names = ("direction", "ethertype", "remote_group_id", "remote_ip_prefix", "description")
    words = (protocol, *ports, *(rule.get(name) for name in names))
    return tuple(None if word is None else str(word) for word in words)


def _changed_key(rule: Rule) -> tuple[str | None, ...]:
    """Where rules are changed a description of nothing is none."""
    return _key({**rule, "description": rule.get("description") or ""})


def _said(rule: Rule, group: str) -> dict[str, Any]:
    """A rule of the template as the API wants it."""
    given = {key: value for key, value in rule.items() if value is not None}
    given |= {"security_group_id": group, "description": given.get("description", "")}
    if given.pop("remote_mode", None) == "remote_group_id":
        given.pop("remote_ip_prefix", None)
        given["remote_group_id"] = given.get("remote_group_id") or group
    else:
        given.pop("remote_group_id", None)
    return given
