"""A real Mistral on a laptop: API, engine and executor in this process, its state in one folder.

A stack that waits at a breakpoint lies in the folder's SQLite file; it survives the process and
goes on in the next one. One engine at a time has a folder, which a lock sees to; others find its
address in ``engine.json`` and talk to it. While it is up any Mistral client can use it.

Mistral's configuration is global to a process, so a process has one embedded engine in its life.
"""

from __future__ import annotations

import fcntl
import inspect
import json
import logging
import os
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from wfbreak import keys
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine import alone, awaiting, recovery
from wfbreak.engine.alone import garbage, journal

_CONFIG = """\
[DEFAULT]
transport_url = fake:/
log_file = {state}/engine.log
default_log_levels = {levels}
# The legacy scheduler polls once a second; with many joins that doubles the time.
scheduler_type = default

[api]
host = 127.0.0.1
port = {port}
# Mandatory validation takes 0.2 s of CPU a task at each upload.
validation_mode = enabled

[database]
connection = sqlite:///{state}/mistral.sqlite

[executor]
type = local

[notifier]
type = local

[action_std_http]
# The engine is its user's own: a webhook may listen on the same machine.
denied_cidrs = 169.254.0.0/16,fe80::/10

[pecan]
auth_enable = false

[cron_trigger]
enabled = false

[scheduler]
# What was scheduled when the engine was killed goes on after 2 s, not after a minute.
pickup_job_after = 2

[action_heartbeat]
# An action that a crash has taken is found out after 30 s, not after an hour.
check_interval = 5
max_missed_heartbeats = 6
first_heartbeat_timeout = 30
"""


_LOG_LEVELS = (
    "mistral=WARNING,sqlalchemy=WARNING,oslo.messaging=WARNING,oslo_messaging=CRITICAL,"
    "workflow_trace=WARNING,wfbreak=WARNING"
)


class EngineUnavailable(WfbreakError):
    """The embedded engine cannot be started."""

    exit_status = ExitStatus.UNREACHABLE


class EngineBusy(EngineUnavailable):
    """Another process has the folder's engine."""


