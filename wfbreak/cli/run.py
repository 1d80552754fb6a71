"""``wfbreak run``, ``resume``, ``step`` and ``wait``: let a stack go on, and follow it."""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from wfbreak import acting, decide, live, stacks
from wfbreak.cli.begin import begin
from wfbreak.cli.common import add_reason, engine_options, show_warnings
from wfbreak.cli.follow import follow
from wfbreak.cli.rehearsing import add_rehearsal, rehearsal
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.stacks import (
    ExecutionCommand,
    ReasonedCommand,
    StackCommand,
    properties_of,
    read_status,
)
from wfbreak.decide import Decision
from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import EngineOptions, connect
from wfbreak.engine.sealing import Sealer
from wfbreak.failure import OnFailure
from wfbreak.providers import Provider
from wfbreak.status import StackStatus
from wfbreak.translate import Translation, translate


class Run(StackCommand):
    """Create a stack: translate, upload, start, and follow until it is done or stopped."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_request_options(parser)
        add_rehearsal(parser)
        parser.add_argument(
            "--notify",
            action="append",
            default=[],
            metavar="URL",
            type=_address,
            help="have the engine post to this address whenever the stack stops, goes on or ends",
        )
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        env = live.failing(OnFailure(arguments.on_failure)) | rehearsal(
            arguments.rehearse, "wfbreak.create"
        )
        options = engine_options(self.app_args, arguments)
        default_provider(options, arguments)
        translation = translate(make_request(arguments))
        show_warnings(translation.diagnostics)
        require_inputs(translation)
        with connect(options) as client:
            execution = begin(
                client, translation, "run", arguments.reason, env=env, notify=arguments.notify
            )
            return follow(self, arguments, client, execution)


class GoOn(ReasonedCommand):
    """A command that lets a stack which stands go on as it decides, and follows it."""

    event: ClassVar[str]
    """What the audit trail calls it."""

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            status = read_status(client, stacks.find(client, arguments.execution))
            decision = self.decision(arguments, client, status)
            execution = acting.go_on(client, status, self.event, decision, arguments.reason)
            return follow(self, arguments, client, execution)

    def decision(self, arguments: Any, client: EngineClient, status: StackStatus) -> Decision:
        """What the options ask for, where the stack stands."""
        raise NotImplementedError


class Resume(GoOn):
    """Let a stopped stack go on, and follow it until it is done or stops again."""

    event = "resume"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "breakpoints",
            nargs="*",
            metavar="RESOURCE[:HOOK]",
            help="let go of these breakpoints only; the others stay held",
        )
        parser.add_argument(
            "--until",
            metavar="RESOURCE[:HOOK]",
            help="go on until this one, past every breakpoint before it",
        )
        parser.add_argument(
            "--set",
            dest="changes",
            action="append",
            default=[],
            metavar="RESOURCE.PROPERTY=VALUE",
            help="create a resource with another value than the template's, in this run",
        )
        return parser

    def decision(self, arguments: Any, client: EngineClient, status: StackStatus) -> Decision:
        decision = decide.resume(status, arguments.breakpoints, arguments.until)
        if not arguments.changes:
            return decision
        properties = properties_of(client, status.execution)
        seal = Sealer(client, status.execution.id)
        changes, shown = decide.change(status, properties, arguments.changes, seal)
        return replace(decision, changes=changes, facts={**decision.facts, "set": shown})


class Step(GoOn):
    """Let a stack in step mode create its next resource, or the next N, and stop again."""

    event = "step"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("count", nargs="?", type=int, default=1, metavar="N", help="how many")
        return parser

    def decision(self, arguments: Any, client: EngineClient, status: StackStatus) -> Decision:  # noqa: ARG002
        return decide.step(status, arguments.count)


class Wait(ExecutionCommand):
    """Follow a stack until it is done or stops; an embedded engine runs meanwhile."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--for",
            dest="awaited",
            choices=("paused", "done"),
            default="paused",
            help="until it stops or ends (paused), or until it ends, past every stop (done)",
        )
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = stacks.find(client, arguments.execution)
            past_stops = arguments.awaited == "done"
            return follow(self, arguments, client, execution, past_stops=past_stops)


def _address(text: str) -> str:
    """An address that the engine can post to; of any other it would say nothing to anyone.

    :raises ArgumentTypeError: for any other.
    """
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname:
            return text
    raise argparse.ArgumentTypeError(f"'{text}' is no http(s) address")


def default_provider(options: EngineOptions, arguments: Any) -> None:
    """Whoever runs a stack on a cloud's Mistral wants it in that cloud. It stands first: a rule
    that fits comes later."""
    if options.is_cloud:
        arguments.providers = [Provider.OPENSTACK.value, *arguments.providers]


def require_inputs(translation: Translation) -> None:
    """Refuse to start without the values that the workflow needs."""
    diagnostics = Diagnostics()
    for name in translation.missing:
        parameter = translation.template.parameters[name]
        diagnostics.add(
            Code.PARAMETER_MISSING,
            f"the parameter '{name}' has no value",
            parameter.position,
            hint=f"give it with -P {name}=VALUE, --parameter-file {name}=FILE or an environment",
        )
    diagnostics.raise_errors()
