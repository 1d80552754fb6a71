"""What ``get_resource`` gives, per type: for most the physical id, for some a name or a URL.

Found in ``get_reference_id`` and in what each type sets as its id, in ``heat/engine/resources`` of
openstack-heat 27.0.1. A rehearsal forms its ids by the same table; a provider for a cloud gets them
from the cloud.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from wfbreak.actions.identity import Identity


class Reference(enum.Enum):
    """Where a type's physical id comes from."""

    UUID = "an id that the service gives"
    HEX = "an id without dashes, as keystone gives"
    NAME = "the property name, or Heat's own name for the resource"
    PHYSICAL_NAME = "Heat's own name for the resource"
    HREF = "a URL that the service gives"


_TYPES: dict[str, Reference] = {
    "OS::Heat::RandomString": Reference.PHYSICAL_NAME,
    "OS::Heat::Value": Reference.PHYSICAL_NAME,
    "OS::Heat::TestResource": Reference.PHYSICAL_NAME,
    "OS::Heat::SwiftSignalHandle": Reference.PHYSICAL_NAME,
    "OS::Heat::WaitConditionHandle": Reference.HEX,
    "OS::Heat::UpdateWaitConditionHandle": Reference.HEX,
    "AWS::CloudFormation::WaitConditionHandle": Reference.HEX,
    "OS::Nova::KeyPair": Reference.NAME,
    "OS::Nova::Quota": Reference.PHYSICAL_NAME,
    "OS::Neutron::Quota": Reference.PHYSICAL_NAME,
    "OS::Cinder::Quota": Reference.PHYSICAL_NAME,
    "OS::Octavia::Quota": Reference.PHYSICAL_NAME,
    "OS::Octavia::AvailabilityZone": Reference.NAME,
    "OS::Mistral::Workflow": Reference.NAME,
    "OS::Mistral::CronTrigger": Reference.NAME,
    "OS::Swift::Container": Reference.NAME,
    "OS::Zaqar::Queue": Reference.NAME,
    "OS::Zaqar::SignedQueueURL": Reference.PHYSICAL_NAME,
    "OS::Barbican::Secret": Reference.HREF,
    "OS::Barbican::Order": Reference.HREF,
    "OS::Barbican::GenericContainer": Reference.HREF,
    "OS::Barbican::CertificateContainer": Reference.HREF,
    "OS::Barbican::RSAContainer": Reference.HREF,
    "OS::Keystone::Project": Reference.HEX,
    "OS::Keystone::User": Reference.HEX,
    "OS::Keystone::Group": Reference.HEX,
    "OS::Keystone::Role": Reference.HEX,
    "OS::Keystone::Domain": Reference.HEX,
    "OS::Keystone::Service": Reference.HEX,
    "OS::Keystone::Endpoint": Reference.HEX,
}


_WITHOUT_ID = frozenset(
    {
        "OS::Heat::Delay",
        "OS::Heat::WaitCondition",
        "OS::Keystone::GroupRoleAssignment",
        "OS::Keystone::UserRoleAssignment",
    }
)
"""Types that set no id in Heat: ``get_resource`` gives the resource's own name."""


def _interface(properties: Mapping[str, Any]) -> str:
    """``ROUTER:subnet_id=SUBNET``, or ``ROUTER:port_id=PORT``."""
    router = properties.get("router") or properties.get("router_id")
    for key, names in (("subnet_id", ("subnet", "subnet_id")), ("port_id", ("port", "port_id"))):
        for name in names:
            if properties.get(name):
                return f"{router}:{key}={properties[name]}"
    return f"{router}:"


def _gateway(properties: Mapping[str, Any]) -> str:
    router, network = (
        properties.get(key) or properties.get(f"{key}_id") for key in ("router", "network")
    )
    return f"{router}:{network}"


def _route(properties: Mapping[str, Any]) -> str:
    return ":".join(str(properties.get(key)) for key in ("router_id", "destination", "nexthop"))


_COMPOSED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "OS::Neutron::RouterInterface": _interface,
    "OS::Neutron::RouterGateway": _gateway,
    "OS::Neutron::ExtraRoute": _route,
    "OS::Neutron::ExtraRouteSet": lambda properties: str(properties.get("router")),
}


def physical_id(kind: str, identity: Identity, properties: Mapping[str, Any]) -> str:
    """The id under which a rehearsed resource of this type exists."""
    if kind in _COMPOSED:
        return _COMPOSED[kind](properties)
    if kind == "OS::Keystone::Region" and properties.get("id"):
        return str(properties["id"])
    match _TYPES.get(kind, Reference.UUID):
        case Reference.UUID:
            return identity.uuid()
        case Reference.HEX:
            return identity.uuid().replace("-", "")
        case Reference.NAME:
            return str(properties.get("name") or identity.physical_name())
        case Reference.PHYSICAL_NAME:
            return identity.physical_name()
        case Reference.HREF:
            folder = kind.rpartition("::")[2].lower().removesuffix("s")
            folder = "containers" if folder.endswith("container") else f"{folder}s"
            return f"https://barbican.rehearsal.test/v1/{folder}/{identity.uuid()}"


def reference(kind: str, identity: Identity, physical: str, attributes: Mapping[str, Any]) -> str:
    """What ``get_resource`` gives, for a type whose reference is not its physical id."""
    if kind == "OS::Heat::RandomString":
        return str(attributes["value"])
    if kind in ("OS::Heat::UpdateWaitConditionHandle", "AWS::CloudFormation::WaitConditionHandle"):
        return f"https://heat.rehearsal.test/v1/waitcondition/{identity.uuid('signal')}"
    if kind == "OS::Heat::SwiftSignalHandle":
        return f"https://swift.rehearsal.test/v1/AUTH_rehearsal/{physical}"
    if kind == "OS::Nova::FloatingIPAssociation":
        return identity.physical_name()
    return identity.own_name if kind in _WITHOUT_ID else physical
