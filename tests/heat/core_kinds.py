"""Keystone, Cinder, Nova and Glance for ``services.Cloud``, as far as more is done than kept.

What they do beside keeping is what their own sources do (keystone/api, cinder/api, nova/api).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from heat.services import Answer, Collection, Items, Query, Service


@dataclass(frozen=True)
class Keystone(Service):
    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        grants = items.setdefault("grants", {}).setdefault("all", {})
        match path.strip("/").split("/")[1:]:
            case ["projects" | "domains" as scope, target, who, ident, "roles", role]:
                key = f"{scope[:-1]} {target} {who[:-1]} {ident} {role}"
                return _told(grants, method, key)
            case ["groups", group, "users", user]:
                return _told(grants, method, f"group {group} user {user}")
            case ["role_assignments"]:
                found = [key.split() for key in grants if not key.startswith("group ")]
                return 200, {"role_assignments": [_assignment(*each) for each in found]}
        return None


def _told(grants: dict[str, Any], method: str, key: str) -> Answer:
    if method == "PUT":
        grants[key] = True
    elif key not in grants:
        return 404, {"error": {"code": 404, "message": key}}
    elif method == "DELETE":
        del grants[key]
    return 204, b""


def _assignment(scope: str, target: str, who: str, ident: str, role: str) -> dict[str, Any]:
    return {"scope": {scope: {"id": target}}, who: {"id": ident}, "role": {"id": role}}


KEYSTONE = Keystone(
    "identity",
    "v3",
    (
        Collection("/domains", "domain", "domains"),
        Collection("/endpoints", "endpoint", "endpoints"),
        Collection("/groups", "group", "groups"),
        Collection("/projects", "project", "projects"),
        Collection("/regions", "region", "regions"),
        Collection("/roles", "role", "roles"),
        Collection("/services", "service", "services"),
        Collection("/users", "user", "users"),
    ),
)


@dataclass(frozen=True)
class Cinder(Service):
    def below(self, path: str) -> str:
        return path.removesuffix("/detail")

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        base, place = f"/{self.type}/{self.version}", path.strip("/").split("/")[1:]
        match method, place:
            case "PUT", ["volumes", ident, "metadata"]:
                items[f"{base}/volumes"][ident]["metadata"] = said["metadata"]
                return 200, said
            case "POST", ["volumes", ident, "action"]:
                volume = items[f"{base}/volumes"][ident]
                ((action, told),) = said.items()
                match action:
                    case "os-extend":
                        volume["size"] = told["new_size"]
                    case "os-retype":
                        volume["volume_type"] = told["new_type"]
                    case "os-update_readonly_flag":
                        flag = {"readonly": str(told["readonly"])}
                        volume["metadata"] = {**(volume["metadata"] or {}), **flag}
                return 202, b""
            case "POST", ["types", ident, "extra_specs"]:
                kind = items[f"{base}/types"][ident]
                kind["extra_specs"] = {**kind.get("extra_specs", {}), **said["extra_specs"]}
                return 200, said
            case "GET", ["types", ident, "extra_specs"]:
                return 200, {"extra_specs": items[f"{base}/types"][ident]["extra_specs"]}
            case "DELETE", ["types", ident, "extra_specs", key]:
                del items[f"{base}/types"][ident]["extra_specs"][key]
                return 202, b""
            case "GET", ["types", ident, "os-volume-type-access"]:
                access = items.setdefault("access", {}).get(ident, {})
                return 200, {"volume_type_access": [{"project_id": each} for each in access]}
            case "POST", ["types", ident, "action"]:
                access = items.setdefault("access", {}).setdefault(ident, {})
                ((action, told),) = said.items()
                if action == "addProjectAccess":
                    access[told["project"]] = True
                else:
                    del access[told["project"]]
                return 202, b""
            case "POST" | "GET" | "PUT", ["types", ident, "encryption", *_]:
                kept = items.setdefault("encryption", {}).setdefault(ident, {})
                if said:
                    kept |= {**said["encryption"], "volume_type_id": ident}
                return 200, {"encryption": kept} if said else kept
            case "PUT", ["qos-specs", ident, "delete_keys"]:
                specs = items[f"{base}/qos-specs"][ident]["specs"]
                for key in said["keys"]:
                    del specs[key]
                return 202, b""
            case "PUT", ["qos-specs", ident]:
                items[f"{base}/qos-specs"][ident]["specs"] |= said["qos_specs"]
                return 200, said
            case "GET", ["qos-specs", ident, "associations"]:
                found = items.setdefault("associated", {}).get(ident, {})
                return 200, {"qos_associations": [{"id": each} for each in found]}
            case "GET", ["qos-specs", ident, "associate" | "disassociate" as verb]:
                found = items.setdefault("associated", {}).setdefault(ident, {})
                if verb == "associate":
                    found[query["vol_type_id"]] = True
                else:
                    found.pop(query["vol_type_id"], None)
                return 202, b""
        return None


class _Specs(Collection):
    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        specs = {key: value for key, value in told.items() if key not in ("name", "consumer")}
        consumer = told.get("consumer", "back-end")
        return {"id": ident, "name": told["name"], "consumer": consumer, "specs": specs}


CINDER = Cinder(
    "volumev3",
    "v3",
    (
        Collection(
            "/volumes",
            "volume",
            "volumes",
            shows={"status": "available", "metadata": {}, "attachments": []},
        ),
        Collection(
            "/backups",
            "backup",
            "backups",
            shows={"status": "available"},
            making={"status": "creating"},
        ),
        Collection("/types", "volume_type", "volume_types", shows={"extra_specs": {}}),
        _Specs("/qos-specs", "qos_specs", "qos_specs"),
    ),
    ("3.0", "3.71"),
    is_versioned=True,
)


@dataclass(frozen=True)
class Nova(Service):
    def document(self, url: str) -> dict[str, Any]:
        found = super().document(url)
        return {**found, "version": found["versions"][0]}

    def below(self, path: str) -> str:
        return path.removesuffix("/detail")

    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        base, place = f"/{self.type}/{self.version}", path.strip("/").split("/")[1:]
        match method, place:
            case "GET", ["servers", *rest] if "name" in query and rest in ([], ["detail"]):
                found = items.get(f"{base}/servers", {}).values()
                return 200, {"servers": [one for one in found if one["name"] in query["name"]]}
            case _, ["flavors", ident, "os-extra_specs", *key]:
                specs = items.setdefault("specs", {}).setdefault(ident, {})
                if method == "DELETE":
                    del specs[key[0]]
                elif said:
                    specs |= said["extra_specs"]
                return 200, {"extra_specs": specs}
            case "GET", ["flavors", ident, "os-flavor-access"]:
                access = items.setdefault("access", {}).get(ident, {})
                return 200, {
                    "flavor_access": [{"tenant_id": t, "flavor_id": ident} for t in access]
                }
            case "POST", ["flavors", ident, "action"]:
                access = items.setdefault("access", {}).setdefault(ident, {})
                ((action, told),) = said.items()
                if action == "addTenantAccess":
                    access[told["tenant"]] = True
                else:
                    del access[told["tenant"]]
                return 200, {"flavor_access": []}
            case "POST", ["os-aggregates", ident, "action"]:
                aggregate = items[f"{base}/os-aggregates"][ident]
                ((action, told),) = said.items()
                if action == "set_metadata":
                    both = {**aggregate["metadata"], **told["metadata"]}
                    aggregate["metadata"] = {k: v for k, v in both.items() if v is not None}
                else:
                    rest = [host for host in aggregate["hosts"] if host != told["host"]]
                    aggregate["hosts"] = rest + ([told["host"]] if action == "add_host" else [])
                return 200, {"aggregate": aggregate}
            case "PUT", ["servers", ident, "tags"]:
                items[f"{base}/servers"][ident]["tags"] = said["tags"]
                return 200, said
            case "POST" | "DELETE", ["servers", ident, "metadata", *key]:
                server = items[f"{base}/servers"][ident]
                told = said["metadata"] if said else {}
                both = {**server["metadata"], **told}
                server["metadata"] = {k: v for k, v in both.items() if k not in key}
                return 200, {"metadata": server["metadata"]}
            case "GET", ["servers", _, "os-interface"]:
                return 200, {"interfaceAttachments": []}
            case "POST", ["servers", ident, "action"]:
                return self._act(items, items[f"{base}/servers"][ident], said)
        return None

    def _act(self, items: Items, server: dict[str, Any], said: Any) -> Answer:
        ((action, told),) = said.items()
        match action:
            case "resize":
                name = items[f"/{self.type}/{self.version}/flavors"][told["flavorRef"]]["name"]
                server |= {"status": "VERIFY_RESIZE", "flavor": {"original_name": name}}
            case "confirmResize":
                server["status"] = "ACTIVE"
            case "rebuild":
                server |= {"image": {"id": told["imageRef"]}, "metadata": told["metadata"]}
                server["ephemeral"] = told.get("preserve_ephemeral", False)
                return 202, {"server": server}
            case "createImage":
                ident = str(uuid.uuid5(uuid.NAMESPACE_OID, server["id"]))
                image = {"id": ident, "name": told["name"], "status": "active"}
                items.setdefault("/image/v2/images", {})[ident] = image | told["metadata"]
                return 202, {"image_id": ident}
            case "changePassword":
                server["password"] = told["adminPass"]
        return 202, b""


class _Servers(Collection):
    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        made = super().made(told, ident, url)
        server = {"image": {"id": told["imageRef"]}, "flavor": {"original_name": "the flavor"}}
        gone = ("networks", "imageRef", "flavorRef", "max_count", "min_count")
        return {"metadata": {}, **{k: v for k, v in made.items() if k not in gone}, **server}


class _Aggregates(Collection):
    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        return {"metadata": {}, "hosts": [], **super().made(told, ident, url)}


NOVA = Nova(
    "compute",
    "v2.1",
    (
        _Servers("/servers", "server", "servers", shows={"status": "ACTIVE", "addresses": {}}),
        Collection("/flavors", "flavor", "flavors", named=True),
        _Aggregates("/os-aggregates", "aggregate", "aggregates"),
    ),
    ("2.1", "2.96"),
    is_versioned=True,
)


@dataclass(frozen=True)
class Glance(Service):
    def special(self, items: Items, method: str, path: str, query: Query, said: Any) -> Answer:
        if path.endswith("/schemas/image"):
            return 200, {"name": "image", "properties": {}, "additionalProperties": {}}
        return None


GLANCE = Glance("image", "v2", (Collection("/images", "", "images"),))

NETWORKS = Service("network", "v2.0", (Collection("/networks", "network", "networks"),))
"""As much of Neutron as a server asks for."""
