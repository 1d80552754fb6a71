"""``wfbreak run``, ``resume`` and ``wait``: follow a stack until it is done or stopped."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from wfbreak import audit, decide, secrets
from wfbreak.cli.common import add_reason, engine_options, show_warnings
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.stacks import STATUSES, ExecutionCommand, StackCommand, properties_of, read_status
from wfbreak.diagnostics import Code, Diagnostics, ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.status import StackStatus, is_hung
from wfbreak.translate import Translation, translate

_POLL = 0.3
"""Seconds between two looks at a stack that is followed, at first."""

_SLOWER, _SELDOM = 1.1, 5.0
"""How the time between two looks grows while nothing happens, and the longest, in seconds."""

_HUNG = 3.0
"""Seconds without anything in flight after which a stack that runs is taken to hang."""


class KeyMissing(WfbreakError):
    """A hidden parameter's value cannot be sealed."""

    exit_status = ExitStatus.BAD_INPUT


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
            help="have the engine post to this address whenever the stack stops, goes on or ends",
        )
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        env = _rehearsal(arguments.rehearse) | audit.record("run", arguments.reason)
        translation = translate(make_request(arguments))
        show_warnings(translation.diagnostics)
        _require_inputs(translation)
        with connect(engine_options(self.app_args, arguments)) as client:
            inputs = _sealed(translation.inputs)  # before anything is uploaded: it may be refused
            workflow = client.upload(translation.text(), f"wfbreak-{translation.digest()}")
            execution = client.start(
                workflow,
                inputs,
                description=f"stack {translation.name}, of {translation.template.source}",
                env=env,
                notify=arguments.notify,
            )
            print(f"execution {execution.id}", file=sys.stderr)
            return _follow(self, arguments, client, execution)


class Resume(ExecutionCommand):
    """Let a stopped stack go on, and follow it until it is done or stops again."""

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
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = client.execution(arguments.execution)
            status = read_status(client, execution)
            decision = decide.resume(status, arguments.breakpoints, arguments.until)
            if arguments.changes:
                properties = properties_of(client, execution)
                changes, shown = decide.change(status, properties, arguments.changes)
                facts = {**decision.facts, "set": shown}
                decision = replace(decision, changes=changes, facts=facts)
            execution = decide.carry_out(
                client, status, decision, audit.record("resume", arguments.reason, decision)
            )
            return _follow(self, arguments, client, execution)


class Step(ExecutionCommand):
    """Let a stack in step mode create its next resource, or the next N, and stop again."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("count", nargs="?", type=int, default=1, metavar="N", help="how many")
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            status = read_status(client, client.execution(arguments.execution))
            decision = decide.step(status, arguments.count)
            execution = decide.carry_out(
                client, status, decision, audit.record("step", arguments.reason, decision)
            )
            return _follow(self, arguments, client, execution)


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
            return _follow(self, arguments, client, execution, past_stops=past_stops)


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


def _sealed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The hidden values as they may travel."""
    if not inputs:
        return {}
    key = secrets.load_key()
    if key is None:
        raise KeyMissing(
            f"the parameter '{next(iter(inputs))}' is hidden, and there is no key to seal it: set "
            f"{secrets.KEY_FILE_VARIABLE} here and for the engine's processes to the same file"
        )
    return {name: secrets.seal(value, key) for name, value in inputs.items()}


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


def _follow(
    command: StackCommand,
    arguments: Any,
    client: EngineClient,
    execution: Execution,
    *,
    past_stops: bool = False,
) -> StackStatus:
    """Wait for the stack's next stop or end, drawing it on a terminal."""
    workflow = client.workflow(execution.workflow_id)
    awaited = set(STATUSES) - ({State.PAUSED} if past_stops else set())
    try:
        execution = _drawn(arguments, client, execution, workflow, awaited)
    except KeyboardInterrupt:
        print(f"the stack is in the engine: wfbreak wait {execution.id}", file=sys.stderr)
        raise
    command.exit_status = STATUSES[execution.state]
    with_results = arguments.formatter != "table"
    status = read_status(client, execution, workflow, with_results=with_results)
    if execution.state is State.PAUSED or (execution.state is State.ERROR and status.stopped):
        command.hint = f"go on with: wfbreak resume {execution.id}"
    return status


def _drawn(
    arguments: Any,
    client: EngineClient,
    execution: Execution,
    workflow: Workflow,
    awaited: Collection[State],
) -> Execution:
    """Wait, with the stack drawn as it goes where there is a terminal."""
    if sys.stderr.isatty() and arguments.formatter == "table":
        from rich.live import Live

        from wfbreak.cli.picture import console, picture

        with Live(console=console(sys.stderr), transient=True, refresh_per_second=8) as live:

            def draw(now: Execution) -> None:
                live.update(picture(read_status(client, now, workflow)))

            return _wait(client, execution, draw, awaited)
    return _wait(client, execution, lambda _: None, awaited)


def _wait(
    client: EngineClient,
    execution: Execution,
    draw: Callable[[Execution], None],
    awaited: Collection[State],
) -> Execution:
    """Wait for one of the states; what hangs because someone paused it in its middle is woken.

    Mistral's API has nothing to wait on, so it is asked: less often the longer nothing happens.
    """
    hung_since: float | None = None
    pause = _POLL
    while execution.state not in awaited:
        draw(execution)
        time.sleep(pause)
        before = execution
        execution = client.execution(execution.id)
        pause = _POLL if execution != before else min(pause * _SLOWER, _SELDOM)
        if not is_hung(execution, client.tasks(execution.id)):
            hung_since = None
        elif hung_since is None:
            hung_since = time.monotonic()
        elif time.monotonic() - hung_since > _HUNG:
            hung_since = None
            woken = ", ".join(client.wake(execution)) or "nothing"
            print(
                f"the stack hung after a pause while it was running; started again: {woken}",
                file=sys.stderr,
            )
    return execution
