"""``wfbreak ui``: the stacks in a browser, live, with what can be decided at them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import webbrowser
from html import escape
from pathlib import Path
from typing import Any

from cliff.command import Command

from wfbreak.cli.common import add_engine_options, engine_options, guarded
from wfbreak.cli.output import OutputFileError
from wfbreak.cli.request import add_environments
from wfbreak.diagnostics import ExitStatus


class Ui(Command):  # type: ignore[misc]
    """Show the stacks in a browser on this machine: pages that keep themselves up to date, with
    what can be decided: resume, step, arm and disarm, retry, skip, cancel."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        parser.add_argument("--port", type=_port, default=0, help="where it listens (a free one)")
        parser.add_argument("--host", default="127.0.0.1", help="likewise (127.0.0.1)")
        parser.add_argument(
            "--open-to-network",
            action="store_true",
            help="allow a --host that other machines reach; what is sent is not encrypted",
        )
        parser.add_argument(
            "--name",
            action="append",
            default=[],
            metavar="NAME",
            help="a name by which browsers reach it, beside --host and localhost",
        )
        parser.add_argument(
            "--no-browser", action="store_true", help="only print the address, open no browser"
        )
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--sources",
            metavar="DIR",
            default=".",
            help="the folder in which stacks were translated: their templates and environments "
            "are read there, and nowhere else (the current one)",
        )
        group.add_argument("--no-sources", action="store_true", help="show no files")
        add_environments(
            parser,
            "an environment of the stacks' without a breakpoint: a workflow does not tell of it",
        )
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: int(super(Ui, self).run(arguments)))

    def take_action(self, arguments: Any) -> int:
        from wfbreak.ui import app, safety, server
        from wfbreak.ui.reaching import Engine

        folder = Path(arguments.sources)
        if not folder.is_dir():
            raise OutputFileError(f"--sources {folder}: there is no such folder")
        if not safety.is_loopback(arguments.host):
            if not arguments.open_to_network:
                raise safety.OpenRefused(
                    f"--host {arguments.host}: other machines would reach it, and what is sent is "
                    "not encrypted. Keep 127.0.0.1 and reach it by ssh -L, or say "
                    "--open-to-network"
                )
            print(
                f"open to the network at {arguments.host}, not encrypted: whoever listens there "
                "reads the token, and can decide in your name",
                file=sys.stderr,
            )
        shown = app.Shown(None if arguments.no_sources else folder, tuple(arguments.environment))
        engine = Engine(engine_options(self.app_args, arguments))
        wants_browser = not arguments.no_browser and _has_screen()
        with tempfile.TemporaryDirectory(prefix="wfbreak-") as private:

            def ready(address: str) -> None:
                print(address, flush=True)
                print("Whoever has this address can decide. Ctrl-C ends it.", file=sys.stderr)
                if wants_browser:
                    _open(address, Path(private) / "open.html")

            server.serve(
                engine, arguments.host, arguments.port, tuple(arguments.name), shown, ready
            )
        return ExitStatus.DONE


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 2**16:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no port")


def _has_screen() -> bool:
    """Whether a browser would open in a window, and not in this terminal."""
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))


def _open(address: str, file: Path) -> None:
    """Open a browser by a file of this user's own: everybody can read the arguments of a process,
    and so the token among them."""
    file.touch(mode=0o600)
    url = escape(address, quote=True)
    file.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<title>wfbreak</title><meta http-equiv="refresh" content="0;url={url}">'
        f'<a href="{url}">wfbreak</a>\n'
    )
    webbrowser.open(file.as_uri())
