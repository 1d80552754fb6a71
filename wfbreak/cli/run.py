"""``wfbreak run``, ``resume``, ``step`` and ``wait``: let a stack go on, and follow it."""

from __future__ import annotations

import argparse
import sys
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from wfbreak import audit, decide
from wfbreak.cli.common import add_reason, engine_options, show_warnings
from wfbreak.cli.follow import follow
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.stacks import ExecutionCommand, StackCommand, properties_of, read_status
from wfbreak.decide import Decision
from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.engine import signalling
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.engine.sealing import Sealer
from wfbreak.providers import Provider
from wfbreak.status import StackStatus
from wfbreak.translate import Translation, translate


class Run(StackCommand):
    """Create a stack: translate, upload, start, and follow until it is done or stopped."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_request_options(parser)
        parser.add_argument(
            "--rehearse",
            action="append",
            default=[],
            metavar="PATTERN:KEY=VALUE",
            help="how the rehearsed resources of these names behave: seconds=N (take time), "
            "fail=MESSAGE (fail), fail_times=N (fail only so often)",
        )
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
        rehearsal = _rehearsal(arguments.rehearse)
        options = engine_options(self.app_args, arguments)
        if options.is_cloud:
            # Whoever runs it there wants it there. It stands first: a rule that fits comes later.
            arguments.providers = [Provider.OPENSTACK.value, *arguments.providers]
        translation = translate(make_request(arguments))
        show_warnings(translation.diagnostics)
        _require_inputs(translation)
        with connect(options) as client:
            # What is sealed is bound to the execution. Before anything is uploaded: it may be
            # refused.
            ident = str(uuid.uuid4())
            seal = Sealer(client, ident)
            inputs = {name: seal(value) for name, value in translation.inputs.items()}
            inputs |= {name: seal.refer(ident) for name, ident in translation.secrets.items()}
            text = translation.text()
            if signalling.ASKED in text:
                signalling.upload(client)
            workflow = client.upload(text, f"wfbreak-{translation.digest()}")
            execution = client.start(
                workflow,
                inputs,
                execution_id=ident,
                description=f"stack {translation.name}, of {translation.template.source}",
                env=rehearsal | audit.record("run", arguments.reason, user=client.user),
                notify=arguments.notify,
            )
            print(f"execution {execution.id}", file=sys.stderr)
            return follow(self, arguments, client, execution)


class GoOn(ExecutionCommand):
    """A command that lets a stopped stack go on as it decides, and follows it."""

    event: ClassVar[str]
    """What the audit trail calls it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            status = read_status(client, client.execution(arguments.execution))
            decision = self.decision(arguments, client, status)
            env = audit.record(self.event, arguments.reason, decision, client.user)
            execution = decide.carry_out(client, status, decision, env)
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
            execution = client.execution(arguments.execution)
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


def _require_inputs(translation: Translation) -> None:
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


def _rehearsal(options: list[str]) -> dict[str, Any]:
    """The execution's env that makes a rehearsal behave as the options say."""
    diagnostics = Diagnostics()
    behaviour: dict[str, dict[str, Any]] = {}
    for option in options:
        left, separator, value = option.partition("=")
        pattern, colon, key = left.rpartition(":")
        parsed = _behaviour(key, value) if separator and colon and pattern else None
        if parsed is None:
            diagnostics.add(
                Code.REHEARSAL,
                f"--rehearse {option}: it takes PATTERN:KEY=VALUE",
                hint="keys: seconds=N, fail=MESSAGE, fail_times=N",
            )
            continue
        behaviour.setdefault(pattern, {})[key] = parsed
    diagnostics.raise_errors()
    return {"__actions": {"wfbreak.create": {"rehearsal": behaviour}}} if behaviour else {}


def _behaviour(key: str, value: str) -> Any:
    try:
        if key == "seconds":
            return float(value)
        if key == "fail_times":
            return int(value)
    except ValueError:
        return None
    return value if key == "fail" and value else None
