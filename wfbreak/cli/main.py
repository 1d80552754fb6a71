"""The ``wfbreak`` command: which commands there are, and how it ends.

Commands are named by their modules and imported when they are run, so that translating does not
wait for what only an engine needs.
"""

from __future__ import annotations

import argparse
import logging
import sys
from importlib.metadata import EntryPoint

from cliff.app import App
from cliff.commandmanager import CommandManager

from wfbreak import __version__
from wfbreak.diagnostics import ExitStatus

COMMANDS = {
    "translate": "wfbreak.cli.translate:Translate",
    "validate": "wfbreak.cli.translate:Validate",
    "plan": "wfbreak.cli.plan:Plan",
    "certify": "wfbreak.cli.translate:Certify",
    "graph": "wfbreak.cli.graph:Graph",
    "explain": "wfbreak.cli.translate:Explain",
    "run": "wfbreak.cli.run:Run",
    "update": "wfbreak.cli.update:Update",
    "import": "wfbreak.cli.adopt:Import",
    "list": "wfbreak.cli.stacks:List",
    "top": "wfbreak.cli.top:Top",
    "show": "wfbreak.cli.stacks:Show",
    "outputs": "wfbreak.cli.stacks:Outputs",
    "resume": "wfbreak.cli.run:Resume",
    "step": "wfbreak.cli.run:Step",
    "wait": "wfbreak.cli.run:Wait",
    "retry": "wfbreak.cli.mending:Retry",
    "rollback": "wfbreak.cli.mending:Rollback",
    "skip": "wfbreak.cli.mending:Skip",
    "break list": "wfbreak.cli.breaks:ListBreakpoints",
    "break set": "wfbreak.cli.breaks:SetBreakpoints",
    "break clear": "wfbreak.cli.breaks:ClearBreakpoints",
    "signal": "wfbreak.cli.signals:SendSignal",
    "audit": "wfbreak.cli.stacks:Audit",
    "report": "wfbreak.cli.report:Report",
    "ui": "wfbreak.cli.ui:Ui",
    "cancel": "wfbreak.cli.stacks:Cancel",
    "delete": "wfbreak.cli.delete:Delete",
    "engine": "wfbreak.cli.engine:Engine",
    "key create": "wfbreak.cli.keys:CreateKeys",
    "key rotate": "wfbreak.cli.keys:RotateKeys",
    "key list": "wfbreak.cli.keys:ListKeys",
}


class _Commands(CommandManager):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(None)
        for name, value in COMMANDS.items():
            self.commands[name] = EntryPoint(name, value, "wfbreak.commands")


class Wfbreak(App):  # type: ignore[misc]
    NAME = "wfbreak"

    def __init__(self) -> None:
        super().__init__(
            description="Breakpoints for OpenStack Heat stacks, held by Mistral.",
            version=__version__,
            command_manager=_Commands(),
            deferred_help=True,
        )

    def configure_logging(self) -> None:
        """Log nothing unless asked: -v shows what libraries say, --debug all of it."""
        if self.options.debug or self.options.verbose_level > self.DEFAULT_VERBOSE_LEVEL:
            super().configure_logging()
        else:
            logging.getLogger().addHandler(logging.NullHandler())

    def build_option_parser(
        self,
        description: str | None,
        version: str | None,
        argparse_kwargs: dict[str, object] | None = None,
    ) -> argparse.ArgumentParser:
        from wfbreak.cli.common import add_engine_options

        parser: argparse.ArgumentParser = super().build_option_parser(
            description, version, argparse_kwargs
        )
        add_engine_options(parser)
        return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; the result is the process's exit status (docs/commands.md)."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments:
        # cliff would open a prompt; a stranger wants to know what there is.
        arguments = ["help"]
    try:
        return int(Wfbreak().run(arguments))
    except BrokenPipeError:
        return ExitStatus.INTERNAL
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
