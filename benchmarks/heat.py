"""The peer that is Heat: a real one on loopback, brought up as the tests bring up their cloud.

Of that cloud MariaDB, RabbitMQ and Heat with two workers. Not Keystone: a Heat that asks it waits
for it for 2 s at each new stack, which is not Heat's doing; Heat can do without (its pipeline
``noauth``), as wfbreak's own engine does.

Heat's engine is started anew for each run, as it is installed or mended
(:mod:`benchmarks.mended_heat`), and ended after it, so that it takes nothing while another peer is
measured. A stack that did not come to its end leaves messages behind that the next engine would
take; so everything is brought up anew then.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import pymysql
import requests
from cloud.lab.broker import broker_steps
from cloud.lab.cloud import Cloud, StepsOf, own_cloud
from cloud.lab.database import database_steps
from cloud.lab.folder import Folder
from cloud.lab.heat import heat_engine, heat_steps
from cloud.lab.settings import DATABASE_USER, HOST, Settings
from cloud.lab.steps import Step
from cloud.lab.waiting import wait_until

from benchmarks.cases import Ending, Run
from benchmarks.measure import STALLED, WARM_UP, Unfinished, looks
from benchmarks.shapes import Graph
from benchmarks.usage import Meter, family

WORKERS = 2
_ENGINE = "heat-engine"
_PEER = (_ENGINE, "heat-api")
_BELOW = ("mariadb", "rabbitmq")
_MENDED = Path(__file__).with_name("mended_heat.py")

_COUNTED = 2.0
"""Seconds between two counts of the resources that are done."""

_NUMBERS = itertools.count(1)

_PROJECT = "admin"
"""Of the one user whom Heat knows without Keystone."""

_CHANGES: dict[str, dict[str, object]] = {
    "DEFAULT": {"num_engine_workers": WORKERS, "deferred_auth_method": "password"},
    "paste_deploy": {"flavor": "noauth"},
    # The one user has the role "admin" alone, from which only Keystone would make a member.
    "oslo_policy": {"enforce_new_defaults": False, "enforce_scope": False},
}


def _services() -> tuple[StepsOf, ...]:
    """What the lab is made of. Nobody has to be known to a Heat that asks nobody's name."""
    return (
        database_steps,
        broker_steps,
        lambda _: [Step("identity", lambda: None)],
        lambda settings: heat_steps(settings, _CHANGES),
    )


class HeatLab:
    """Heat and what is below it, by the programs in ``venv``; brought up when first needed."""

    def __init__(self, folder: Path, venv: Path) -> None:
        self._folder, self._venv = Folder(folder), venv
        self._up = ExitStack()
        self._cloud: Cloud | None = None

    def settings(self) -> Settings:
        """Of the lab, which is brought up if it is not."""
        if self._cloud is None:
            own = own_cloud(self._folder, self._venv, lambda _: None, _services())
            self._cloud = self._up.enter_context(own)
            self._cloud.settings.processes.kill(_ENGINE)
        return self._cloud.settings

    def take_down(self) -> None:
        self._cloud = None
        self._up.close()


@dataclass(frozen=True, slots=True)
class HeatBench:
    """A template is handed to Heat's API, and the stack is looked at in Heat's database, which
    costs Heat less than its API would, until it is done."""

    lab: HeatLab
    mended: bool

    def run(self, graph: Graph, limit: float) -> Run:
        settings = self.lab.settings()
        try:
            with self._engine(settings) as start, _database(settings) as database:
                for _ in range(WORKERS):  # they take turns
                    _create(settings, database, WARM_UP, limit)
                with (
                    Meter(lambda: _family(settings, _PEER)) as meter,
                    Meter(lambda: _family(settings, _BELOW)) as below,
                ):
                    began = time.monotonic()
                    accepted = _create(settings, database, graph, limit)
                    ended = time.monotonic()
        except BaseException:
            self.lab.take_down()
            raise
        usage, under = meter.usage, below.usage
        return Run(
            ended - began,
            usage.cpu,
            usage.rss,
            usage.pss,
            start,
            under.cpu,
            under.rss,
            under.pss,
            {"accepted": accepted - began},
        )

    def close(self) -> None:
        self.lab.take_down()

    @contextmanager
    def _engine(self, settings: Settings) -> Iterator[float]:
        """The engine, started anew; the seconds that took."""
        # -P: not the folder of this module, in which "heat" is another thing.
        command = (settings.bin("python"), "-P", str(_MENDED)) if self.mended else ()
        with _database(settings) as database:
            _ask(database, "DELETE FROM service")
            began = time.monotonic()
            settings.processes.start(heat_engine(settings, *command))

            def listens() -> bool:
                # Each worker comes to the list of engines when it listens.
                return bool(_ask(database, "SELECT COUNT(*) FROM service")[0] == WORKERS)

            try:
                wait_until(settings, _ENGINE, listens)
                yield time.monotonic() - began
            finally:
                settings.processes.kill(_ENGINE)


def _create(settings: Settings, database: Any, graph: Graph, limit: float) -> float:
    """Make a stack to its end; the moment at which Heat's API had answered."""
    stack = {
        "stack_name": f"bench{next(_NUMBERS)}",
        "template": graph.template(),
        "timeout_mins": 60,
    }
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the machine's is not for loopback
        answer = session.post(
            f"http://{HOST}:{settings.ports.heat}/v1/{_PROJECT}/stacks", json=stack, timeout=limit
        )
    accepted = time.monotonic()
    if answer.status_code != HTTPStatus.CREATED:
        raise Unfinished(Ending.FAILED, answer.text[:500])
    _follow(database, answer.json()["stack"]["id"], len(graph.needs), limit)
    return accepted


def _follow(database: Any, stack: str, resources: int, limit: float) -> None:
    done, moved, counted = 0, 0.0, 0.0
    for gone in looks(limit):
        state, reason = _ask(
            database, "SELECT status, status_reason FROM stack WHERE id = %s", stack
        )
        if state == "COMPLETE":
            return
        if state == "FAILED":
            raise Unfinished(Ending.FAILED, str(reason))
        if gone > counted + _COUNTED:
            counted = gone
            before, done = done, _done(database, stack)
            moved = gone if done != before else moved
            if gone > moved + STALLED:
                raise Unfinished(
                    Ending.HANGS, f"{done} of {resources} done, and nothing for {STALLED:.0f} s"
                )
    raise Unfinished(Ending.OVER, f"{done} of {resources} done after {limit:.0f} s")


def _done(database: Any, stack: str) -> int:
    query = """
        SELECT COUNT(*) FROM resource
        WHERE stack_id = %s AND action = 'CREATE' AND status = 'COMPLETE'
    """
    return int(_ask(database, query, stack)[0])


def _family(settings: Settings, programs: tuple[str, ...]) -> list[psutil.Process]:
    return family(settings.processes.pid(program) for program in programs)


@contextmanager
def _database(settings: Settings) -> Iterator[Any]:
    connection = pymysql.connect(
        host=HOST,
        port=settings.ports.database,
        user=DATABASE_USER,
        password=settings.password,
        database="heat",
        autocommit=True,
    )
    with closing(connection):
        yield connection


def _ask(database: Any, query: str, *values: object) -> Any:
    """The first row of the answer; ``None`` if there is none."""
    with database.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()
