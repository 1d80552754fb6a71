"""An API as a WSGI application in uWSGI, which stands in for Apache."""

from __future__ import annotations

from pathlib import Path

from cloud.lab.processes import Program
from cloud.lab.settings import HOST, Settings


def wsgi(
    settings: Settings,
    name: str,
    port: int,
    module: str | None = None,
    *,
    paste: Path | None = None,
    env: dict[str, str] | None = None,
    arguments: str = "",
    processes: int = 1,
    threads: int = 4,
    static: dict[str, Path] | None = None,
) -> Program:
    """The program ``name`` that serves ``module``'s application at ``port``, or that of a ``paste``
    file.

    ``arguments`` are what the application finds in ``sys.argv``, ``static`` are folders of files
    that are served as they are, by the paths of their addresses.
    """
    application = ("--module", str(module)) if paste is None else ("--paste", f"config:{paste}")
    argv = [
        settings.bin("uwsgi"),
        *("--http-socket", f"{HOST}:{port}"),
        *application,
        *("--virtualenv", str(settings.venv)),
        *("--processes", str(processes), "--threads", str(threads)),
        *("--buffer-size", "65535"),
        "--master",
        "--die-on-term",
        "--lazy-apps",
        "--enable-threads",
        "--thunder-lock",
        "--need-app",
        "--disable-logging",
        # It closes the connection after each answer. Unless it says so a client sends its next
        # request into the closed one, and sees a reset.
        *("--add-header", "Connection: close"),
    ]
    for path, folder in (static or {}).items():
        argv += ["--static-map", f"{path}={folder}"]
    if arguments:
        argv += ["--pyargv", arguments]
    return Program(name, tuple(argv), env or {})
