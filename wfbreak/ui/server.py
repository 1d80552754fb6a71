"""Serve the pages on one address until the process is told to end."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.ui import app, safety
from wfbreak.ui.reaching import Engine

_THREADS = 32
"""More than pages may wait at a time (:mod:`.app`)."""

_SIGNAL_SEEN = 0.5
"""Seconds after which a signal is seen that the kernel gave to another of the process's threads."""

_LOG = logging.getLogger(__name__)


class PortRefused(WfbreakError):
    """The server cannot listen where it shall."""

    exit_status = ExitStatus.BAD_INPUT


def serve(
    engine: Engine,
    host: str,
    port: int,
    names: tuple[str, ...],
    shown: app.Shown,
    ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is given the address with its token. Port 0 is a
    free one. Only for a process's main thread, because of the signals.

    :raises UiUnavailable: if the extra ``ui`` is not installed.
    :raises PortRefused: if the address cannot be listened at.
    :raises EngineUnavailable: or what else keeps the engine from being reached.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server = _listening(host, port)
    try:
        port = server.bind_addr[1]
        made, pages, token = app.make(engine, safety.Names(host, names), shown, port)
        server.wsgi_app = made
        with engine:
            thread = threading.Thread(target=server.serve, name="pages", daemon=True)
            thread.start()
            ready(f"http://{_named(host)}:{port}/?{safety.TOKEN}={token}")
            while not ended.wait(_SIGNAL_SEEN):
                pass
            pages.end()
            server.stop()
            thread.join()
    finally:
        server.stop()


def _listening(host: str, port: int) -> Any:
    try:
        from cheroot import wsgi
    except ImportError:
        raise app.UiUnavailable(app.MISSING) from None

    class Server(wsgi.Server):
        def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
            # A terminal is for people. What is said here has no address in it.
            _LOG.log(level, "%s", msg, exc_info=traceback)

    server = Server((host, port), None, numthreads=_THREADS, server_name="wfbreak")
    server.max_request_body_size = app.LARGEST
    try:
        server.prepare()
    except OSError as error:
        raise PortRefused(f"wfbreak ui cannot listen at {host}:{port}: {error}") from None
    return server


def _named(host: str) -> str:
    """What a browser on this machine calls the address."""
    if host == "0.0.0.0":  # noqa: S104  # compared, not bound
        return socket.gethostname()
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
