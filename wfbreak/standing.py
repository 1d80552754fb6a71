"""What whoever finds a stack stopped is told, by any client of Mistral's.

A workflow UI shows of a paused execution its ``state_info`` and little else that speaks: names and
states of tasks. So the engine writes there, at the moment of the stop, what one asks first: what it
waits for, since when, who set it, what a resume does, what exists. In whole sentences, for a page
of HTML makes one paragraph of them; the most important first, for a tooltip may be cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wfbreak import live, secrets
from wfbreak.course import next_stop, stages_of
from wfbreak.wording import HEADLINE_END, NAMES, dealt_with, named, place

_IDS = 40
"""How many of the resources that exist are told with their ids."""

_TIME = "%Y-%m-%d %H:%M:%S UTC"
_SINCE = re.compile(r"^Since (.* UTC)\.$", re.MULTILINE)

_DELETE = "wfbreak.delete"
_RESOURCES = ("wfbreak.create", "wfbreak.nested", _DELETE)


@dataclass(frozen=True, slots=True)
class Standing:
    """A stack at the moment in which it stops.

    ``tasks`` are the document's; ``done`` are the names of those that have ended well, ``failed``
    of those that have not. ``stops`` are the breakpoints at which it stops. ``read`` gives a task's
    input as it was written, where the document fetches it from elsewhere. ``steps``: it goes by
    steps, so it stops where nothing is armed.
    """

    tasks: Mapping[str, Any]
    done: frozenset[str]
    failed: frozenset[str]
    stops: Sequence[str]
    env: Mapping[str, Any]
    since: datetime
    steps: bool = False
    read: Callable[[Any], Any] = field(default=lambda value: value)

    def listed(self) -> list[str]:
        """The tasks of those resources that are told with their ids."""
        return self._exist()[:_IDS]

    def words(self, said: str, ids: Mapping[str, Any]) -> str:
        """All of it. ``said`` is where it stops, ``ids`` are those of the ``listed``, as far as
        they have any."""
        sentences = [
            f"Since {self.since.strftime(_TIME)}.",
            *self._set_by(),
            *self._begun(),
            *self._resumed(),
            *self._existing(ids),
        ]
        return HEADLINE_END.join([said, "\n".join(sentences)])

    def _input(self, name: str, key: str) -> Any:
        return self.read(self.tasks[name].get("input", {}).get(key))

    def _set_by(self) -> Iterator[str]:
        for name in self.stops[:NAMES]:
            by = ", ".join(map(str, map(self.read, self._input(name, "armed_by") or ())))
            armed = live.part(self.env, live.ARMED).get(name)
            if not armed and not by:
                yield f"A step ends here ({name})."
                continue
            said = [f"set by {_armer(self.env, name) if armed else by}"]
            if condition := self._input(name, "condition"):
                said.append(f"only if {condition}")
            if limit := self._input(name, "limit"):
                said.append(f"for at most {limit}")
            yield f"Breakpoint {name}, {', '.join(said)}."
        if len(self.stops) > NAMES:
            yield f"And {len(self.stops) - NAMES} more breakpoints."

    def _begun(self) -> Iterator[str]:
        trail = live.part(self.env, live.AUDIT)
        first = next((trail[at] for at in sorted(trail) if _who(trail[at])), None)
        if first is not None:
            yield f"Begun ({first.get('event')}) by {_who(first)}{_why(first)}."

    def _resumed(self) -> Iterator[str]:
        stages = stages_of(self.tasks)
        here = max((stages[name] for name in self.stops), default=0)
        number, ahead = next_stop(self.tasks, self.env, here, steps=self.steps)
        todo = [name for name in self._resources() if name not in self.done]
        now = [name for name in todo if number is None or stages[name] < number]
        now.sort(key=stages.__getitem__)
        does = (
            f"{dealt_with([*map(self._action, now)])}: {named(now)}"
            if now
            else "no resource is dealt with"
        )
        if number is None:
            yield f"Resume: {does}; then the stack is done." if now else "Resume: it is done then."
            return
        places = "; ".join(self._place(name) for name in ahead[:NAMES])
        certain = self.steps or any(not self._input(name, "condition") for name in ahead)
        left = len(todo) - len(now)
        rest = f", with {left} still to come" if left else ""
        word = "stops again" if certain else "may stop again"
        yield f"Resume: {does}; then it {word} {places}{rest}."

    def _place(self, name: str) -> str:
        return place(str(self._input(name, "resource")), str(self._input(name, "hook")))

    def _existing(self, ids: Mapping[str, Any]) -> Iterator[str]:
        made = self._exist()
        shown = [self._told(name, ids.get(name)) for name in made[:_IDS]]
        if len(made) > _IDS:
            shown.append(f"and {len(made) - _IDS} more, each with its id in its task's result")
        to_be = sum(self._action(name) != "delete" for name in self._resources())
        if to_be:
            are = f": {', '.join(shown)}" if shown else ""
            yield f"{len(made)} of {to_be} resources exist{are}."
        for done, action, words in (
            (False, "update", "As they were before"),
            (False, "delete", "Not yet deleted"),
            (True, "delete", "Deleted"),
        ):
            names = [n for n in self._resources() if self._action(n) == action]
            names = [n for n in names if (n in self.done) is done]
            if names:
                yield f"{words}: {named([str(self._input(n, 'resource')) for n in names])}."

    def _told(self, name: str, ident: Any) -> str:
        shown = secrets.MASK if secrets.is_sealed(ident) else ident
        what = f" {shown}" if isinstance(shown, str) and shown else ""
        return f"{self._input(name, 'resource')} ({self._input(name, 'type')}{what})"

    def _exist(self) -> list[str]:
        """The tasks that have made what exists, in the document's order."""
        return [n for n in self._resources() if n in self.done and self._action(n) != "delete"]

    def _resources(self) -> list[str]:
        """The tasks of resources; not those that take away what another has replaced, most of which
        have nothing to do."""
        return [
            name
            for name, task in self.tasks.items()
            if task.get("action") in _RESOURCES
            and ("when" not in task["input"] or name in self.failed)
        ]

    def _action(self, name: str) -> str:
        task = self.tasks[name]
        if task["action"] == _DELETE:
            return "delete"
        return "update" if "existing" in task["input"] else "create"


def breakpoint_words(inputs: Mapping[str, Any], read: Callable[[Any], Any]) -> str:
    """A breakpoint in words, of its task's inputs: where it is, and who set it."""
    said = {key: read(inputs.get(key)) for key in ("resource", "hook", "message")}
    where = place(str(said["resource"]), str(said["hook"]), said["message"])
    by = ", ".join(map(str, map(read, inputs.get("armed_by") or ())))
    return f"breakpoint {where}, set by {by}" if by else f"stop {where}"


def since_of(words: str) -> datetime | None:
    """Since when a stack has stood, of what it says; ``None`` if that is not of this kind."""
    found = _SINCE.search(words)
    return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC) if found else None


def _armer(env: Mapping[str, Any], name: str) -> str:
    """Who armed a breakpoint on this execution."""
    trail = live.part(env, live.AUDIT)
    for at in sorted(trail, reverse=True):
        entry = trail[at]
        if name in (entry.get("armed") or ()) or name == entry.get("until"):
            return f"{_who(entry)} at {at[:19].replace('T', ' ')} UTC{_why(entry)}"
    return "somebody, on this execution"


def _who(entry: Any) -> str:
    return str(entry.get("who") or "") if isinstance(entry, Mapping) else ""


def _why(entry: Mapping[str, Any]) -> str:
    return f", because: {entry['why']}" if entry.get("why") else ""
