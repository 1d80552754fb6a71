"""A Keystone and a Cinder for ``services.Cloud``, as far as changes ask for more than is kept.

What they do beside keeping is what keystone/api and cinder/api do.
"""

from __future__ import annotations

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
