"""What ``get_attr`` and ``get_resource`` give of a resource that is a stack.

A nested template shows its outputs, a group lists what its members have. Heat computes these in the
child stack (``get_attribute`` and ``_nested_output_defns`` of the types in heat/engine/resources/
openstack/heat, and template_resource.py); here each is a value made of the members' own values,
which the task that ends the nested stack computes once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate.template import Family, Nested, Resource, Template
from wfbreak.translate.values import (
    AttributeRef,
    Call,
    ListValue,
    Literal,
    MapValue,
    ParameterRef,
    ResourceRef,
    Value,
    references,
)

STACK_ID = "OS::stack_id"
"""The output that stands for the resource itself, where a nested template has it."""

ALL = "*"
"""The key of all attributes at once."""


class NoAttribute(Exception):
    """The stack has no such attribute; the text says what it has."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """An attribute that is read: ``key`` names it in the result of the stack's task, ``value`` is
    what it is made of, ``rest`` the part of the path that is followed into it by the reader."""

    key: str
    value: Value
    rest: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What of a nested stack is read from outside. ``reference`` is what ``get_resource`` gives,
    if that is not an id of its own."""

    attributes: dict[str, Value] = field(default_factory=dict)
    reference: Value | None = None


def faces(template: Template, values: Iterable[Value], diagnostics: Diagnostics) -> dict[str, Face]:
    """The face of each nested stack, by its whole name.

    ``values`` are all values that may read an attribute: of resources of all levels and of the
    outermost stack's outputs. An attribute that does not exist is reported.
    """
    stacks = {resource.name: resource for resource in template.walk() if resource.nested}
    found = {name: Face({}, _reference(stack)) for name, stack in stacks.items()}
    waiting = [*values, *(face.reference for face in found.values() if face.reference)]
    while waiting:
        for reference in references(waiting.pop()):
            if not isinstance(reference, AttributeRef) or reference.resource not in stacks:
                continue
            stack = stacks[reference.resource]
            assert stack.nested is not None
            try:
                exposed = expose(stack, stack.nested, reference)
            except NoAttribute as error:
                diagnostics.add(Code.UNKNOWN_REFERENCE, str(error), reference.position)
                continue
            attributes = found[stack.name].attributes
            if exposed.key not in attributes:
                attributes[exposed.key] = exposed.value
                waiting.append(exposed.value)
    return found


def expose(resource: Resource, nested: Nested, reference: AttributeRef) -> Exposed:
    """How the stack ``resource`` has what ``reference`` reads.

    :raises NoAttribute: if it has no such attribute.
    """
    return _FAMILIES[nested.family](_Reading(resource, nested, reference))


def _reference(resource: Resource) -> Value | None:
    nested = resource.nested
    if nested is None or nested.family is not Family.TEMPLATE:
        return None
    output = nested.template.outputs.get(STACK_ID)
    return output.value if output else None


class _Reading:
    """One ``get_attr`` on a nested stack."""

    def __init__(self, resource: Resource, nested: Nested, reference: AttributeRef) -> None:
        self.resource = resource
        self.nested = nested
        self.attribute = reference.attribute
        self.path = reference.path
        self.position: Position = reference.position

    @property
    def name(self) -> str | None:
        """The attribute's name; none if it is computed, or all are read."""
        return str(self.attribute.value) if isinstance(self.attribute, Literal) else None

    def key(self, *parts: Value) -> str:
        """Heat's name for the output of a child stack that serves an attribute and its path."""
        return ", ".join(map(_part, parts))

    def map(self, entries: Mapping[str, Value]) -> MapValue:
        return MapValue(dict(entries), self.position)

    def list(self, items: Iterable[Value]) -> ListValue:
        return ListValue(tuple(items), self.position)

    def references(self) -> dict[str, Value]:
        """``get_resource`` of each member, by the member's own name."""
        return {own: ResourceRef(name, self.position) for own, name in self.nested.members.items()}

    def of_members(self, attribute: Value, path: tuple[Value, ...]) -> dict[str, Value]:
        """``get_attr`` of each member, by the member's own name."""
        return {
            own: AttributeRef(name, attribute, path, self.position)
            for own, name in self.nested.members.items()
        }

    def member(self, own: str, attribute: str | None, path: tuple[Value, ...]) -> Value:
        """What ``resource.NAME.ATTRIBUTE`` gives."""
        name = self.nested.members.get(own)
        if name is None:
            raise self.missing(f"no member '{own}'", self.nested.members)
        steps = (*((Literal(attribute, self.position),) if attribute else ()), *path)
        if not steps:
            return ResourceRef(name, self.position)
        return AttributeRef(name, steps[0], steps[1:], self.position)

    def missing(self, what: str, known: Iterable[str]) -> NoAttribute:
        return NoAttribute(
            f"'{self.resource.name}' ({self.nested.family.value}) has {what}; it has: "
            f"{', '.join(known) or 'none'}"
        )

    def needs_name(self) -> NoAttribute:
        return NoAttribute(
            f"which attribute of '{self.resource.name}' ({self.nested.family.value}) is read must "
            "be known while translating"
        )


def _part(value: Value) -> str:
    match value:
        case Literal(plain):
            return str(plain)
        case ParameterRef(name):
            return f"${name}"
    return f"@{value.position}"


