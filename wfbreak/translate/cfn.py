"""A CloudFormation template as the HOT template that says the same.

Heat takes ``AWSTemplateFormatVersion: 2010-09-09`` and ``HeatTemplateFormatVersion: 2012-12-12``
(heat/engine/cfn/template.py). Sections and keys are HOT's with other names, and a parameter's
constraints stand beside it; so this is renaming, every node with its place, and the functions go by
the format's version like any other's. The mappings are kept for ``Fn::FindInMap``.
"""

from __future__ import annotations

from collections.abc import Mapping

from wfbreak.translate.load import Loaded
from wfbreak.translate.nodes import ListNode, MapNode, Node, Scalar, plain
from wfbreak.translate.versions import Version

FORMATS = {
    ("AWSTemplateFormatVersion", "2010-09-09"): Version.CFN_2010_09_09,
    ("HeatTemplateFormatVersion", "2012-12-12"): Version.CFN_2012_12_12,
}
"""The key and its value that make a file a template of such a format."""

MAPPINGS = "mappings"
"""The section of the renamed template that HOT does not have."""

_SECTIONS = {
    "AWSTemplateFormatVersion": "heat_template_version",
    "HeatTemplateFormatVersion": "heat_template_version",
    "Description": "description",
    "Mappings": MAPPINGS,
    "Parameters": "parameters",
    "Conditions": "conditions",
    "Resources": "resources",
    "Outputs": "outputs",
}
_RESOURCE = {
    "Type": "type",
    "Properties": "properties",
    "Metadata": "metadata",
    "DependsOn": "depends_on",
    "DeletionPolicy": "deletion_policy",
    "UpdatePolicy": "update_policy",
    "Description": "description",
    "Condition": "condition",
}
_OUTPUT = {"Description": "description", "Value": "value", "Condition": "condition"}
_PARAMETER = {
    "Type": "type",
    "Default": "default",
    "Description": "description",
    "Label": "label",
    "NoEcho": "hidden",
}
_LIMITS = {
    "length": {"MinLength": "min", "MaxLength": "max"},
    "range": {"MinValue": "min", "MaxValue": "max"},
}


def as_hot(loaded: Loaded) -> Loaded:
    """The template with HOT's names. It must fit ``schemas/cfn.json``."""
    root = loaded.root
    assert isinstance(root, MapNode)
    renamed = _renamed(root, _SECTIONS)
    for section, read in (
        ("parameters", _parameter),
        ("resources", lambda node: _renamed(node, _RESOURCE)),
        ("outputs", lambda node: _renamed(node, _OUTPUT)),
    ):
        node = renamed.entries.get(section)
        if isinstance(node, MapNode):
            entries = {
                name: read(item) if isinstance(item, MapNode) else item
                for name, item in node.entries.items()
            }
            renamed.entries[section] = MapNode(entries, node.keys, node.position)
    return Loaded(loaded.source, renamed)


def _renamed(node: MapNode, names: Mapping[str, str]) -> MapNode:
    return MapNode(
        {names[key]: item for key, item in node.entries.items() if key in names},
        {names[key]: position for key, position in node.keys.items() if key in names},
        node.position,
    )


def _parameter(node: MapNode) -> MapNode:
    """A parameter's declaration; its constraints in a list, as HOT has them."""
    declared = _renamed(node, _PARAMETER)
    if "hidden" in declared.entries:
        hidden = declared.entries["hidden"]
        is_hidden = str(plain(hidden)).lower() == "true"
        declared.entries["hidden"] = Scalar(is_hidden, hidden.position)
    constraints: list[Node] = []
    for kind, names in _LIMITS.items():
        limits = _renamed(node, names)
        if limits.entries:
            constraints.append(_constraint(node, kind, limits))
    for key, kind in (("AllowedValues", "allowed_values"), ("AllowedPattern", "allowed_pattern")):
        if key in node.entries:
            constraints.append(_constraint(node, kind, node.entries[key]))
    if constraints:
        declared.entries["constraints"] = ListNode(tuple(constraints), node.position)
        declared.keys["constraints"] = node.position
    return declared


def _constraint(parameter: MapNode, kind: str, node: Node) -> MapNode:
    entries = {kind: node}
    if "ConstraintDescription" in parameter.entries:
        entries["description"] = parameter.entries["ConstraintDescription"]
    return MapNode(entries, dict.fromkeys(entries, node.position), node.position)
