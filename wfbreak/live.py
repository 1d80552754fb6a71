"""What a person decides about an execution that is there, and how the engine reads it.

Breakpoints that are armed or disarmed, those that stay held while others are let go, how far to
step, changed properties, and who did what and why: all of it stands in the execution's own env, so
that the engine keeps it with the execution and every client sees the same. The engine merges the
env that comes with a resume into the one that is there, maps recursively, and never takes a key
out (mistral/services/workflows.py, update_workflow_execution_env). So everything here is a map by
names, and what is over is overwritten. Changed properties stand where Mistral looks for an action's
inputs, all else below one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from wfbreak.failure import OnFailure

KEY: Final = "wfbreak"
"""The key of the env below which wfbreak's own state stands."""

ARMED: Final = "armed"
"""``{breakpoint: bool}``: what was armed or disarmed since the stack was started."""

HELD: Final = "held"
"""``{breakpoint: bool}``: what the last resume did not let go, and what it did."""

FAILED: Final = "failed"
"""``{breakpoint: bool}``: those that fail instead of letting go: their time is over."""

UNTIL: Final = "until"
"""The number of the stop before which nothing stops; null for none."""

RUN_TO: Final = "run_to"
"""In step mode: the number of the stop from which on every resource is stopped at again."""

CHANGES: Final = "changes"
"""``{resource: {path: value}}``: properties that differ from the template's. They stand where
Mistral looks for an action's inputs in an env, so that ``wfbreak.create`` is given them."""

_ACTIONS, _CREATE = "__actions", "wfbreak.create"

ON_FAILURE: Final = "on_failure"
"""What the stack does when something fails (:class:`wfbreak.failure.OnFailure`)."""

SKIPPED: Final = "skipped"
"""``{name: {"id": ID or null}}``: what has failed and is taken as done: resources that were to be
made, and tasks that delete. It stands where the changed properties do, for the failed action."""

AT_ONCE: Final = "at_once"
"""The names of failed tasks that are run again, or skipped, in one step, with that which a request
names; none any more when the engine has done so (:mod:`wfbreak.engine.rerunning`)."""

AUDIT: Final = "audit"
"""``{time: record}``: who did what, when and why."""

STOPPED: Final = "stopped"
"""The event of a record of breakpoints at which the stack stands, without anyone's doing."""

END: Final = 2**31
"""The number of a stop that no stack has."""


class ChangeError(ValueError):
    """A property cannot be changed so. The text is one line."""


def state(env: Any) -> Mapping[str, Any]:
    """wfbreak's part of an execution's env; empty if there is none."""
    found = env.get(KEY) if isinstance(env, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def part(env: Any, key: str) -> Mapping[str, Any]:
    """One of the maps in wfbreak's part of the env."""
    found = state(env).get(key)
    return found if isinstance(found, Mapping) else {}


def is_armed(env: Any, breakpoint_: str, default: bool) -> bool:
    """Whether a breakpoint is armed, on this execution, now."""
    return bool(part(env, ARMED).get(breakpoint_, default))


def stops(env: Any, number: int, armed: Mapping[str, bool], stepping: bool = False) -> list[str]:
    """Which of the breakpoints of stop ``number`` stop the stack, in their order.

    ``armed`` has each with what it is unless someone changed it; ``stepping`` says that this is a
    place at which a step ends.
    """
    said = state(env)
    until, run_to = said.get(UNTIL), said.get(RUN_TO)
    if isinstance(until, int) and number < until:
        return []
    if stepping and (not isinstance(run_to, int) or number >= run_to):
        return list(armed)
    return [name for name, default in armed.items() if is_armed(env, name, default)]


def holds(env: Any, breakpoint_: str, default: bool = False) -> bool:
    """Whether a breakpoint stays held while others are let go; ``default`` if nothing says so."""
    return bool(part(env, HELD).get(breakpoint_, default))


def fails(env: Any, breakpoint_: str) -> bool:
    """Whether a breakpoint fails when the stack is resumed."""
    return bool(part(env, FAILED).get(breakpoint_))


def recorded(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A record of what happens now, as a part of wfbreak's part of the env."""
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {AUDIT: {now: dict(entry)}}


def changes(env: Any) -> Mapping[str, Mapping[str, Any]]:
    """The changed properties, by resources and paths."""
    found = env.get(_ACTIONS) if isinstance(env, Mapping) else None
    found = found.get(_CREATE) if isinstance(found, Mapping) else None
    found = found.get(CHANGES) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def changing(said: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The env that changes properties."""
    return {_ACTIONS: {_CREATE: {CHANGES: {name: dict(paths) for name, paths in said.items()}}}}


def skipping(said: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The env that has actions take things as done, by the actions' names."""
    return {_ACTIONS: {action: {SKIPPED: dict(things)} for action, things in said.items()}}


def failing(way: OnFailure) -> dict[str, Any]:
    """The env that says what becomes of the stack when something fails."""
    return {KEY: {ON_FAILURE: way.value}}


def at_once(env: Any) -> tuple[str, ...]:
    """The tasks that are to be run again, or skipped, in one step."""
    return tuple(map(str, state(env).get(AT_ONCE) or ()))


def doing_at_once(names: Iterable[str]) -> dict[str, Any]:
    """The env that says so."""
    return {KEY: {AT_ONCE: list(names)}}


def is_taken_back(env: Any) -> bool:
    """Whether the stack goes back to what it was when something fails."""
    return state(env).get(ON_FAILURE) == OnFailure.ROLLBACK.value


def merged(env: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two envs as one, maps recursively, as the engine merges them."""
    found = dict(env)
    for key, value in other.items():
        mine = found.get(key)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        found[key] = merged(mine, value) if both and mine is not None else value
    return found


def changed(properties: Any, said: Mapping[str, Any]) -> Any:
    """Properties with some of them changed, by paths (``networks.0.network``).

    :raises ChangeError: if a path leads nowhere; its last step may be new in a map.
    """
    for path, value in said.items():
        properties = _with(properties, path.split("."), value)
    return properties


def _with(data: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(data, Mapping) and (key in data or not rest):
        return {**data, key: _with(data.get(key), rest, value)}
    if isinstance(data, (list, tuple)) and key.isdigit() and int(key) < len(data):
        items = list(data)
        items[int(key)] = _with(items[int(key)], rest, value)
        return items
    raise ChangeError(f"there is no '{key}' to change")


def decide(
    *,
    armed: Mapping[str, bool] | None = None,
    stopped: Iterable[str] = (),
    released: Iterable[str] | None = None,
    until: int | None = None,
    run_to: int | None = None,
) -> dict[str, Any]:
    """wfbreak's part of the env that a resume brings along.

    ``released`` are those of the ``stopped`` breakpoints that are let go (all of them unless
    told). What an earlier resume said of holding and stepping is over.
    """
    go = None if released is None else set(released)
    said: dict[str, Any] = {
        HELD: {name: go is not None and name not in go for name in stopped},
        UNTIL: until,
        RUN_TO: run_to,
    }
    if armed:
        said[ARMED] = dict(armed)
    return said
