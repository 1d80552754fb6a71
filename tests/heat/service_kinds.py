"""The services for ``services.Cloud`` that do not only keep what they are told.

What they do beside that is what their own sources say (zaqar/transport/wsgi/v2_0, aodh/api,
manila/api/v2, swift/proxy/controllers), as far as Heat's resources ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from heat.services import PROJECT, Answer, Collection, Headers, Items, Query, Service


class Telling(Collection):
    """What it is told nothing of, it says itself: a null is nothing."""

    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        return super().made(without_nulls(told), ident, url)


def without_nulls(value: Any) -> Any:
    """A request or an answer without what says nothing: nulls, and the maps that they leave."""
    match value:
        case dict():
            left = {key: without_nulls(item) for key, item in value.items()}
            return {key: item for key, item in left.items() if item not in (None, {})}
        case list():
            return [without_nulls(item) for item in value]
    return value


# --- Swift ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Swift(Service):
    """Containers are kept as their headers, objects as the names in a container."""

    type: str = "object-store"
    version: str = ""
    collections: tuple[Collection, ...] = ()

    def said(self, headers: Mapping[str, str], body: Any) -> Any:
        named = ("x-container-", "x-account-")
        return {k.lower(): v for k, v in headers.items() if k.lower().startswith(named)}

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        containers, objects = items.setdefault("containers", {}), items.setdefault("objects", {})
        container, _, name = unquote(path.strip("/")).partition("/")
        if not container:
            account = items.setdefault("account", {}).setdefault("headers", {})
            account |= {k: v for k, v in said.items() if v}
            return 204, Headers(account)
        if method == "PUT" and name:
            objects.setdefault(container, {})[name] = {}
            return 201, b""
        if method == "PUT":
            kept = containers.setdefault(container, {}).setdefault("headers", {})
            kept |= {k: v for k, v in said.items() if v}
            return 201, b""
        if container not in containers:
            return 404, b"<html><h1>Not Found</h1></html>"
        inside = objects.setdefault(container, {})
        match method:
            case "HEAD":
                count = {
                    "x-container-object-count": str(len(inside)),
                    "x-container-bytes-used": "0",
                }
                return 204, Headers({**containers[container]["headers"], **count})
            case "GET":
                found = sorted(inside)[: int(query.get("limit", 10_000))]
                return 200, [{"name": each} for each in found]
            case "DELETE" if name:
                return (204, b"") if inside.pop(name, None) is not None else (404, b"")
            case "DELETE" if inside:
                return 409, b"<html><h1>Conflict</h1></html>"
            case "DELETE":
                del containers[container]
                return 204, b""
        return None


SWIFT = Swift()


# --- Magnum ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Magnum(Service):
    """A name is as good as an id; fields that it does not know in a query it refuses."""

    def said(self, headers: Mapping[str, str], body: Any) -> Any:
        assert "OpenStack-API-Version" not in headers
        return body

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        if unknown := sorted({*query} - {"marker", "limit", "sort_key", "sort_dir"}):
            return 400, {"errors": [{"detail": f"Unknown argument: {unknown[0]}"}]}
        folder, _, name = path.rpartition("/")
        if folder.count("/") < 2:
            return None
        there = items.get(f"/{self.type}{folder}", {})
        for one in there.values() if method == "GET" else ():
            if one.get("name") == unquote(name):
                return 200, one
        if name not in there:
            return 404, {"errors": [{"title": "Not found", "detail": f"There is no {name}"}]}
        if method == "PATCH":
            there[name] |= {change["path"][1:]: change["value"] for change in said}
            if "status" in there[name]:
                there[name]["status"] = "UPDATE_COMPLETE"
            return 202, there[name]
        return None


_ADDRESSES: Any = {
    "api_address": "https://10.0.0.9:6443",
    "stack_id": "a stack",
    "coe_version": "v1.30",
    "master_addresses": ["10.0.0.9"],
    "node_addresses": ["10.0.0.10", "10.0.0.11"],
    "container_version": "26",
    "status_reason": None,
}
MAGNUM = Magnum(
    "container-infra",
    "v1",
    (
        Telling(
            "/clusters",
            "",
            "clusters",
            id="uuid",
            shows={"status": "CREATE_COMPLETE", **_ADDRESSES},
            making={"status": "CREATE_IN_PROGRESS"},
            ending={"status": "DELETE_IN_PROGRESS"},
        ),
        Telling("/clustertemplates", "", "clustertemplates", id="uuid"),
    ),
    ("1.1", "1.11"),
    is_versioned=True,
)


# --- Manila ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manila(Service):
    """Of each version the one that Heat asks for."""

    def said(self, headers: Mapping[str, str], body: Any) -> Any:
        assert headers["X-OpenStack-Manila-API-Version"] == "2.13"
        return body

    def changes(self, method: str, said: Any) -> bool:
        return super().changes(method, said) and "access_list" not in (said or ())

    def below(self, path: str) -> str:
        return path.removesuffix("/detail")

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        base, place = f"/{self.type}/{self.version}", path.split("/")[2:]
        match method, place:
            case "POST", ["shares", ident, "action"]:
                rules = items.setdefault("rules", {}).setdefault(ident, {})
                if "access_list" in said:
                    return 200, {"access_list": list(rules.values())}
                if "deny_access" in said:
                    denied = said["deny_access"]["access_id"]
                    left = {key: rule for key, rule in rules.items() if rule["id"] != denied}
                    items["rules"][ident] = left
                    return 202, b""
                rule = {"access_level": "rw", **said["allow_access"]}
                key = f"{rule['access_type']} {rule['access_to']}"
                if key in rules:
                    return 400, {"badRequest": {"message": f"Share access {key} exists"}}
                rules[key] = {**rule, "id": f"the rule for {key}"}
                return 200, {"access": rule}
            case "GET", ["shares", _, "export_locations"]:
                paths = ["10.0.0.1:/one", "10.0.0.2:/two"]
                return 200, {"export_locations": [{"id": p, "path": p} for p in paths]}
            case "PUT", ["shares", ident, "metadata"]:
                items[f"{base}/shares"][ident]["metadata"] = said["metadata"]
                return 200, said
            case "DELETE", ["types", ident, "extra_specs", key]:
                del items[f"{base}/types"][ident]["extra_specs"][key]
                return 202, b""
            case "POST", ["share-networks", ident, "action"] if "remove_security_service" in said:
                service = said["remove_security_service"]["security_service_id"]
                del items["added"][ident][service]
                return 200, {"share_network": items[f"{base}/share-networks"][ident]}
            case "POST", ["share-networks", ident, "action"]:
                service = said["add_security_service"]["security_service_id"]
                items.setdefault("added", {}).setdefault(ident, {})[service] = {}
                return 200, {"share_network": items[f"{base}/share-networks"][ident]}
            case "GET", ["security-services", "detail"] if "share_network_id" in query:
                added = items.setdefault("added", {}).get(query["share_network_id"], {})
                every = items[f"{base}/security-services"]
                return 200, {"security_services": [every[ident] for ident in added]}
            case "POST", ["types", ident, "extra_specs"]:
                specs = {key: str(value) for key, value in said["extra_specs"].items()}
                items[f"{base}/types"][ident]["extra_specs"] |= specs
                return 200, {"extra_specs": specs}
        return None


class _Types(Telling):
    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        made = super().made(told, ident, url)
        return {**made, "extra_specs": {k: str(v) for k, v in told["extra_specs"].items()}}


MANILA = Manila(
    "sharev2",
    "v2",
    (
        Telling(
            "/shares",
            "share",
            "shares",
            shows={
                "status": "available",
                "metadata": {},
                "availability_zone": "nova",
                "host": "a@host#pool",
                "share_server_id": None,
                "created_at": "2026-01-01T00:00:00.000000",
                "project_id": PROJECT,
            },
            making={"status": "creating"},
            ending={"status": "deleting"},
        ),
        Telling("/snapshots", "snapshot", "snapshots"),
        Telling(
            "/share-networks",
            "share_network",
            "share_networks",
            shows={
                "segmentation_id": 7,
                "cidr": "10.0.0.0/24",
                "ip_version": 4,
                "network_type": "vlan",
            },
        ),
        Telling("/security-services", "security_service", "security_services"),
        _Types("/types", "share_type", "share_types"),
    ),
    ("2.0", "2.80"),
)


# --- Zaqar ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Zaqar(Service):
    """A queue is shown though it is not there, and changed only if it is. Subscriptions are shown
    in pages of twenty at most, with a link to a next one in any case."""

    def said(self, headers: Mapping[str, str], body: Any) -> Any:
        assert headers["Client-ID"]
        if isinstance(body, list):
            assert headers["Content-Type"] == "application/openstack-messaging-v2.0-json-patch"
        return body

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        queues = items.setdefault(f"/{self.type}/{self.version}/queues", {})
        match method, path.split("/")[2:]:
            case "GET", ["queues", name]:
                there = {k: v for k, v in queues.get(name, {}).items() if k != "id"}
                return 200, {**_RESERVED, **there}
            case "PUT", ["queues", name]:
                is_there = name in queues
                queues.setdefault(name, dict(said or {}))
                return (204 if is_there else 201), b""
            case "PATCH", ["queues", name] if name not in queues:
                return 404, {"title": "Not found", "description": f"There is no queue {name}"}
            case "PATCH", ["queues", name]:
                for change in said:
                    key = change["path"].removeprefix("/metadata/")
                    if change["op"] == "remove":
                        queues[name].pop(key, None)
                    else:
                        queues[name][key] = change["value"]
                return 200, queues[name]
            case "DELETE", ["queues", name]:
                queues.pop(name, None)
                return 204, b""
            case "GET", ["queues", name, "subscriptions"]:
                there = items.get(f"/{self.type}{path}", {})
                after = [ident for ident in sorted(there) if ident > query.get("marker", "")]
                page = after[: min(int(query.get("limit", 10)), 20)]
                marker = page[-1] if page else query.get("marker", "")
                links = [{"rel": "next", "href": f"{path}?marker={marker}"}]
                return 200, {"subscriptions": [there[ident] for ident in page], "links": links}
            case "POST", ["queues", name, "share"]:
                signed = {
                    "signature": "5e",
                    "expires": "2026-01-02T00:00:00",
                    "paths": [f"/v2/queues/{name}/{p}" for p in said.get("paths", ["messages"])],
                    "methods": said.get("methods", ["GET"]),
                    "project": PROJECT,
                }
                return 200, signed
        return None


_RESERVED = {"_max_messages_post_size": 262144, "_default_message_ttl": 3600}


class _Subscriptions(Telling):
    """One says what it is for."""

    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        source = url.split("/")[-3]
        return {**super().made(told, ident, url), "source": source, "age": 0, "confirmed": True}

    def made_answer(self, item: dict[str, Any]) -> Any:
        return {"subscription_id": item["id"]}


ZAQAR = Zaqar(
    "messaging",
    "v2",
    (
        Collection("/queues", "", "queues"),
        _Subscriptions("/queues/*/subscriptions", "", "subscriptions"),
    ),
)
MISTRAL = Service("workflowv2", "v2", ())


# --- Aodh -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Aodh(Service):
    """A query has its own form."""

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        if method != "GET" or path != "/v2/alarms":
            return None
        found = items.get(f"/{self.type}{path}", {}).values()
        assert query.get("q.op") == "eq"
        return 200, [one for one in found if one[query["q.field"]] == query["q.value"]]


AODH = Aodh("alarming", "v2", (Telling("/alarms", "", "", id="alarm_id"),))
