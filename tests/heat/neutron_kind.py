"""A Neutron for ``services.Cloud``, as far as Heat's resources ask for more than is kept.

What it does beside keeping is what neutron/api and neutron/db do: tags, agents, extra routes, sub
ports, and the rules that a new security group has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heat.services import PROJECT, Answer, Collection, Items, Query, Service

_AGENTS = {"dhcp-agents": "dhcp-networks", "l3-agents": "l3-routers"}


@dataclass(frozen=True)
class Neutron(Service):
    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        base, place = f"/{self.type}/{self.version}", path.strip("/").split("/")[1:]
        match method, place:
            case "GET", ["extensions"]:
                return 200, {"extensions": [{"alias": "stateful-security-group"}]}
            case "PUT", [kind, ident, "tags"]:
                where = "qos/policies" if kind == "policies" else kind
                items[f"{base}/{where}"][ident]["tags"] = said["tags"]
                return 200, said
            case "GET", [_, ident, "dhcp-agents" | "l3-agents" as kind]:
                serving = items.setdefault(_AGENTS[kind], {}).get(ident, {})
                return 200, {"agents": [{"id": agent} for agent in serving]}
            case "POST", ["agents", agent, kind]:
                (ident,) = said.values()
                items.setdefault(kind, {}).setdefault(ident, {})[agent] = True
                return 201, None
            case "DELETE", ["agents", agent, kind, ident]:
                del items[kind][ident][agent]
                return 204, b""
            case "PUT", ["routers", ident, "add_extraroutes" | "remove_extraroutes" as verb]:
                router = items[f"{base}/routers"][ident]
                told = said["router"]["routes"]
                rest = [route for route in router.get("routes", []) if route not in told]
                router["routes"] = rest + (told if verb == "add_extraroutes" else [])
                return 200, {"router": router}
            case "PUT", ["trunks", ident, "add_subports" | "remove_subports" as verb]:
                trunk = items[f"{base}/trunks"][ident]
                told = {port["port_id"] for port in said["sub_ports"]}
                there = trunk.get("sub_ports", [])
                if verb == "add_subports":
                    if told & {port["port_id"] for port in there}:
                        return 409, {"NeutronError": {"message": "it is a sub port already"}}
                    trunk["sub_ports"] = there + said["sub_ports"]
                else:
                    trunk["sub_ports"] = [port for port in there if port["port_id"] not in told]
                return 200, trunk
            case "POST", ["security-group-rules"] if "security_group_rules" in said:
                return 201, {"security_group_rules": _ruled(items, base, said)}
            case "DELETE", ["security-group-rules", ident]:
                for group in items[f"{base}/security-groups"].values():
                    rules = group.get("security_group_rules", [])
                    group["security_group_rules"] = [r for r in rules if r["id"] != ident]
                return 204, b""
        return None


_RANGE = ("port_range_min", "port_range_max")


def _ruled(items: Items, base: str, said: Any) -> list[dict[str, Any]]:
    made = []
    for told in said["security_group_rules"]:
        rules = items[f"{base}/security-groups"][told["security_group_id"]]["security_group_rules"]
        count = items.setdefault("rules", {}).setdefault("made", {})
        count["made"] = count.get("made", 0) + 1
        ports = {key: int(told[key]) for key in _RANGE if told.get(key) is not None}
        made.append({"description": "", **told, **ports, "id": f"rule {count['made']}"})
        rules.append(made[-1])
    return made


class _Groups(Collection):
    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        own = [
            {
                "id": f"own {kind}",
                "direction": "egress",
                "ethertype": kind,
                "security_group_id": ident,
                "description": None,
            }
            for kind in ("IPv4", "IPv6")
        ]
        return {**super().made(told, ident, url), "security_group_rules": own}


def _kept(path: str, key: str, plural: str = "", **shows: Any) -> Collection:
    return Collection(path, key, plural or f"{key}s", shows={"project_id": PROJECT, **shows})


_BUILT = {"status": "ACTIVE", "tags": []}

NEUTRON = Neutron(
    "network",
    "v2.0",
    (
        _kept("/networks", "network", **_BUILT),
        _kept("/segments", "segment"),
        _kept("/subnets", "subnet", tags=[]),
        _kept("/subnetpools", "subnetpool", tags=[]),
        _kept("/address-scopes", "address_scope"),
        _kept("/ports", "port", **_BUILT, fixed_ips=[]),
        _kept("/trunks", "trunk", **_BUILT),
        _kept("/routers", "router", **_BUILT, routes=[]),
        _kept("/floatingips", "floatingip", **_BUILT),
        _kept("/floatingips/*/port_forwardings", "port_forwarding"),
        _Groups("/security-groups", "security_group", "security_groups", shows={"tags": []}),
        _kept("/qos/policies", "policy", "policies", tags=[]),
        _kept("/qos/policies/*/bandwidth_limit_rules", "bandwidth_limit_rule"),
        _kept("/qos/policies/*/dscp_marking_rules", "dscp_marking_rule"),
        _kept("/qos/policies/*/minimum_bandwidth_rules", "minimum_bandwidth_rule"),
        _kept("/qos/policies/*/minimum_packet_rate_rules", "minimum_packet_rate_rule"),
        _kept("/rbac-policies", "rbac_policy", "rbac_policies"),
        Collection("/quotas", "quota", "quotas", puts=True),
    ),
)
