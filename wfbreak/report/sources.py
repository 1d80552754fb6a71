"""The files that a stack was translated from, as far as they are at hand, with hidden values out.

The engine keeps the workflow, which says for each resource and breakpoint the file and the line; it
does not keep the files. They are read where the person who asks for a report has them. A workflow
may be a stranger's, so nothing is read outside of the folder that was named, and nothing is shown
that is no template, environment or list of breakpoints. Whether a file is still what it was is seen
by its resources: each must stand where the workflow says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wfbreak.diagnostics import Diagnostics, ExitStatus, WfbreakError
from wfbreak.report.hiding import Unreadable, hidden_names, hide
from wfbreak.status import StackStatus
from wfbreak.translate import load
from wfbreak.translate.certificate import Certificate, certify
from wfbreak.translate.nodes import MapNode

_PLACE = re.compile(r"\A(?P<file>.+):(?P<line>\d+):(?P<column>\d+)\Z", re.DOTALL)
_GROUPS, _STACK = ("OS::Heat::", "AWS::"), "OS::Heat::Stack"
_LARGEST = 4 * 1024 * 1024
_KINDS = {
    "heat_template_version": "template",
    "HeatTemplateFormatVersion": "template",
    "AWSTemplateFormatVersion": "template",
    "breakpoints": "breakpoints",
    "resource_registry": "environment",
    "parameters": "environment",
    "parameter_defaults": "environment",
    "parameter_merge_strategies": "environment",
    "encrypted_param_names": "environment",
    "event_sinks": "environment",
}


class SourceError(WfbreakError):
    """A file that was asked for cannot be shown."""

    exit_status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, as a workflow tells it."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is shown. ``lines`` are without what is hidden; ``missing`` says why there are
    none; ``is_other`` if it is not what was translated."""

    name: str
    kind: str = ""
    lines: tuple[str, ...] = ()
    missing: str = ""
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    files: tuple[File, ...]
    certificate: Certificate | None


NONE = Sources((), None)
"""What is shown where nobody wants files to be."""


def place(text: str) -> Place | None:
    """What ``FILE:LINE:COLUMN`` says; ``None`` if a text is none, such as an option's."""
    found = _PLACE.match(text)
    if found is None or text.startswith("--"):
        return None
    return Place(found["file"], int(found["line"]), int(found["column"]))


def read(
    status: StackStatus, inputs: Iterable[str], folder: Path, more: Iterable[str] = ()
) -> Sources:
    """The files of a stack, from ``folder``. ``inputs`` are the workflow's: a hidden parameter is
    one. ``more`` are environments that the workflow does not tell of.

    :raises SourceError: if one of ``more`` cannot be shown.
    """
    named = [resource.source for resource in status.resources]
    for stop in status.breakpoints:
        named += [stop.source, *stop.armed_by]
    places = [found for text in named if (found := place(text)) is not None]
    texts: dict[str, str] = {}
    missing: dict[str, str] = {}
    kinds: dict[str, str] = {}
    more = list(more)
    for name in dict.fromkeys([*(p.file for p in places), *more]):
        try:
            texts[name] = _text(name, Path(name) if name in more else folder / name, folder, more)
            kinds[name] = _kind(name, texts[name])
        except SourceError as error:
            if name in more:
                raise
            texts.pop(name, None)
            missing[name] = str(error)
    hidden = {name.rpartition(".")[2] for name in inputs} | hidden_names(texts.values())
    safe = hide(texts, hidden)
    files = [
        File(
            name,
            kinds[name],
            tuple(safe[name].splitlines()),
            is_other=not _is_as_it_was(status, name, texts[name].splitlines()),
        )
        for name in safe
    ]
    files += [File(name, missing=why) for name, why in missing.items()]
    certificate = None
    if texts and not missing and not any(file.is_other for file in files):
        certificate = certify(
            Diagnostics(texts=texts),
            [name for name, kind in kinds.items() if kind == "environment"],
            [name for name, kind in kinds.items() if kind == "breakpoints"],
        )
    return Sources(tuple(files), certificate)


def _text(name: str, path: Path, folder: Path, more: Iterable[str]) -> str:
    if name not in more and not path.resolve().is_relative_to(folder.resolve()):
        raise SourceError(f"{name} lies outside of {folder}, from where files are read")
    try:
        if path.stat().st_size > _LARGEST:
            raise SourceError(f"{name} is larger than {_LARGEST // 1024 // 1024} MiB")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SourceError(f"{name} cannot be read: {reason}") from None


def _kind(name: str, text: str) -> str:
    """What a file is, by its keys: nothing else is shown."""
    loaded = load.load(load.Source(name, text), Diagnostics())
    if loaded is not None and isinstance(loaded.root, MapNode):
        try:
            hidden_names([text])
        except Unreadable as error:
            raise SourceError(f"{name} cannot be read: {error}") from None
        for key, kind in _KINDS.items():
            if key in loaded.root.entries:
                return kind
    raise SourceError(f"{name} is neither a template nor an environment nor a list of breakpoints")


def _is_as_it_was(status: StackStatus, name: str, lines: list[str]) -> bool:
    """Whether each resource stands where the workflow says."""
    types = {resource.name: resource.type for resource in status.resources}
    for resource in status.resources:
        found = place(resource.source)
        around, _, own = resource.name.rpartition("/")
        # A group's member stands where the group defines all of them; what goes away stood in the
        # template of before.
        is_member = types.get(around, "").startswith(_GROUPS) and types[around] != _STACK
        if found is None or found.file != name or is_member or resource.action == "delete":
            continue
        line = lines[found.line - 1] if 0 < found.line <= len(lines) else ""
        if not line[found.column - 1 :].lstrip("'\"?{[ ").startswith(own[:1]) or own not in line:
            return False
    return True


def workflow_inputs(body: Mapping[str, object]) -> list[str]:
    """The inputs of a workflow that have no default: what is hidden, or was not known."""
    listed = body.get("input", ())
    return [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
