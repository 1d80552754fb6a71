"""Open a template: which format and version it is of, whether it fits, what parameters it declares.

That is what the environment needs to be read; the rest of the template is read with it (``model``).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate import cfn, load, schema
from wfbreak.translate.limits import HEATS, Limits
from wfbreak.translate.load import Loaded, Source
from wfbreak.translate.nodes import ListNode, MapNode, Node, plain
from wfbreak.translate.parameters import Declaration, declare
from wfbreak.translate.versions import NAMES, Version


def version_of(loaded: Loaded, diagnostics: Diagnostics) -> Version | None:
    """The template's HOT version; ``None``, with a diagnostic, if it is none that Heat has."""
    root = loaded.root
    if not isinstance(root, MapNode):
        diagnostics.add(Code.NOT_HOT, "a template is a map", root.position)
        return None
    for key in (key for key, _ in cfn.FORMATS):
        if key in root.entries:
            return _cfn_version(key, root.entries[key], diagnostics)
    node = root.entries.get("heat_template_version")
    if node is None:
        diagnostics.add(
            Code.NOT_HOT,
            f"{loaded.source.name} is not a template: it has no heat_template_version",
            root.position,
            hint=f"a template begins with 'heat_template_version: {max(Version)}'",
        )
        return None
    text = str(plain(node))
    if text not in NAMES:
        near = difflib.get_close_matches(text, NAMES, n=1)
        diagnostics.add(
            Code.UNKNOWN_VERSION,
            f"there is no template version '{text}'",
            node.position,
            hint=(f"did you mean '{near[0]}'? " if near else "") + f"known: {', '.join(NAMES)}",
        )
        return None
    return NAMES[text]


def _check_groups(
    loaded: Loaded, declared: Mapping[str, Declaration], diagnostics: Diagnostics
) -> None:
    """Each parameter stands in one group at most (heat/engine/parameter_groups.py)."""
    root = loaded.root
    groups = root.entries.get("parameter_groups") if isinstance(root, MapNode) else None
    seen: set[str] = set()
    for group in groups.items if isinstance(groups, ListNode) else ():
        names = group.entries.get("parameters") if isinstance(group, MapNode) else None
        for item in names.items if isinstance(names, ListNode) else ():
            name = str(plain(item))
            if name in declared and name not in seen:
                seen.add(name)
                continue
            problem = "stands in two groups" if name in seen else "is not declared"
            diagnostics.add(
                Code.PARAMETER_DEFINITION, f"the parameter '{name}' {problem}", item.position
            )


def _cfn_version(key: str, node: Node, diagnostics: Diagnostics) -> Version | None:
    version = cfn.FORMATS.get((key, str(plain(node))))
    if version is None:
        known = ", ".join(value for other, value in cfn.FORMATS if other == key)
        diagnostics.add(
            Code.UNKNOWN_VERSION,
            f"there is no {key} '{plain(node)}'",
            node.position,
            hint=f"known: {known}",
        )
    return version


@dataclass(frozen=True, slots=True)
class Opened:
    """A template as a file has it, with the parameters that it declares: what the environment
    pass needs of it."""

    loaded: Loaded
    version: Version
    declared: Mapping[str, Declaration]


def open_template(
    source: Source, diagnostics: Diagnostics, limits: Limits = HEATS
) -> Opened | None:
    """Read a template's text; ``None``, with diagnostics, if it is none."""
    most = limits.template_size
    if len(source.text) > most:
        diagnostics.add(
            Code.TOO_LARGE,
            f"{source.name} has {len(source.text):,} characters, and Heat takes {most:,}",
            Position(source.name, 1, 1),
            hint="a type can be a template in a file of its own; get_file reads long text, "
            "and --max-template-size tells what your cloud's Heat takes",
        )
        return None
    loaded = load.load(source, diagnostics)
    version = version_of(loaded, diagnostics) if loaded is not None else None
    if loaded is None or version is None:
        return None
    is_cfn = version in cfn.FORMATS.values()
    if not schema.validate(loaded, "cfn" if is_cfn else "template", diagnostics):
        return None
    if is_cfn:
        loaded = cfn.as_hot(loaded)
    declared = declare(section(loaded, "parameters"), version, diagnostics)
    _check_groups(loaded, declared, diagnostics)
    return Opened(loaded, version, declared)


def section(loaded: Loaded, name: str) -> MapNode | None:
    """A section of the template, if it has one."""
    node = loaded.root.entries.get(name) if isinstance(loaded.root, MapNode) else None
    return node if isinstance(node, MapNode) else None
