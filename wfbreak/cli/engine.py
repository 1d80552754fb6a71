"""``wfbreak engine``: serve the embedded Mistral, for any client, until it is interrupted."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from cliff.command import Command

from wfbreak.cli.common import add_engine_options, engine_options, guarded
from wfbreak.diagnostics import ExitStatus
from wfbreak.engine.embedded import EmbeddedEngine
from wfbreak.engine.serve import serve


class Engine(Command):  # type: ignore[misc]
    """Serve the embedded Mistral in the foreground."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        parser.add_argument(
            "--port", type=int, default=0, help="its port on 127.0.0.1 (a free one)"
        )
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: int(super(Engine, self).run(arguments)))

    def take_action(self, arguments: Any) -> int:
        serve(engine_options(self.app_args, arguments).folder, arguments.port, _tell)
        return ExitStatus.DONE


def _tell(engine: EmbeddedEngine) -> None:
    print(f"Mistral's API: {engine.url}   state: {engine.state}", flush=True)
    print(
        "Ctrl-C ends it. Any client can use it, for instance:\n"
        f"  openstack --os-auth-type none --os-endpoint {engine.url} workflow execution list",
        file=sys.stderr,
        flush=True,
    )
