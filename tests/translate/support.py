"""Translate small templates that stand in the tests themselves."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from wfbreak.diagnostics import Diagnostic, InputError
from wfbreak.translate import Request, Translation, translate

HEAD_OF_TESTS = "heat_template_version: 2018-08-31\n"


def write(folder: Path, **files: str | bytes) -> None:
    """Write files into a folder: ``template="…"`` becomes ``template.yaml``."""
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text).lstrip("\n"))


def made(folder: Path, **arguments: Any) -> Translation:
    """The translation of ``template.yaml`` in a folder, under the stack name ``stack``."""
    environments = tuple(str(folder / name) for name in arguments.pop("environments", ()))
    request = Request(str(folder / "template.yaml"), environments, stack="stack", **arguments)
    return translate(request)


def refused(folder: Path, **arguments: Any) -> list[Diagnostic]:
    """The findings of a translation that must fail."""
    with pytest.raises(InputError) as error:
        made(folder, **arguments)
    assert error.value.diagnostics.errors
    return list(error.value.diagnostics)
