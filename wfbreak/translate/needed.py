"""What the tasks need that only the run knows: parameters given at the start, attributes read.

One look over all values of all stacks, before anything is written: which inputs the workflow has,
which parameters of a nested template are computed when its turn comes, which attributes each
resource must report, and what nested stacks show to the outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wfbreak.diagnostics import Diagnostics
from wfbreak.translate import nested_attributes
from wfbreak.translate.dependencies import Entry
from wfbreak.translate.nested_attributes import Face
from wfbreak.translate.parameters import PROJECT_ID, Parameter
from wfbreak.translate.template import Template
from wfbreak.translate.values import AttributeRef, ParameterRef, Value, references

Key = tuple[str, str]
"""A parameter: the nested stack that it is of (empty for the outermost), and its name."""


@dataclass(frozen=True, slots=True)
class Needed:
    """``inputs`` are the parameters that the workflow is given, ``shared`` those that have another
    one's input, ``computed`` those that each nested
    template is given by its resource at run time, ``reads`` all attributes that are read, by the
    resource, ``faces`` what nested stacks show."""

    inputs: Mapping[Key, Parameter]
    shared: Mapping[Key, Key]
    project_id: bool
    computed: Mapping[str, tuple[Parameter, ...]]
    reads: Mapping[str, tuple[AttributeRef, ...]]
    faces: Mapping[str, Face]

    @property
    def entries(self) -> list[Entry]:
        """The nested stacks that begin with a task, which checks their parameters."""
        return [Entry(name) for name in self.computed]

    @property
    def any_at_start(self) -> bool:
        """Whether the workflow begins with a task that checks its inputs."""
        return bool(self.inputs) or self.project_id


def find(template: Template, diagnostics: Diagnostics, asked: Iterable[Value] = ()) -> Needed:
    """Look over the template and all that is nested in it, and over what else is ``asked``."""
    inputs: dict[Key, Parameter] = {}
    shared: dict[Key, Key] = {}
    computed: dict[str, tuple[Parameter, ...]] = {}
    for inner in template.templates():
        own = inner.parameters.values()
        for parameter in own:
            if parameter.is_input:
                _add_input(inputs, shared, (inner.path, parameter.schema.name), parameter)
        if given := tuple(p for p in own if p.given is not None):
            computed[inner.path] = given
    values = [*_values(template), *asked]
    faces = nested_attributes.faces(template, values, diagnostics)
    for face in faces.values():
        values += face.attributes.values()
        values += [face.reference] if face.reference is not None else []
    reads: dict[str, list[AttributeRef]] = {}
    project_id = False
    for value in values:
        for reference in references(value):
            if isinstance(reference, AttributeRef):
                reads.setdefault(reference.resource, []).append(reference)
            elif isinstance(reference, ParameterRef) and reference.name == PROJECT_ID:
                project_id = True
    return Needed(
        inputs,
        shared,
        project_id,
        computed,
        {name: tuple(found) for name, found in reads.items()},
        faces,
    )


def _add_input(
    inputs: dict[Key, Parameter], shared: dict[Key, Key], key: Key, parameter: Parameter
) -> None:
    """Members of a group have one input for a hidden parameter of theirs, if it is the same."""
    for other, before in inputs.items():
        same = (before.position, before.value) == (parameter.position, parameter.value)
        if other[0] and parameter.has_value and before.has_value and same:
            shared[key] = other
            return
    inputs[key] = parameter


def _values(template: Template) -> Iterator[Value]:
    """All values that become part of a task or of the workflow's output."""
    for resource in template.walk():
        if resource.external_id is not None:
            yield resource.external_id
        elif resource.nested is None:
            yield resource.properties
            yield resource.metadata
    for inner in template.templates():
        yield from (p.given for p in inner.parameters.values() if p.given is not None)
    for output in template.outputs.values():
        yield output.value


def known_inputs(
    needed: Needed, names: Mapping[Key, str]
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """By the inputs' names: the values that are known, the ids of those that lie in a key manager,
    and the inputs that are left."""
    inputs = [(names[key], parameter) for key, parameter in needed.inputs.items()]
    known = {name: p.value for name, p in inputs if p.has_value}
    lying = {name: p.secret for name, p in inputs if p.secret is not None}
    return known, lying, [name for name, _ in inputs if name not in known and name not in lying]
