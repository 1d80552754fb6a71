"""Write a file that a person has asked for: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from wfbreak.diagnostics import ExitStatus, WfbreakError


class OutputFileError(WfbreakError):
    """The file that was asked for cannot be written."""

    exit_status = ExitStatus.BAD_INPUT


def write_file(path: Path, content: str | bytes) -> None:
    """Write the file whole or not at all.

    :raises OutputFileError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputFileError(f"cannot write {path}: {error.strerror}") from None
