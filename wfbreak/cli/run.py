"""``wfbreak run``, ``resume`` and ``wait``: follow a stack until it is done or stopped."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from wfbreak import audit, decide, secrets
from wfbreak.cli.common import add_reason, engine_options, show_warnings
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.cli.stacks import STATUSES, ExecutionCommand, StackCommand, read_status
from wfbreak.diagnostics import Code, Diagnostics, ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.engine.model import Execution, State, Workflow
from wfbreak.status import StackStatus, is_hung
from wfbreak.translate import Translation, translate

_POLL = 0.3
"""Seconds between two looks at a stack that is followed."""

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
        add_reason(parser)
        return parser

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = client.execution(arguments.execution)
            status = read_status(client, execution)
            decision = decide.resume(status, arguments.breakpoints, arguments.until)
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

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            return _follow(self, arguments, client, client.execution(arguments.execution))


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
    command: StackCommand, arguments: Any, client: EngineClient, execution: Execution
) -> StackStatus:
    """Wait for the stack's next stop or end, drawing it on a terminal."""
    workflow = client.workflow(execution.workflow_id)
    try:
        execution = _drawn(arguments, client, execution, workflow)
    except KeyboardInterrupt:
        print(f"the stack is in the engine: wfbreak wait {execution.id}", file=sys.stderr)
        raise
    command.exit_status = STATUSES[execution.state]
    if execution.state is State.PAUSED:
        command.hint = f"go on with: wfbreak resume {execution.id}"
    with_results = arguments.formatter != "table"
    return read_status(client, execution, workflow, with_results=with_results)


def _drawn(
    arguments: Any, client: EngineClient, execution: Execution, workflow: Workflow
) -> Execution:
    """Wait, with the stack drawn as it goes where there is a terminal."""
    if sys.stderr.isatty() and arguments.formatter == "table":
        from rich.live import Live

        from wfbreak.cli.picture import console, picture

        with Live(console=console(sys.stderr), transient=True, refresh_per_second=8) as live:

            def draw(now: Execution) -> None:
                live.update(picture(read_status(client, now, workflow)))

            return _wait(client, execution, draw)
    return _wait(client, execution, lambda _: None)


def _wait(
    client: EngineClient, execution: Execution, draw: Callable[[Execution], None]
) -> Execution:
    """Wait for a stop or the end; what hangs because someone paused it in its middle is woken."""
    hung_since: float | None = None
    while execution.state not in STATUSES:
        draw(execution)
        time.sleep(_POLL)
        execution = client.execution(execution.id)
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
