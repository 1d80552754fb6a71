"""What Heat says of a stack that it lets go of (``openstack stack abandon``).

It is JSON: the stack's template, environment and files, and for each resource its id and state
(``prepare_abandon`` in heat/engine/stack.py, resource.py and stack_resource.py). A resource that is
a stack of its own has that stack's data in its place, without a type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from wfbreak import plain_yaml
from wfbreak.diagnostics import Code, Diagnostics, InputError, Position

_UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that Heat had. ``inside`` are those of the stack that it is, if it is one;
    without an ``ident`` nothing was made."""

    name: str
    type: str = ""
    ident: str | None = None
    is_whole: bool = True
    inside: Mapping[str, Resource] | None = None


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A stack that Heat has let go of. ``files`` are by the names that the template and the
    environment call them by."""

    name: str
    template: Mapping[str, Any]
    environment: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the template, the environment and what they name into a folder; the paths of the
        first two. They call the files by these paths then."""
        paths = {
            name: folder / f"{number}-{_UNSAFE.sub('_', name.rpartition('/')[2])}"
            for number, name in enumerate(self.files)
        }
        named = {name: str(path) for name, path in paths.items()}
        for name, text in self.files.items():
            paths[name].write_text(_with_names(text, named), encoding="utf-8")
        template, environment = folder / "template.json", folder / "environment.json"
        template.write_text(json.dumps(_renamed(self.template, named)), encoding="utf-8")
        environment.write_text(json.dumps(_renamed(self.environment, named)), encoding="utf-8")
        return template, environment


def read(path: str) -> Abandoned:
    """The data in a file.

    :raises InputError: if there is none.
    """
    diagnostics = Diagnostics()
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        found = _stack(data)
    except OSError as error:
        diagnostics.add(Code.UNREADABLE, f"{path}: {error.strerror}")
    except json.JSONDecodeError as error:
        where = Position(path, error.lineno, error.colno)
        diagnostics.add(Code.SCHEMA, f"it is not JSON: {error.msg}", where, hint=_HINT)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        # The text of an error can show what the data holds, and that can be a secret.
        what = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else str(error)
        diagnostics.add(
            Code.SCHEMA,
            "it is not what Heat says of a stack that it lets go of: " + what,
            Position(path, 1, 1),
            hint=_HINT,
        )
    else:
        return found
    raise InputError(diagnostics)


_HINT = "openstack stack abandon --output-file FILE STACK writes it, where Heat allows that"


def _stack(data: Any) -> Abandoned:
    if not isinstance(data, dict) or not isinstance(data["template"], dict):
        raise ValueError("a map with the stack's template is wanted")
    environment = data.get("environment") or {}
    known = ("parameters", "parameter_defaults", "resource_registry")
    return Abandoned(
        str(data["name"]),
        data["template"],
        {key: environment[key] for key in known if environment.get(key)},
        {str(name): str(text) for name, text in (data.get("files") or {}).items()},
        _resources(data["resources"]),
    )


def _resources(data: Any) -> dict[str, Resource]:
    if not isinstance(data, dict):
        raise ValueError("'resources' is no map")
    return {str(name): _resource(str(name), each) for name, each in data.items()}


def _resource(name: str, data: Any) -> Resource:
    if not isinstance(data, dict):
        raise ValueError(f"the resource '{name}' is no map")
    if "resources" in data:
        return Resource(name, ident=data.get("id"), inside=_resources(data["resources"]))
    if not data:
        return Resource(name)  # a stack of its own that was never made
    ident = data["resource_id"]
    is_whole = data["status"] == "COMPLETE" and data["action"] != "DELETE"
    return Resource(name, str(data["type"]), str(ident) if ident else None, is_whole)


def _with_names(text: str, named: Mapping[str, str]) -> str:
    """A file's text; of a template, with other names for the files that it names."""
    if not any(name in text for name in named):
        return text
    try:
        loaded = plain_yaml.load(text)
    except yaml.YAMLError:
        return text
    is_template = isinstance(loaded, dict) and "resources" in {str(key).lower() for key in loaded}
    return json.dumps(_renamed(loaded, named), default=str) if is_template else text


def _renamed(value: Any, named: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, named) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, named) for item in value]
    return named.get(value, value) if isinstance(value, str) else value
