"""``wfbreak list``, ``show``, ``outputs`` and ``cancel``: look at what the engine holds."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cliff.show import ShowOne

from wfbreak import acting, audit, inputs, keys, secrets, stacks, tags
from wfbreak.actions.functions import OUTPUT_ERROR
from wfbreak.cli.common import (
    ExecutionListing,
    Listing,
    add_engine_options,
    add_execution,
    add_reason,
    engine_options,
    guarded,
)
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import connect
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import is_over, newest
from wfbreak.status import StackStatus, build, is_hung, outputs

STATUSES = {
    State.SUCCESS: ExitStatus.DONE,
    State.PAUSED: ExitStatus.PAUSED,
    State.ERROR: ExitStatus.FAILED,
    State.CANCELLED: ExitStatus.CANCELLED,
}
"""How a command that waits for a stack ends, by the state that it finds it in."""


read_status = stacks.read_status

_BETWEEN_TASKS = 2.0
"""Seconds; longer than nothing is in flight between two tasks."""


def properties_of(
    client: EngineClient, execution: Execution
) -> Callable[[str], dict[str, Any] | None]:
    """The properties that a resource of the stack will be created with, by its name."""
    workflow = client.workflow(execution.workflow_id)
    done = [task for task in client.tasks(execution.id) if task.state is State.SUCCESS]
    results = client.results(done)
    return lambda resource: inputs.resolve(execution, workflow, results, resource)


class StackCommand(ShowOne):  # type: ignore[misc]
    """A command that shows a stack: a picture for people, everything for programs."""

    exit_status = ExitStatus.DONE
    properties: Mapping[str, Any] = MappingProxyType({})
    """The properties that resources will be created with before which the stack stands."""

    is_drawn = False
    """Whether the stack has been drawn on the terminal as it is now."""

    hint: str | None = None
    """What a person may want to do next; said after the picture."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        return parser

    def run(self, arguments: Any) -> int:
        status = guarded(lambda: super(StackCommand, self).run(arguments) or self.exit_status)
        if self.hint:
            print(self.hint, file=sys.stderr)
        return status

    def take_action(self, arguments: Any) -> Any:
        self._status = self.act(arguments)
        return _columns(self._status, self.properties)

    def act(self, arguments: Any) -> StackStatus:
        """Do what the command is for; its result is shown, and ``exit_status`` is how it ends."""
        raise NotImplementedError

    def produce_output(self, arguments: Any, columns: Any, data: Any) -> int:
        if arguments.formatter == "table" and not arguments.columns:
            from wfbreak.cli.picture import console, picture, rest

            shown: Any = picture(self._status, self.properties)
            if self.is_drawn and self.app.stdout.isatty():
                shown = rest(self._status)
            if shown is not None:
                console(self.app.stdout).print(shown)
            return 0
        return int(super().produce_output(arguments, columns, data))


def _shown(value: Any) -> Any:
    """Properties as a person may see them."""
    if isinstance(value, inputs.Unresolved):
        return str(value)
    if secrets.is_sealed(value):
        return secrets.MASK
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    return value


