"""The tasks of the stops: what a breakpoint says, and what decides whether it stops the stack.

What leads to breakpoints publishes the names of those that stop, by the template, by conditions and
by the execution's env (:mod:`wfbreak.live`). If all of the stop do, it pauses, and each of them is
stopped before it runs. If only some do, nothing may pause while the others' branches run: those
that stop are held, as where a person lets go of the others, and the engine pauses once the rest has
come to its end (:mod:`wfbreak.engine.holding`). In all of this a breakpoint goes by its task's
name, which is what the engine knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wfbreak.diagnostics import Position
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.changing import is_replaced
from wfbreak.translate.expressions import Compiler, variable
from wfbreak.translate.stages import Mode, Plan
from wfbreak.translate.stop_rules import Limit
from wfbreak.translate.values import Literal, from_plain
from wfbreak.wording import STOPPED, place

_NOWHERE = Position("", 0, 0)


class StopTasks:
    """The parts of a document that are about stops.

    ``names`` are the tasks' names, ``published`` that of the variable with the names that stop.
    """

    def __init__(
        self, plan: Plan, names: Mapping[Any, str], compiler: Compiler, published: str
    ) -> None:
        self._plan = plan
        self._names = names
        self._compiler = compiler
        self._published = published
        self._stopping = variable(published)
        self._numbers = {b: n for n, stage in enumerate(plan.stages, 1) for b in stage}
        self._aborting = {
            number
            for number, stage in enumerate(plan.stages, 1)
            if any(stop.limit and stop.limit.aborts for stop in stage)
        }

    def lead(self, body: dict[str, Any], stops: Sequence[Breakpoint]) -> None:
        """Make a task the one that leads to ``stops``: it decides which of them stop."""
        body["publish"] = body.get("publish", {}) | {self._published: self._decision(stops)}
        if self._plan.mode is not Mode.ABORT:
            body["on-success"] = [*body["on-success"], {self._pause(stops): self._all_stop(stops)}]

    def task(
        self, stop: Breakpoint, position: Position | str, needs: Sequence[str]
    ) -> dict[str, Any]:
        """A breakpoint's task. ``position`` is the resource's, ``needs`` the tasks before it."""
        limit = stop.limit
        inputs: dict[str, Any] = {
            "resource": stop.resource,
            "hook": stop.when,
            "source": str(position),
            "armed_by": list(stop.armed_by),
            "stage": self._numbers[stop],
            "message": stop.message,
            "condition": " or ".join(condition.text for condition in stop.conditions),
            "limit": f"{limit.seconds} s, then {'abort' if limit.aborts else 'go on'}"
            if limit
            else "",
            "needs": list(needs),
        }
        data = {
            key: self._compiler.data(from_plain(value, _NOWHERE), f"{stop.name}.{key}")
            for key, value in inputs.items()
            if value or key == "armed_by"
        }
        name = self._text(self._names[stop])
        data["stopped"] = f"<% {name} in {self._stopping} %>"
        body: dict[str, Any] = {
            "description": _description(stop, position),
            "action": "wfbreak.breakpoint",
        }
        if self._plan.mode is Mode.ABORT:
            data["abort"] = True
        else:
            stage = self._plan.stages[self._numbers[stop] - 1]
            body["pause-before"] = self._all_stop(stage, self._limit(stop, limit) if limit else "")
            if self._numbers[stop] in self._aborting:
                data["abort"] = f"<% wfbreak_fails(env(), {name}) %>"
            if len(stage) > 1:
                data["held"] = f"<% wfbreak_holds({name}, {self._stopping}, {len(stage)}) %>"
        return body | {"input": data}

    def _decision(self, stops: Sequence[Breakpoint]) -> str:
        """The expression for the names of those breakpoints that stop the stack."""
        armed = ", ".join(
            f"{self._text(self._names[stop])} => {self._armed(stop)}" for stop in stops
        )
        steps = self._plan.mode is Mode.STEP and stops[0].hook.is_before
        arguments = ["env()", str(self._numbers[stops[0]]), f"{{{armed}}}"]
        return f"<% wfbreak_stops({', '.join([*arguments, 'true'] if steps else arguments)}) %>"

    def _armed(self, stop: Breakpoint) -> str:
        """The expression for whether it is armed, unless someone has said otherwise since."""
        parts = []
        for condition in stop.conditions:
            data = self._compiler.yaql(condition.data, f"{stop.name}.condition")
            parts.append(f"wfbreak_condition({self._text(condition.text)}, {data})")
        armed = " or ".join(parts) or str(stop.is_armed).lower()
        if stop.certain:
            return armed
        replaced = is_replaced(self._text(self._names[stop.resource]))
        return replaced if armed == "true" else f"{replaced} and ({armed})"

    def _all_stop(self, stops: Sequence[Breakpoint], limit: str = "") -> str:
        """The expression for whether all of a stop's breakpoints stop; ``limit`` is always true."""
        stop = f"{self._stopping}.len() = {len(stops)}"
        return f"<% {limit} and {stop} %>" if limit else f"<% {stop} %>"

    def _limit(self, stop: Breakpoint, limit: Limit) -> str:
        """The expression that has the engine end the stop after its time; it is always true."""
        name = self._text(self._names[stop])
        aborts = str(limit.aborts).lower()
        return f"wfbreak_limit({name}, {self._stopping}, {limit.seconds}, {aborts})"

    def _pause(self, stops: Sequence[Breakpoint]) -> str:
        """The engine's command: its message is the execution's ``state_info``, which UIs show."""
        said = [place(stop.resource, stop.when, stop.message) for stop in stops]
        text = self._text(STOPPED + " ".join("; ".join(said).split()), f"{stops[0].name}.stopped")
        return f"pause msg=<% wfbreak_stopped({text}, {self._stopping}) %>"

    def _text(self, text: str, place: str | None = None) -> str:
        """A text as an expression; ``place`` names it where it has to stand elsewhere."""
        return self._compiler.yaql(Literal(text, _NOWHERE), place or text)


def _description(stop: Breakpoint, position: Position | str) -> str:
    where = place(stop.resource, stop.when)
    verb = "stops" if stop.is_armed else "can be made to stop"
    only = f" if {' or '.join(c.text for c in stop.conditions)}" if stop.conditions else ""
    said = f", as {', '.join(stop.armed_by)} says." if stop.is_armed else "."
    message = f" {stop.message}" if stop.message else ""
    return f"Breakpoint: the stack {verb} {where} ({position}){only}{said}{message}"
