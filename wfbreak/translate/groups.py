"""The members of a group: the definitions that Heat makes of a group's properties.

A group is a stack whose template Heat writes itself (heat/engine/resources/openstack/heat:
resource_group, resource_chain, autoscaling_group, instance_group, software_deployment). The values
of a member's properties belong to the stack that the group is in; how many members there are must
be known while translating, because each is a task.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wfbreak.translate import batching, membership
from wfbreak.translate.batching import IN_CLOUDFORMATION, IN_HOT, Batches, Policy
from wfbreak.translate.group_properties import GroupProperties, Surroundings
from wfbreak.translate.membership import Membership
from wfbreak.translate.template import Definition, Dependency, Family
from wfbreak.translate.values import (
    Call,
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Value,
)

FAMILIES = {
    "OS::Heat::ResourceGroup": Family.GROUP,
    "OS::Heat::ResourceChain": Family.CHAIN,
    "OS::Heat::AutoScalingGroup": Family.SCALING,
    "OS::Heat::InstanceGroup": Family.INSTANCES,
    "AWS::AutoScaling::AutoScalingGroup": Family.INSTANCES,
    "OS::Heat::SoftwareDeploymentGroup": Family.DEPLOYMENTS,
    "OS::Heat::SoftwareDeployments": Family.DEPLOYMENTS,
}
"""The types that are groups."""

INDEX = "group_index"
"""The function that puts a member's number into values that are known only in the engine."""

_INSTANCE = "AWS::EC2::Instance"
_DEPLOYMENT = "OS::Heat::SoftwareDeployment"


@dataclass(frozen=True, slots=True)
class Group:
    """The members as definitions, and in which batches (own names; none: in one) they are made or
    changed: see ``template.Nested``."""

    members: tuple[Definition, ...]
    skipped: tuple[str, ...] = ()
    batches: Batches = ()
    pause: float = 0.0


def members(definition: Definition, kind: str, around: Surroundings, most: int) -> Group:
    """The members of the group that ``definition`` describes, of the type ``kind``.

    :raises GroupError: if the properties are not such a group's, or need what is not known yet,
        or there are more than ``most`` members.
    """
    return _FAMILIES[FAMILIES[kind]](GroupProperties(definition, around, most))


def _resource_group(group: GroupProperties) -> Group:
    group.only("count", "index_var", "resource_def", "removal_policies", "removal_policies_mode")
    count = group.integer("count", 1)
    group.check_count(count, group.value("count"))
    index = group.plain("index_var", group.value("index_var"), "%index%")
    if not isinstance(index, str) or len(index) < 3:
        raise group.wrong("'index_var' must be text of at least 3 characters")
    mode = group.plain("removal_policies_mode", group.value("removal_policies_mode"), "append")
    skipped = membership.removed(group.past, _skipped(group), keep=mode != "update")
    names = (str(number) for number in itertools.count() if str(number) not in skipped)
    kind, properties, metadata = group.definition_of_members("resource_def")
    found = tuple(
        group.member(name, kind, _numbered(properties, index, name), metadata)
        for name in itertools.islice(names, count)
    )
    return Group(found, skipped, *_by_update_policy(group, found))


def _skipped(group: GroupProperties) -> Iterator[object]:
    """The members that removal policies take away."""
    policies = group.plain("removal_policies", group.value("removal_policies"), [])
    for policy in policies if isinstance(policies, list) else ():
        names = policy.get("resource_list") if isinstance(policy, dict) else None
        yield from names if isinstance(names, list) else ()


def _numbered(value: Value, index: str, name: str) -> Value:
    """``value`` with the member's number in place of the index variable, in all text but keys."""
    match value:
        case Literal(str() as text, position):
            return Literal(text.replace(index, name), position)
        case ListValue(items, position):
            return ListValue(tuple(_numbered(item, index, name) for item in items), position)
        case MapValue(entries):
            return value.with_entries(
                {key: _numbered(item, index, name) for key, item in entries.items()}
            )
        case Literal() | ResourceRef():
            return value
    position = value.position
    return Call(INDEX, (value, Literal(index, position), Literal(name, position)), position)


def _by_update_policy(
    group: GroupProperties, members: Sequence[Definition]
) -> tuple[Batches, float]:
    """The batches, and the pause between, by ``batch_create`` or ``rolling_update``."""
    policies = _entries(group.definition.update_policy)
    if group.past is not None:
        policy = group.policy(policies.get("rolling_update"), IN_HOT)
        return _rolling(group, members, policy, batching.of_update)
    policy = group.policy(policies.get("batch_create"), IN_HOT)
    if policy is None:
        return (), 0.0
    return batching.of_creation([member.own_name for member in members], policy), policy.pause


def _rolling(
    group: GroupProperties,
    members: Sequence[Definition],
    policy: Policy | None,
    cut: Callable[[Sequence[str], Membership, Policy], Batches],
) -> tuple[Batches, float]:
    """The batches of an update, if one of the members may change; Heat only resizes otherwise."""
    past = group.past
    if policy is None or past is None or not past.may_change(members):
        return (), 0.0
    names = [member.own_name for member in members]
    return cut(names, past, policy), policy.pause


