"""``wfbreak.nested``: the end of a stack inside of a stack.

The resources of a nested template or a group are tasks like all others. This one comes after them:
it is the resource that they are, with the reference and the attributes that it has for others.
Like the other actions its result depends on its input and on the execution's id alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mistral_lib import actions

from wfbreak.actions.context import execution_id, project_id
from wfbreak.actions.identity import Identity, nested_stack_id, nested_stack_name

_BY_NAME = frozenset({"scaling", "instances"})
"""Groups whose ``get_resource`` is their name (instance_group.py, ``get_reference_id``)."""


class Nested(actions.Action):  # type: ignore[misc]  # the library has no types
    """Returns a nested stack's reference, id and attributes.

    :param resource: its whole name, from the outermost stack inwards.
    :param type: its type; the file of a nested template.
    :param family: ``template``, ``stack``, ``group``, ``chain``, ``scaling``, ``instances`` or
        ``deployments``.
    :param stack: the outermost stack's name.
    :param source: where it stands in the template, ``FILE:LINE:COLUMN``.
    :param needs: the tasks that come right before it, by the template.
    :param attributes: the attributes that are read, resolved.
    :param skipped: the names that a group gives to no member any more.
    :param reference: what ``get_resource`` gives, where the nested template says so itself.
    """

    def __init__(
        self,
        resource: str,
        type: str,  # the template's own word
        family: str,
        stack: str | None = None,
        source: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        reference: Any = None,
        needs: Any = None,
        skipped: Any = None,
    ) -> None:
        super().__init__()
        self.resource = resource
        self.type = type
        self.family = family
        self.stack = stack
        self.source = source
        self.attributes = attributes
        self.reference = reference
        self.needs = needs
        self.skipped = skipped

    def run(self, context: Any) -> dict[str, Any]:
        """``{"ref": TEXT, "physical_id": TEXT, "attributes": {NAME: VALUE}}``."""
        execution = execution_id(context)
        stack = self.stack or "stack"
        physical = nested_stack_id(execution, self.resource)
        return {
            "ref": self._reference(context, execution, stack, physical),
            "physical_id": physical,
            "attributes": dict(self.attributes or {}),
        }

    def _reference(self, context: Any, execution: str, stack: str, physical: str) -> Any:
        if self.reference is not None:
            return self.reference
        if self.family in _BY_NAME:
            return Identity(execution, stack, self.resource, self.type).physical_name()
        if self.family != "template":
            return physical
        project = project_id(context) or ""
        name = nested_stack_name(execution, stack, self.resource)
        return f"arn:openstack:heat::{project}:stacks/{name}/{physical}"
