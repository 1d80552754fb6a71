"""What the commands share: options, and errors shown as messages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from cliff.lister import Lister

from wfbreak.diagnostics import Diagnostics, WfbreakError
from wfbreak.engine.connect import EngineOptions

QUIET = 0
"""cliff's ``verbose_level`` with ``--quiet``."""


class Listing(Lister):  # type: ignore[misc]
    """A command that lists; what a person can mend is told as a message."""

    def run(self, arguments: Any) -> int:
        return guarded(lambda: int(super(Listing, self).run(arguments)))


class ExecutionListing(Listing):
    """A command that lists what belongs to an execution of the engine that is named."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        add_execution(parser)
        return parser


def add_execution(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "execution", help="the stack's name, or an execution's id or the beginning of it"
    )


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which engine is meant; before the command's name or after it."""
    group = parser.add_argument_group("engine")
    group.add_argument(
        "--mistral-url",
        metavar="URL",
        default=argparse.SUPPRESS,
        help="a Mistral without Keystone (WFBREAK_MISTRAL_URL)",
    )
    group.add_argument(
        "--os-cloud",
        metavar="CLOUD",
        default=argparse.SUPPRESS,
        help="a cloud of clouds.yaml, whose Mistral is used (OS_CLOUD; OS_AUTH_URL and the "
        "other OS_* variables work as well)",
    )
    group.add_argument(
        "--state",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="the folder of the embedded engine, which is used when no other is named "
        "(WFBREAK_STATE; the user's data folder)",
    )


def add_reason(parser: argparse.ArgumentParser) -> None:
    """``--reason``, for the audit trail."""
    parser.add_argument("--reason", metavar="TEXT", help="why, for the audit trail")


def engine_options(app_options: Any, arguments: Any) -> EngineOptions:
    """The engine that the command line and the environment's variables name."""

    def option(name: str) -> str | None:
        return getattr(arguments, name, None) or getattr(app_options, name, None)

    return EngineOptions.of(os.environ, option("mistral_url"), option("os_cloud"), option("state"))


def can_draw(stream: TextIO) -> bool:
    """Whether a picture can be drawn over itself there."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def show_warnings(diagnostics: Diagnostics) -> None:
    for warning in diagnostics.warnings:
        print(warning.render(), file=sys.stderr)


def guarded(run: Callable[[], int]) -> int:
    """Run a command; what a person can mend is told as a message, with its exit status."""
    try:
        return run()
    except WfbreakError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        raise  # whoever read the output has seen enough
    except Exception as error:
        # cliff logs it, and the log goes nowhere unless --debug is given.
        text = " ".join(str(error).split())
        print(
            f"wfbreak failed ({type(error).__name__}: {text}). This is a mistake of wfbreak's: "
            "please report it with what --debug shows",
            file=sys.stderr,
        )
        raise