def _columns(
    status: StackStatus, properties: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    execution = status.execution
    data = {
        "stack": status.name,
        "execution": execution.id,
        "state": execution.state.value,
        "mode": status.mode.value,
        "reason": execution.state_info,
        "created_at": execution.created_at.isoformat(),
        "updated_at": execution.updated_at.isoformat() if execution.updated_at else None,
        "resources": [
            {
                "name": resource.name,
                "type": resource.type,
                "task": resource.task,
                "action": resource.action,
                "state": resource.state.value,
                "change": resource.change,
                "blocked_by": list(resource.blocked_by),
                "source": resource.source,
                "ref": secrets.mask(resource.ref),
                "error": resource.info,
            }
            for resource in status.resources
        ],
        "breakpoints": [
            {
                "name": stop.name,
                "resource": stop.resource,
                "hook": stop.hook,
                "state": stop.state.value,
                "source": stop.source,
                "armed_by": list(stop.armed_by),
                "message": stop.message,
                "condition": stop.condition,
                "limit": stop.limit,
                "stop": stop.number,
                "armed": stop.is_armed,
                "properties": properties.get(stop.name),
            }
            for stop in status.breakpoints
        ],
        "outputs": secrets.mask(status.outputs),
    }
    return tuple(data), tuple(data.values())


class ExecutionCommand(StackCommand):
    """A command on a stack that is there: it takes the execution's id."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_execution(parser)
        return parser


class ReasonedCommand(ExecutionCommand):
    """One that takes a reason, too, for the audit trail."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_reason(parser)
        return parser


class Show(ExecutionCommand):
    """Show a stack: each resource, each breakpoint, what is blocked by which."""

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = stacks.find(client, arguments.execution)
            if is_hung(execution, client.tasks(execution.id)):
                time.sleep(_BETWEEN_TASKS)
                execution = client.execution(execution.id)
                if is_hung(execution, client.tasks(execution.id)):
                    self.hint = (
                        "the stack hangs: someone paused it while it was running. Get it going "
                        f"with: wfbreak wait {execution.id}"
                    )
            status = read_status(client, execution, with_results=arguments.formatter != "table")
            if status.stopped:
                found = properties_of(client, execution)
                before = [stop for stop in status.stopped if stop.hook.startswith("pre-")]
                self.properties = {
                    stop.name: _shown(resolved)
                    for stop in before
                    if (resolved := found(stop.resource)) is not None
                }
            if execution.state is State.PAUSED and not status.stopped:
                self.hint = (
                    "someone paused the stack while it was running; it stands at no breakpoint. "
                    f"Go on with: wfbreak resume {execution.id}"
                )
            return status


class RevealRefused(WfbreakError):
    """What is hidden cannot be opened here."""

    exit_status = ExitStatus.BAD_INPUT


class Outputs(ShowOne):  # type: ignore[misc]
    """Show the outputs of a stack that is done."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        add_execution(parser)
        parser.add_argument(
            "--reveal",
            action="store_true",
            help="show what is hidden too; it takes the executors' key file, which an embedded "
            "engine has",
        )
        return parser

    def run(self, arguments: Any) -> int:
        return guarded(lambda: int(super(Outputs, self).run(arguments)))

    def take_action(self, arguments: Any) -> Any:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = stacks.find(client, arguments.execution)
            output: Any = outputs(execution, client.workflow(execution.workflow_id))
            if arguments.reveal:
                output = _revealed(execution, output)
        masked = secrets.mask(output)
        return tuple(masked), tuple(masked.values())


def _revealed(execution: Execution, output: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs opened; one that cannot be computed, or lies in a key manager, says so, as the
    engine's do.

    :raises RevealRefused: if something is sealed and there is no key here.
    """
    if not secrets.holds_sealed(output):
        return dict(output)
    if keys.key_file() is None:
        raise RevealRefused(
            "only the engine's executors can open what is hidden. --reveal takes their key file, "
            f"named by {keys.KEY_FILE_VARIABLE}, or an embedded engine"
        )
    box = secrets.Box(secrets.Place(execution.id))
    found: dict[str, Any] = {}
    for name, value in output.items():
        try:
            found[name] = secrets.unseal(value, box)
        except (secrets.ComputationError, secrets.NotHereError) as error:
            found[name] = {OUTPUT_ERROR: f"output {name}: {error}"}
    return found


class List(Listing):
    """List the stacks that the engine holds, oldest first."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_engine_options(parser)
        parser.add_argument("--paused", action="store_true", help="only those that are stopped")
        parser.add_argument(
            "--stacks",
            action="store_true",
            help="a row for each stack that there is, with its newest execution",
        )
        return parser

    def take_action(self, arguments: Any) -> Any:
        with connect(engine_options(self.app_args, arguments)) as client:
            state = State.PAUSED if arguments.paused else None
            everything = client.executions()
            found = [e for e in everything if e.is_stack and state in (None, e.state)]
        if arguments.stacks:
            return _stacks(everything, found)
        columns = ("execution", "stack", "state", "reason", "created at")
        rows = [
            (
                e.id,
                e.workflow_name,
                e.state.value,
                _short(e.state_info),
                e.created_at.isoformat(" ", "seconds"),
            )
            for e in found
        ]
        return columns, rows


def _stacks(everything: list[Execution], shown: list[Execution]) -> Any:
    """Each stack that there is, if its newest execution is one of those to be shown."""
    ids = {e.id for e in shown}
    columns = ("stack", "execution", "action", "state", "reason", "created at", "changed at")
    rows = []
    for last in newest(everything):
        if is_over(last) or last.id not in ids:
            continue
        kind = tags.kind(last.tags)
        first = (stacks.predecessors(everything, last) or [last])[-1]
        rows.append(
            (
                last.workflow_name,
                last.id,
                kind.value if kind is not None else None,
                last.state.value,
                _short(last.state_info),
                first.created_at.isoformat(" ", "seconds"),
                last.created_at.isoformat(" ", "seconds"),
            )
        )
    return columns, rows


def _short(reason: str | None) -> str | None:
    return reason.strip().splitlines()[0][:120] if reason and reason.strip() else None


class Cancel(ReasonedCommand):
    """Cancel a stack for good; what exists of it stays."""

    def act(self, arguments: Any) -> StackStatus:
        with connect(engine_options(self.app_args, arguments)) as client:
            execution = stacks.find(client, arguments.execution)
            return read_status(client, acting.cancel(client, execution, arguments.reason))


class Audit(ExecutionListing):
    """Show who stopped and resumed a stack, when and why; by the stack's name of its whole life."""

    def take_action(self, arguments: Any) -> Any:
        columns = ("time", "event", "who", "why", "breakpoints", "details")
        with connect(engine_options(self.app_args, arguments)) as client:
            last = stacks.find(client, arguments.execution)
            if last.workflow_name != arguments.execution:
                return columns, [_event_row(event) for event in _trail(client, last)]
            whole = [*reversed(stacks.predecessors(client.executions(), last)), last]
            rows = [
                (execution.id, *_event_row(event))
                for execution in whole
                for event in _trail(client, client.execution(execution.id))
            ]
        return ("execution", *columns), rows


def _trail(client: EngineClient, execution: Execution) -> list[audit.Event]:
    tasks = {task.name: task for task in client.tasks(execution.id)}
    status = build(execution, client.workflow(execution.workflow_id), tasks)
    ended = [tasks[b.name] for b in status.breakpoints if b.name in tasks]
    results = client.results(task for task in ended if task.state is State.SUCCESS)
    return audit.trail(execution, status, tasks, results)


def _event_row(event: audit.Event) -> tuple[str, ...]:
    stops = ", ".join(event.breakpoints)
    return (event.at, event.event, event.who, event.why, stops, event.details)