def _template(reading: _Reading) -> Exposed:
    outputs = reading.nested.template.outputs
    name = reading.name
    if name is None:
        every = {key: output.value for key, output in outputs.items()}
        steps = () if reading.attribute is None else (reading.attribute, *reading.path)
        return Exposed(ALL, reading.map(every), steps)
    if name.startswith("resource."):
        return _of_one(reading, name)
    if name not in outputs:
        raise reading.missing(f"no output '{name}'", outputs)
    return Exposed(name, outputs[name].value, reading.path)


def _of_one(reading: _Reading, name: str) -> Exposed:
    own, _, attribute = name.removeprefix("resource.").partition(".")
    key = reading.key(Literal(name, reading.position), *reading.path)
    return Exposed(key, reading.member(own, attribute or None, reading.path))


def _stack(reading: _Reading) -> Exposed:
    outputs = reading.nested.template.outputs
    every = reading.map({key: output.value for key, output in outputs.items()})
    stack_name = ParameterRef("OS::stack_name", (), reading.position, reading.resource.name)
    match reading.name:
        case "outputs":
            return Exposed("outputs", every, reading.path)
        case "stack_name":
            return Exposed("stack_name", stack_name, reading.path)
        case None if reading.attribute is None:
            return Exposed(ALL, reading.map({"outputs": every, "stack_name": stack_name}))
    raise reading.missing(f"no attribute '{reading.name}'", ("stack_name", "outputs"))


def _group(reading: _Reading) -> Exposed:
    name = reading.name
    if name is None or reading.attribute is None:
        raise reading.needs_name()
    if name == "refs":
        return Exposed(name, reading.list(reading.references().values()), reading.path)
    if name == "refs_map":
        return Exposed(name, reading.map(reading.references()), reading.path)
    if name == "removed_rsrc_list" and reading.nested.family is Family.GROUP:
        skipped = (Literal(number, reading.position) for number in reading.nested.skipped)
        return Exposed(name, reading.list(skipped), reading.path)
    if name == "attributes":
        return _map_of_members(reading)
    if name.startswith("resource."):
        return _of_one(reading, name)
    items = reading.of_members(reading.attribute, reading.path)
    return Exposed(reading.key(reading.attribute, *reading.path), reading.list(items.values()))


def _map_of_members(reading: _Reading) -> Exposed:
    assert reading.attribute is not None
    if not reading.path:
        raise NoAttribute(
            f"'{reading.name}' of '{reading.resource.name}' needs the name of the "
            "members' attribute after it"
        )
    items = reading.of_members(reading.path[0], reading.path[1:])
    return Exposed(reading.key(reading.attribute, *reading.path), reading.map(items))


def _scaling(reading: _Reading) -> Exposed:
    name = reading.name
    if name is None or reading.attribute is None:
        raise reading.needs_name()
    if name == "current_size":
        size = Literal(len(reading.nested.members), reading.position)
        return Exposed(name, size)
    if name == "outputs":
        return _map_of_members(reading)
    if name == "outputs_list":
        exposed = _map_of_members(reading)
        assert isinstance(exposed.value, MapValue)
        return Exposed(exposed.key, reading.list(exposed.value.entries.values()))
    if name.startswith("resource."):
        return _of_nth(reading, name)
    if name in ("refs", "refs_map"):
        return _group(reading)
    known = ("outputs", "outputs_list", "current_size", "refs", "refs_map")
    raise reading.missing(f"no attribute '{name}'", known)


def _of_nth(reading: _Reading, name: str) -> Exposed:
    """Members by their place: their names are random in Heat (autoscaling_group.py)."""
    place, _, attribute = name.removeprefix("resource.").partition(".")
    members = list(reading.nested.members)
    if not place.isdigit() or int(place) >= len(members):
        raise reading.missing(f"no member '{place}'", map(str, range(len(members))))
    key = reading.key(Literal(name, reading.position), *reading.path)
    return Exposed(key, reading.member(members[int(place)], attribute or None, reading.path))


def _instances(reading: _Reading) -> Exposed:
    if reading.name != "InstanceList":
        raise reading.missing(f"no attribute '{reading.name}'", ("InstanceList",))
    position = reading.position
    addresses = reading.of_members(Literal("PublicIp", position), ()).values()
    if not addresses:
        return Exposed("InstanceList", Literal(None, position))
    arguments = (Literal(",", position), reading.list(addresses))
    return Exposed("InstanceList", Call("list_join", arguments, position))


_OF_DEPLOYMENTS = {
    "deploy_stdouts": "deploy_stdout",
    "deploy_stderrs": "deploy_stderr",
    "deploy_status_codes": "deploy_status_code",
}


def _deployments(reading: _Reading) -> Exposed:
    name = reading.name
    if name is None:
        raise reading.needs_name()
    attribute = Literal(_OF_DEPLOYMENTS.get(name, name), reading.position)
    return Exposed(name, reading.map(reading.of_members(attribute, ())), reading.path)


_FAMILIES: dict[Family, Callable[[_Reading], Exposed]] = {
    Family.TEMPLATE: _template,
    Family.STACK: _stack,
    Family.GROUP: _group,
    Family.CHAIN: _group,
    Family.SCALING: _scaling,
    Family.INSTANCES: _instances,
    Family.DEPLOYMENTS: _deployments,
}
