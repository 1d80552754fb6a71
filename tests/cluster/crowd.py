"""Many stacks at a time, the people who run them, and what must hold whatever happens meanwhile.

A person does what the commands do: begins a stack, looks, resumes it where it stands; and where no
answer comes, or a refusal, looks again. At each stop exactly what the preview says has been made
(by the executors' own file, not by what the engine believes), at the end each resource, once.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from engine.process import client_of
from properties import filecloud
from properties.graphs import Stack
from properties.order import POST, PRE, name_of

from cluster.cluster import Cluster
from wfbreak import audit, decide
from wfbreak.cli.begin import begin
from wfbreak.cli.stacks import read_status
from wfbreak.diagnostics import WfbreakError
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.status import ResourceState, StackStatus
from wfbreak.translate import Request, Translation, translate
from wfbreak.translate.partition import OFF, Partition
from wfbreak.translate.preview import Stop, preview

_AT_ONCE = 6
"""People who act at the same time."""

_LOOKS = 1.0
"""Seconds between two rounds of looks."""


def draw(chance: random.Random, size: int, stops: int) -> Stack:
    """A stack of ``size`` resources, each needing up to three before it, with so many stops."""
    needs = [
        tuple(sorted({chance.randrange(max(0, n - 8), n) for _ in range(chance.randint(0, 3))}))
        if n
        else ()
        for n in range(size)
    ]
    ways = [chance.choice(("depends_on", "get_resource", "get_attr")) for _ in needs]
    places = {
        (Stack.name(chance.randrange(size)), chance.choice((PRE, POST))) for _ in range(stops)
    }
    return Stack(tuple(needs), tuple(ways), frozenset(places))


def translated(stack: Stack, name: str, folder: Path, partition: Partition) -> Translation:
    """Its translation; what was made of each resource is an output."""
    document = yaml.safe_load(stack.template())
    made = {name: {"get_resource": name} for name in document["resources"]}
    document["outputs"]["made"] = {"value": made}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    breaks = tuple(map(name_of, sorted(stack.stops)))
    return translate(Request(str(path), breaks=breaks, stack=name, partition=partition))


class Wrong(Exception):
    """Something is not as it must be."""


@dataclass
class Person:
    """One stack, and what its owner has seen of it."""

    name: str
    stack: Stack
    translation: Translation
    behaviour: Mapping[str, Any]
    things: Path
    execution: str | None = None
    seen: int = 0
    """The stops at which it has stood so far."""
    resumes: int = 0
    unanswered: int = 0
    is_done: bool = False
    stops: list[Stop] = field(init=False)

    def __post_init__(self) -> None:
        self.stops = preview(self.translation.plan)

    def act(self, client: EngineClient, listed: Mapping[str, State]) -> None:
        """Do what is next, if anything is; an answer that does not come is waited for next time.

        :raises Wrong: if the stack is not as it must be.
        """
        try:
            if self.execution is None:
                self._begin(client)
            elif listed.get(self.execution) in (None, State.RUNNING):
                return
            else:
                self._look(client, client.execution(self.execution))
        except WfbreakError:
            self.unanswered += 1

    def _begin(self, client: EngineClient) -> None:
        if self.unanswered:  # it may have begun for all that
            known = {e.workflow_name: e.id for e in client.executions() if e.is_stack}
            if self.translation.name in known:
                self.execution = known[self.translation.name]
                return
        self.execution = begin(client, self.translation, "run", None, env=self.behaviour).id

    def _look(self, client: EngineClient, execution: Execution) -> None:
        if execution.state is State.PAUSED:
            status = read_status(client, execution)
            # A resume that had no answer may come about between two questions.
            again = client.execution(execution.id)
            if (again.state, again.updated_at) == (execution.state, execution.updated_at):
                self._at_stop(client, status)
        elif execution.state is State.SUCCESS:
            self._at_end(client, execution)
        elif execution.state.is_final:
            raise self._wrong(f"{execution.state.value}: {execution.state_info}")

    def _at_stop(self, client: EngineClient, status: StackStatus) -> None:
        stopped = {b.name for b in status.stopped}
        if self.seen and stopped & set(self.stops[self.seen - 1].held):
            here = self.stops[self.seen - 1]  # the resume before has not come about
        elif self.seen == len(self.stops):
            raise self._wrong(f"it stands after its last stop: {sorted(stopped)}")
        else:
            here = self.stops[self.seen]
        self._check(here, status)
        if stopped != set(here.held):
            if not stopped < set(here.held):
                raise self._wrong(f"it stands at {sorted(stopped)}, not at {here.held}")
            return  # what starts its breakpoints was lost, and comes again
        self.seen = self.stops.index(here) + 1
        decision = decide.resume(status)
        decide.carry_out(client, status, decision, audit.record("resume", None, decision))
        self.resumes += 1

    def _check(self, stop: Stop, status: StackStatus) -> None:
        made = self._made()
        if made != Counter(stop.done):
            raise self._wrong(f"at stop {stop.number} {_difference(made, Counter(stop.done))}")
        for state, words in (
            (ResourceState.DONE, stop.done),
            (ResourceState.BLOCKED, stop.blocked),
            (ResourceState.UNTOUCHED, stop.untouched),
        ):
            found = {r.name for r in status.resources if r.state is state}
            if found != set(words):
                raise self._wrong(f"at stop {stop.number} {state.value} are {sorted(found)}")

    def _at_end(self, client: EngineClient, execution: Execution) -> None:
        if self.seen != len(self.stops):
            raise self._wrong(f"it has ended after {self.seen} of {len(self.stops)} stops")
        expected = Counter(self.stack.order.names)
        if (made := self._made()) != expected:
            raise self._wrong(f"at its end {_difference(made, expected)}")
        ids = {t.resource: t.id for t in filecloud.made(self.things, execution.id)}
        if execution.output["made"] != ids:
            raise self._wrong("the engine names other things than those that were made")
        last = len(self.stack.needs) - 1
        if execution.output["last"] != self.stack.value(last):
            raise self._wrong(f"its output is {execution.output['last']}")
        twice = Counter(task.name for task in client.tasks(execution.id))
        if set(twice.values()) != {1}:
            raise self._wrong(f"tasks twice: {[n for n, count in twice.items() if count > 1]}")
        self.is_done = True

    def _made(self) -> Counter[str]:
        assert self.execution is not None
        return Counter(thing.resource for thing in filecloud.made(self.things, self.execution))

    def _wrong(self, what: str) -> Wrong:
        return Wrong(f"{self.name} ({self.execution}): {what}")


class Crowd:
    """People, and the rounds in which they act."""

    def __init__(self, cluster: Cluster, chance: random.Random, people: Iterable[Person]) -> None:
        self._cluster, self._chance = cluster, chance
        self.people = list(people)

    @property
    def under_way(self) -> list[Person]:
        return [person for person in self.people if not person.is_done]

    def __str__(self) -> str:
        made = len(filecloud.things(self._cluster.things))
        begun = sum(person.execution is not None for person in self.people)
        done = sum(person.is_done for person in self.people)
        stops = sum(person.seen for person in self.people)
        return f"{begun} stacks begun, {done} done, {stops} stops, {made} things"

    def round(self) -> None:
        """Let everybody act once who can.

        :raises Wrong: if a stack is not as it must be.
        """
        began = time.monotonic()
        try:
            # The list, once for all of them: a look at each would be most of an API's work.
            listed = {found.id: found.state for found in self._client().executions()}
        except WfbreakError:
            listed = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            acts = [pool.submit(p.act, self._client(), listed) for p in self.under_way]
        for act in acts:
            act.result()
        time.sleep(max(0.0, began + _LOOKS - time.monotonic()))

    def strangers(self) -> int:
        """How many things were made that belong to no stack of theirs: a stack that began twice."""
        known = {person.execution for person in self.people}
        return sum(thing.execution not in known for thing in filecloud.things(self._cluster.things))

    def _client(self) -> EngineClient:
        return client_of(self._chance.choice(self._cluster.urls))


def _difference(made: Counter[str], expected: Counter[str]) -> str:
    return f"too much is made {sorted(made - expected)}, too little {sorted(expected - made)}"


def people(
    cluster: Cluster,
    chance: random.Random,
    folder: Path,
    count: int,
    size: int,
    seconds: float,
    word: str = "crowd",
) -> list[Person]:
    """So many with stacks of ``size`` resources, each of which takes some time below ``2 *
    seconds``; every second stack has stops, and half of each kind are in parts."""
    found = []
    for number in range(count):
        stack = draw(chance, size, chance.randint(1, 3) if number % 2 else 0)
        takes = {name: {"seconds": chance.uniform(0, seconds)} for name in stack.order.names}
        behaviour = {"__actions": {"wfbreak.create": {"rehearsal": takes}}}
        name = f"{word}{number}"
        partition = Partition(6) if number % 4 < 2 else OFF
        translation = translated(stack, name, folder, partition)
        found.append(Person(name, stack, translation, behaviour, cluster.things))
    return found
