"""The options that say what is translated, and the request that they make."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfbreak import key_manager, providers
from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.failure import OnFailure
from wfbreak.translate import Mode, Request
from wfbreak.translate.limits import HEATS, Limits
from wfbreak.translate.partition import AUTO, OFF, Partition

_LEAST = 2
"""Of one resource a part would be a task with another around it."""


def add_request_options(
    parser: argparse.ArgumentParser,
    ways: Iterable[OnFailure] = OnFailure,
    *,
    template_needed: bool = True,
) -> None:
    """The template and all that belongs to it; ``ways`` are what may be done after a failure."""
    number = None if template_needed else "?"
    parser.add_argument("template", nargs=number, help="the HOT template")
    add_stop_options(parser)
    parser.add_argument(
        "-P",
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter's value",
    )
    parser.add_argument(
        "--parameter-file",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a parameter's value, from a file",
    )
    parser.add_argument(
        "--parameter-secret",
        action="append",
        default=[],
        metavar="NAME=SECRET",
        help="a parameter's value, from the cloud's key manager (Barbican): a secret's id or "
        "address; whatever makes a resource of it fetches it there",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse what is only near to Heat's meaning (wfbreak certify lists it)",
    )
    parser.add_argument(
        "--max-resources",
        type=_limit,
        default=HEATS.resources,
        metavar="N",
        help="how many resources a stack may have with all that is nested in it, where your "
        f"cloud's Heat has another max_resources_per_stack than {HEATS.resources} (-1: any number)",
    )
    parser.add_argument(
        "--max-template-size",
        type=_limit,
        default=HEATS.template_size,
        metavar="N",
        help="how many characters a template may have, where your cloud's Heat has another "
        f"max_template_size than {HEATS.template_size} (-1: any number)",
    )
    add_failure_option(parser, *ways)
    add_partition_option(parser)
    parser.add_argument("--name", help="the stack's name (the template's file name)")
    parser.add_argument(
        "--provider",
        dest="providers",
        action="append",
        default=[],
        metavar="TYPE_PATTERN=PROVIDER",
        help="who makes the resources of these types: the cloud's services (openstack), the "
        "cloud's Heat (heat), or nobody (rehearse); PROVIDER alone is for all types, and of "
        "several that fit the last one counts; where none fits: openstack for a run on a cloud, "
        "else rehearse",
    )


def add_environments(parser: argparse.ArgumentParser, meaning: str) -> None:
    """``-e``; ``meaning`` is its help."""
    parser.add_argument(
        "-e", "--environment", action="append", default=[], metavar="FILE", help=meaning
    )


def add_stop_options(parser: argparse.ArgumentParser) -> None:
    """Environments, and where the stack is to stop."""
    add_environments(parser, "an environment; several are merged in order, as Heat does")
    parser.add_argument(
        "--break",
        dest="breaks",
        action="append",
        default=[],
        metavar="PATTERN[:HOOK]",
        help="stop at the resources of these names, or types with type:PATTERN (hook: pre-create, "
        "post-create, pre-update and so on, post-batch of a group; before whatever is done "
        "unless told)",
    )
    parser.add_argument(
        "--no-break",
        dest="no_breaks",
        action="append",
        default=[],
        metavar="PATTERN[:HOOK]",
        help="take away breakpoints that an environment, a file or --break sets",
    )
    parser.add_argument(
        "--break-file",
        action="append",
        default=[],
        metavar="FILE",
        help="breakpoints in a file (schemas/breakpoints.json)",
    )
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode],
        default=Mode.NON_STOP.value,
        help="what goes on while the stack is stopped: all that the breakpoints do not block "
        "(non-stop), or nothing that they do not need (all-stop); or go one resource at a time "
        "(step), or fail at the breakpoints (abort)",
    )


def add_failure_option(parser: argparse.ArgumentParser, *ways: OnFailure) -> None:
    parser.add_argument(
        "--on-failure",
        choices=[way.value for way in ways],
        default=OnFailure.CONTINUE.value,
        help="when something fails: let go on to its end what does not need it (continue), begin "
        "nothing new (stop)"
        + (", or that and go back to what was before (rollback)" if len(ways) > 2 else ""),
    )


def add_partition_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--partition",
        type=_partition,
        default=AUTO,
        metavar="auto|off|N",
        help="whether the workflow of a large stack is cut into sub-workflows: parts of about "
        "N resources, none (off), or as has been measured to be best (auto, unless told: from "
        "5,000 on)",
    )


def _partition(text: str) -> Partition:
    if text in ("auto", "off"):
        return AUTO if text == "auto" else OFF
    if not text.isdecimal() or int(text) < _LEAST:
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither auto nor off nor a number from {_LEAST} on"
        )
    return Partition(int(text))


def _limit(text: str) -> int:
    """A limit of Heat's; -1 is none, as in its configuration."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1 and number != -1:
        raise argparse.ArgumentTypeError(f"'{text}' is neither -1 nor a number above 0")
    return sys.maxsize if number == -1 else number


def make_request(arguments: Any) -> Request:
    """The request that the parsed options make.

    :raises InputError: if a parameter option is not ``NAME=VALUE`` or its file cannot be read.
    """
    diagnostics = Diagnostics()
    options: dict[str, Any] = {}
    for item in arguments.parameter:
        name, separator, value = item.partition("=")
        if not separator or not name:
            # The text is not shown: it could be a secret.
            diagnostics.add(Code.PARAMETER_TYPE, "-P takes NAME=VALUE")
            continue
        options[name] = value
    for item in arguments.parameter_file:
        name, separator, file = item.partition("=")
        try:
            options[name] = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            diagnostics.add(Code.UNREADABLE, f"--parameter-file {item}: {reason}")
    secrets: dict[str, str] = {}
    for item in arguments.parameter_secret:
        name, separator, text = item.partition("=")
        try:
            secrets[name] = key_manager.secret_id(text)
        except ValueError as error:
            # The text is not shown: it could be a secret itself.
            which = f" {name}" if separator else ""
            diagnostics.add(
                Code.PARAMETER_SECRET, f"--parameter-secret{which}: it takes NAME= and {error}"
            )
    rules: list[providers.Rule] = []
    for item in arguments.providers:
        try:
            rules.append(providers.parse(item))
        except ValueError as error:
            diagnostics.add(Code.PROVIDER, f"--provider {item}: {error}")
    diagnostics.raise_errors()
    return Request(
        arguments.template,
        tuple(arguments.environment),
        options,
        tuple(arguments.breaks),
        tuple(arguments.break_file),
        Mode(arguments.mode),
        arguments.name,
        arguments.strict,
        tuple(arguments.no_breaks),
        tuple(rules),
        secrets,
        on_failure=OnFailure(arguments.on_failure),
        limits=Limits(arguments.max_resources, arguments.max_template_size),
        partition=arguments.partition,
    )
