"""``wfbreak engine``: serve the embedded Mistral, for any client, until it is interrupted; or in
the background, until it is told to end."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from cliff.command import Command

from wfbreak.cli.common import add_engine_options, engine_options, guarded
from wfbreak.diagnostics import ExitStatus
from wfbreak.engine import background
from wfbreak.engine.embedded import EmbeddedEngine
from wfbreak.engine.serve import serve


class Engine(Command):  # type: ignore[misc]
    """Serve the embedded Mistral: in the foreground, or in the background for later commands."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        parser.add_argument(
            "--port", type=int, default=0, help="its port on 127.0.0.1 (a free one)"
        )
        way = parser.add_mutually_exclusive_group()
        way.add_argument(
            "--background",
            action="store_true",
            help="leave it up when the command ends; later ones use it",
        )
        way.add_argument(
            "--stop", action="store_true", help="end the one that serves the state's folder"
        )
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: int(super(Engine, self).run(arguments)))

    def take_action(self, arguments: Any) -> int:
        folder = engine_options(self.app_args, arguments).folder
        if arguments.background:
            print(f"Mistral's API: {background.begin(folder, arguments.port)}   state: {folder}")
        elif arguments.stop:
            print("ended" if background.end(folder) else f"no engine serves {folder}")
        else:
            serve(folder, arguments.port, _tell)
        return ExitStatus.DONE


def _tell(engine: EmbeddedEngine) -> None:
    print(f"Mistral's API: {engine.url}   state: {engine.state}", flush=True)
    print(
        "Ctrl-C ends it. Any client can use it, for instance:\n"
        f"  openstack --os-auth-type none --os-endpoint {engine.url} workflow execution list",
        file=sys.stderr,
        flush=True,
    )