def _chain(group: GroupProperties) -> Group:
    group.only("resources", "concurrent", "resource_properties")
    types = group.needed("resources")
    items: tuple[Value, ...]
    if isinstance(types, ListValue):
        items = types.items
    else:
        plain = group.plain("resources", types)
        if not isinstance(plain, list):
            raise group.wrong("'resources' must be a list of types", types)
        items = tuple(Literal(item, types.position) for item in plain)
    group.check_count(len(items), types)
    properties = group.value("resource_properties") or MapValue({}, group.definition.position)
    concurrent = group.plain("concurrent", group.value("concurrent"), False)
    if isinstance(concurrent, str):
        concurrent = concurrent.lower() == "true"
    found: list[Definition] = []
    for number, item in enumerate(items):
        kind = group.member_type(item)
        before = () if concurrent or not found else (Dependency(found[-1].name, kind.position),)
        found.append(group.member(str(number), kind, properties, None, before))
    return Group(tuple(found))


def _scaling(group: GroupProperties) -> Group:
    group.only(
        "resource", "max_size", "min_size", "cooldown", "desired_capacity", "rolling_updates"
    )
    least, most = group.integer("min_size"), group.integer("max_size")
    wished = group.integer("desired_capacity", least) or least
    if not least <= wished <= most:
        raise group.wrong(
            f"the size {wished} is not between min_size ({least}) and max_size ({most})",
            group.value("desired_capacity"),
        )
    group.check_count(wished, group.value("desired_capacity") or group.value("min_size"))
    kind, properties, metadata = group.definition_of_members("resource")
    names = membership.scaled(group.past, wished)
    found = tuple(group.member(name, kind, properties, metadata) for name in names)
    policy = group.policy(group.value("rolling_updates"), IN_HOT) or Policy(1)
    return Group(found, (), *_rolling(group, found, policy, batching.of_scaled))


def _instances(group: GroupProperties) -> Group:
    size = group.value("Size") or group.value("DesiredCapacity") or group.value("MinSize")
    name = next(
        (n for n in ("Size", "DesiredCapacity", "MinSize") if group.value(n) is size), "Size"
    )
    count = group.integer(name)
    group.check_count(count, size)
    reference = group.value("LaunchConfigurationName")
    configuration = (
        group.around.resource(reference.resource) if isinstance(reference, ResourceRef) else None
    )
    if configuration is None:
        raise group.wrong(
            "'LaunchConfigurationName' must be a reference to a launch configuration", reference
        )
    given = _map(configuration.properties)
    entries = {name: value for name, value in given.entries.items() if name != "InstanceId"}
    kind = Literal(_INSTANCE, group.definition.type_position)
    every = given.with_entries({**entries, "Tags": _tags(group)})
    found = tuple(
        group.member(name, kind, every, configuration.metadata)
        for name in membership.scaled(group.past, count)
    )
    policies = _entries(group.definition.update_policy)
    written = policies.get("RollingUpdate") or policies.get("AutoScalingRollingUpdate")
    policy = group.policy(written, IN_CLOUDFORMATION)
    return Group(found, (), *_rolling(group, found, policy, batching.of_scaled))


def _entries(value: Value | None) -> Mapping[str, Value]:
    return value.entries if isinstance(value, MapValue) else {}


def _map(properties: Value) -> MapValue:
    """Properties as a map; what only the run knows has none that are known."""
    return properties if isinstance(properties, MapValue) else MapValue({}, properties.position)


def _tags(group: GroupProperties) -> Value:
    """The group's tags and, unless one of them does it, one that tells metering the group."""
    tags = group.value("Tags")
    items = tags.items if isinstance(tags, ListValue) else ()
    position = group.definition.position
    for item in items:
        key = item.entries.get("Key") if isinstance(item, MapValue) else None
        if isinstance(key, Literal) and str(key.value).startswith("metering."):
            return ListValue(items, position)
    name = ParameterRef("OS::stack_name", (), position, group.definition.name)
    own = MapValue({"Key": Literal("metering.groupname", position), "Value": name}, position)
    return ListValue((*items, own), position)


def _deployments(group: GroupProperties) -> Group:
    servers = group.around.attribute(group.needed("servers"))
    if not isinstance(servers, MapValue):
        plain = group.plain("servers", servers)
        if not isinstance(plain, dict):
            raise group.wrong("'servers' must be a map of names and servers", servers)
        servers = MapValue(
            {k: Literal(v, servers.position) for k, v in plain.items()}, servers.position
        )
    group.check_count(len(servers.entries), servers)
    given = _map(group.definition.properties)
    common = {name: value for name, value in given.entries.items() if name != "servers"}
    every = {name: {**common, "server": server} for name, server in servers.entries.items()}
    kind = Literal(_DEPLOYMENT, group.definition.type_position)
    found = tuple(
        group.member(name, kind, given.with_entries(entries)) for name, entries in every.items()
    )
    return Group(found, (), *_by_update_policy(group, found))


_FAMILIES: dict[Family, Callable[[GroupProperties], Group]] = {
    Family.GROUP: _resource_group,
    Family.CHAIN: _chain,
    Family.SCALING: _scaling,
    Family.INSTANCES: _instances,
    Family.DEPLOYMENTS: _deployments,
}