class EmbeddedEngine:
    """Mistral with its state in ``state``, its API on ``port`` of 127.0.0.1 (0: a free one).

    Use it as a context manager, or call :meth:`start` and :meth:`stop`. One that is a service has
    its process for itself, and may be told to end by others (:mod:`wfbreak.engine.background`).
    """

    def __init__(self, state: Path, port: int = 0, *, is_service: bool = False) -> None:
        self.state = state.absolute()
        self.port = port
        self._is_service = is_service
        self._lock: IO[str] | None = None
        self._services: list[Any] = []
        self._changes: awaiting.Changes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2"

    def __enter__(self) -> EmbeddedEngine:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bring the engine up; less than 2 s, most of it imports.

        :raises EngineBusy: if another process has the folder.
        :raises EngineUnavailable: if Mistral is not installed, or the folder or port cannot be had.
        """
        try:
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = self._take_lock()
        except OSError as error:
            raise EngineUnavailable(folder_refused(self.state, error)) from None
        os.environ.setdefault(keys.KEY_FILE_VARIABLE, str(self.state / "seal.key"))
        keys.load_keys(create=True)
        self.port = self.port or _free_port()
        config = self.state / "mistral.conf"
        _write(config, _CONFIG.format(state=self.state, port=self.port, levels=_LOG_LEVELS))
        try:
            _in_daemon_thread(lambda: self._start_services(config))
        except ImportError as error:
            self.stop()
            raise EngineUnavailable(
                f"the embedded engine needs Mistral ({error}): pip install 'wfbreak[engine]', or "
                "name an engine with --mistral-url or --os-cloud"
            ) from None
        except OSError as error:
            self.stop()
            raise EngineUnavailable(f"the engine cannot listen at {self.url}: {error}") from None
        told = {"url": self.url, "pid": os.getpid(), "service": self._is_service}
        _write(self.state / "engine.json", json.dumps(told) + "\n")

    def stop(self) -> None:
        """End the engine; running actions come to their end first."""
        (self.state / "engine.json").unlink(missing_ok=True)
        if self._changes is not None:
            self._changes.end()
        for service in reversed(self._services):
            service.stop()
        self._services.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> IO[str]:
        descriptor = os.open(self.state / "engine.lock", os.O_RDWR | os.O_CREAT, 0o600)
        lock = os.fdopen(descriptor, "r+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise EngineBusy(f"another process has the engine in {self.state}") from None
        return lock

    def _start_services(self, config: Path) -> None:
        with warnings.catch_warnings(), _without_sources():
            warnings.simplefilter("ignore")
            _prepare_oslo()
            from mistral import config as mistral_config
            from mistral.api.service import WSGIService
            from mistral.db.v2 import api as database
            from mistral.engine import engine_server
            from mistral.rpc import base as rpc
            from mistral.services import actions
            from oslo_config import cfg
            from oslo_log import log

            mistral_config.parse_args(["--config-file", str(config)])
            log.setup(cfg.CONF, "mistral")
            # Everything belongs into the log file; the terminal is for people.
            for handler in list(logging.getLogger().handlers):
                if type(handler) is logging.StreamHandler:
                    logging.getLogger().removeHandler(handler)
            alone.install()
            rpc.get_transport()
            journal.prepare(self.state / "mistral.sqlite")
            database.setup_db()
            actions.get_system_action_provider()  # with what an engine of a cluster has, too
            (self.state / "engine.log").chmod(0o600)
            lost = recovery.find_lost()
            engine = engine_server.get_oslo_service(setup_profiler=False)
            engine.start()
            self._services.append(engine)
            recovery.recover(lost)
            api = WSGIService("mistral_api")
            self._changes = awaiting.Changes(api.app, self.state / "mistral.sqlite")
            self._changes.listen()
            api.server.wsgi_app = self._changes
            api.start()
            self._services.append(api)
            garbage.spare()


def _in_daemon_thread(start: Callable[[], None]) -> None:
    """Call ``start`` so that the threads which it starts do not keep the process alive.

    A thread inherits this from the one that starts it. Mistral's heartbeat sender sleeps for half
    a minute, and a process would wait for it at its end. The thread stays: what Mistral keeps in
    its thread-locals would be torn down at its end, which was seen to hang.
    """
    failed: list[BaseException] = []
    done = threading.Event()

    def call() -> None:
        try:
            start()
        except BaseException as error:
            failed.append(error)
        done.set()
        threading.Event().wait()

    threading.Thread(target=call, name="engine", daemon=True).start()
    done.wait()
    if failed:
        raise failed[0]


def folder_refused(state: Path, error: OSError) -> str:
    """What is said of a folder that an engine cannot have."""
    return f"the engine's folder {state} cannot be used: {error.strerror}"


@dataclass(frozen=True, slots=True)
class Running:
    """An engine that a process has up on a folder."""

    url: str
    pid: int
    is_service: bool


def is_held(state: Path) -> bool:
    """Whether a process has the folder's engine: up, coming up or going down."""
    lock = state / "engine.lock"
    if not lock.exists():
        return False
    with lock.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def running(state: Path) -> Running | None:
    """The engine that another process has up on ``state``; ``None`` if there is none, or one that
    is coming up or going down."""
    if not is_held(state):
        return None
    try:
        told = json.loads((state / "engine.json").read_text())
        return Running(str(told["url"]), int(told["pid"]), bool(told.get("service")))
    except (OSError, ValueError, KeyError):
        return None


def _prepare_oslo() -> None:
    # Mistral 23 runs on threads; oslo.service would choose eventlet for it.
    from oslo_service import backend

    if backend.get_backend_type() is None:
        backend.init_backend(backend.BackendType.THREADING)


@contextmanager
def _without_sources() -> Iterator[None]:
    """Spare the API's import the reading of its own source.

    wsme sorts the fields of each of the API's classes by their lines in the file, which it parses
    anew for each: 1.5 s of 3.5. Without a source it sorts them by name.
    """

    def none(_: object) -> Any:
        raise OSError("not wanted")

    known = inspect.getsourcelines
    inspect.getsourcelines = none  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getsourcelines = known


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write(path: Path, text: str) -> None:
    """Write a file for its owner only, whole or not at all."""
    part = path.with_suffix(f"{path.suffix}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    part.replace(path)
