"""What was measured of a cluster, as plain data: the model and the page are made of it alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.shapes import Graph, Shape

Counts = Mapping[str, float]

FIXED = (*[Graph.of(Shape.LAYERED, 30)] * 20, Graph.of(Shape.LAYERED, 300))
"""The load that every configuration is given."""

WAITING = (Graph.of(Shape.INDEPENDENT, 30),) * 3
"""What takes its time, so that it is tried again and again; and the same without a wait."""

BUILT_AFTER = 60.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Load:
    """Stacks that were made, and what that took.

    ``cpu`` are CPU seconds by kinds of process, ``database`` its counters, ``messages`` those that
    the broker was given; all without what the same cluster takes at rest. ``memory`` (bytes of one
    process of each kind) and ``connections`` are the most that was seen. ``others`` is how many of
    the machine's cores were busy with anything else, those who begin the stacks among it.
    """

    name: str
    engines: int
    executors: int
    stacks: int
    resources: int
    tasks: int
    actions: int
    seconds: float
    cpu: Counts
    database: Counts = field(default_factory=dict)
    messages: float = 0.0
    memory: Counts = field(default_factory=dict)
    connections: Counts = field(default_factory=dict)
    others: float = 0.0

    @property
    def cores(self) -> float:
        """How many cores it had, on average."""
        return sum(self.cpu.values()) / self.seconds


@dataclass(frozen=True, slots=True)
class Rest:
    """A cluster of two of each process with nothing to do, in one second."""

    cpu: Counts
    database: Counts
    messages: float
    memory: Counts
    connections: Counts


@dataclass(frozen=True, slots=True)
class Probe:
    """One operation of an engine's, done alone: CPU seconds of the engine and of the database for
    each time, where ``size`` says of how much (open tasks, jobs that wait)."""

    name: str
    size: int
    engine: float
    database: float
    bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it."""

    machine: Mapping[str, str]
    rest: Rest
    loads: tuple[Load, ...]
    probes: tuple[Probe, ...]

    def load(self, name: str, engines: int = 1, executors: int = 1) -> Load:
        """:raises KeyError: if that was not measured."""
        for load in self.loads:
            if (load.name, load.engines, load.executors) == (name, engines, executors):
                return load
        raise KeyError(f"{name} with {engines} engines and {executors} executors")

    def probe(self, name: str) -> list[Probe]:
        """By sizes."""
        return sorted((p for p in self.probes if p.name == name), key=lambda probe: probe.size)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Figures:
        said = json.loads(path.read_text())
        return cls(
            said["machine"],
            Rest(**said["rest"]),
            tuple(Load(**load) for load in said["loads"]),
            tuple(Probe(**probe) for probe in said["probes"]),
        )
