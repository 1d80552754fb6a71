"""Who there is, and where the services are: Keystone's projects, users, roles and catalogue.

Two members of two projects, each with the role ``member`` and no other, and an administrator. The
users' names are not those of their entries in ``clouds.yaml``: a test that sees a name knows which.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import yaml

from cloud.lab.settings import (
    HOST,
    REGION,
    SERVICE_PROJECT,
    SERVICE_USER,
    Settings,
    write_private,
)
from cloud.lab.steps import Step

HEAT_DOMAIN = "heat"
HEAT_DOMAIN_ADMIN = "heat_domain_admin"


@dataclass(frozen=True, slots=True)
class Account:
    """An entry of ``clouds.yaml``."""

    entry: str
    user: str
    project: str


ADMIN = Account("admin", "admin", "admin")
MEMBER = Account("member", "ann", "shop")
OTHER_MEMBER = Account("other_member", "ben", "bank")
_MEMBERS = (MEMBER, OTHER_MEMBER)


def identity_steps(settings: Settings, services: Container[str] | None = None) -> list[Step]:
    """``identity``: accounts and catalogue are complete, ``clouds.yaml`` is written.

    The catalogue has all ``services``, or those of these names only.
    """
    return [Step("identity", lambda: _fill(settings, services), ("keystone",))]


def connect(settings: Settings, account: Account) -> Any:
    """An ``openstack.connection.Connection`` of the account's."""
    import openstack

    config = openstack.config.OpenStackConfig(
        config_files=[str(settings.folder.clouds_yaml)], load_envvars=False
    )
    return openstack.connection.Connection(config=config.get_one(account.entry))


def _fill(settings: Settings, services: Container[str] | None) -> None:
    _write_clouds_yaml(settings)
    identity = connect(settings, ADMIN).identity
    roles = {role.name: role for role in identity.roles()}
    for name in ("service", "heat_stack_user", "heat_stack_owner"):
        if name not in roles:
            roles[name] = identity.create_role(name=name)

    def user(name: str, project: str, *granted: str) -> None:
        place = identity.create_project(name=project, domain_id="default")
        made = identity.create_user(
            name=name, password=settings.password, domain_id="default", default_project_id=place.id
        )
        for role in granted:
            identity.assign_project_role_to_user(place, made, roles[role])

    user(SERVICE_USER, SERVICE_PROJECT, "admin", "service")
    for member in _MEMBERS:
        user(member.user, member.project, "member")
    # The users that Heat makes for its own signals live in a domain, so that it needs no more
    # rights than on that one.
    domain = identity.create_domain(name=HEAT_DOMAIN)
    keeper = identity.create_user(
        name=HEAT_DOMAIN_ADMIN, password=settings.password, domain_id=domain.id
    )
    identity.assign_domain_role_to_user(domain, keeper, roles["admin"])
    for name, kind, url in _services(settings):
        if services is not None and name not in services:
            continue
        service = identity.create_service(name=name, type=kind)
        for interface in ("public", "internal", "admin"):
            identity.create_endpoint(
                service_id=service.id, interface=interface, url=url, region_id=REGION
            )


def _services(settings: Settings) -> list[tuple[str, str, str]]:
    """Name, type and address of each service but Keystone."""
    ports = settings.ports

    def at(port: int, path: str = "") -> str:
        return f"http://{HOST}:{port}{path}"

    return [
        ("neutron", "network", at(ports.neutron)),
        ("placement", "placement", at(ports.placement)),
        ("glance", "image", at(ports.glance)),
        ("nova", "compute", at(ports.nova, "/v2.1")),
        ("cinder", "block-storage", at(ports.cinder, "/v3")),
        ("cinderv3", "volumev3", at(ports.cinder, "/v3")),
        ("barbican", "key-manager", at(ports.barbican)),
        ("heat", "orchestration", at(ports.heat, "/v1/%(project_id)s")),
        ("mistral", "workflowv2", at(ports.mistral, "/v2")),
    ]


def _write_clouds_yaml(settings: Settings) -> None:
    entries = {
        account.entry: {
            "auth": {
                "auth_url": settings.keystone_url,
                "username": account.user,
                "password": settings.password,
                "project_name": account.project,
                "user_domain_id": "default",
                "project_domain_id": "default",
            },
            "region_name": REGION,
            "identity_api_version": 3,
        }
        for account in (ADMIN, *_MEMBERS)
    }
    write_private(settings.folder.clouds_yaml, yaml.safe_dump({"clouds": entries}))
