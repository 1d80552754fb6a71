"""The addresses of the pages, and what answers at them.

``GET`` looks and never changes anything; ``POST`` does what a form asks for and leads back to the
page. Whatever is refused is a page too, with a status that fits.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfbreak import audit, stacks
from wfbreak.decide import DecisionRefused
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient, EngineRefused
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import Conflict
from wfbreak.overview import Overview
from wfbreak.report import facts, sources
from wfbreak.ui import controls, deeds, pages, safety
from wfbreak.ui.listing import Listing, Row, chosen
from wfbreak.ui.memory import Memory, Reading
from wfbreak.ui.reaching import Engine
from wfbreak.ui.watching import Look, Watching, version_of, version_of_stack

_LIST = ""
"""What is watched beside the executions, by their ids."""

_WAIT, _WAITING = 20.0, 24
"""Seconds after which a page that waits is answered, and how many may wait at a time."""

LARGEST = 256 * 1024
"""Bytes of a form."""

_STATUSES = {
    ExitStatus.BAD_INPUT: 400,
    ExitStatus.NOT_FOUND: 404,
    ExitStatus.CONFLICT: 409,
    ExitStatus.UNREACHABLE: 503,
}
_TITLES = {
    400: "Not understood",
    403: "No entry",
    404: "Not there",
    405: "Not understood",
    409: "Refused",
    413: "Too much",
    503: "No engine answers",
}


MISSING = "wfbreak ui needs the extra 'ui': pip install 'wfbreak[ui]'"


class UiUnavailable(WfbreakError):
    """The pages cannot be served here."""

    exit_status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of the stacks' files: those in ``folder``, and ``more`` environments; nothing
    without a folder."""

    folder: Path | None = None
    more: tuple[str, ...] = ()


class Pages:
    """What is looked up for the pages, of one engine."""

    def __init__(self, engine: Engine, shown: Shown) -> None:
        self._engine = engine
        self._shown = shown
        self._memory = Memory(engine.ask)
        self._listing = Listing(Overview(engine.ask, with_env=True), self._memory)
        self.watching = Watching(self._look)

    def end(self) -> None:
        """Have all that wait answered, and read no more."""
        self.watching.end()
        self._memory.end()

    def rows(self) -> list[Row]:
        return self._listing.rows()

    def stack(self, name: str, csrf: str, done: list[str]) -> str:
        """The page of a stack, by its name or the id of one of its executions."""

        reading = Reading(self._memory)

        def look(client: EngineClient) -> tuple[facts.Facts, Execution | None, str | None]:
            execution = stacks.find(client, name)
            after = None
            if execution.state is State.CANCELLED:
                after = stacks.successor(client, execution)
            return facts.gather(client, execution, reading), after, client.user

        found, successor, user = self._engine.ask(look)
        return pages.stack(
            found,
            self._files(found),
            controls.of(found.status),
            version=version_of_stack(found.execution, found.tasks.values(), reading.lacks),
            lacks=reading.lacks,
            csrf=csrf,
            who=audit.whoami(user),
            done=done,
            successor=successor.id if successor is not None else None,
        )

    def do(self, deed: str, execution: str, form: deeds.Form) -> str:
        return deeds.do(self._engine.client(), deed, execution, form)

    def _files(self, found: facts.Facts) -> sources.Sources:
        if self._shown.folder is None:
            return sources.NONE
        from wfbreak.status import document

        inputs = sources.workflow_inputs(document(found.workflow))
        return sources.read(found.status, inputs, self._shown.folder, self._shown.more)

    def _look(self, name: str) -> Look:
        if name == _LIST:
            return Look(version_of_list(self.rows()))

        def look(client: EngineClient) -> Look:
            execution = client.execution(name)
            tasks = client.tasks(name)
            version = version_of_stack(execution, tasks, self._memory.lacks(tasks))
            if execution.state.is_final:
                return Look(version)
            return Look(version, lambda seconds: client.changed(execution, seconds))

        return self._engine.ask(look)


def version_of_list(rows: list[Row]) -> str:
    return version_of([str(row) for row in rows])


def make(engine: Engine, names: safety.Names, shown: Shown, port: int) -> tuple[Any, Pages, str]:
    """The pages as WSGI has them, what is behind them, and the token that lets in.

    :raises UiUnavailable: if Flask is not installed.
    """
    try:
        import flask
        from flask_wtf import csrf as protection
    except ImportError:
        raise UiUnavailable(MISSING) from None
    behind = Pages(engine, shown)
    door = safety.Door(names)
    headers = safety.headers(pages.scripts())
    app = flask.Flask("wfbreak.ui", static_folder=None, template_folder=None)
    app.config |= {
        "SECRET_KEY": secrets.token_bytes(32),
        "SESSION_COOKIE_NAME": f"wfbreak-{port}",  # browsers do not tell cookies by their ports
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "MAX_CONTENT_LENGTH": LARGEST,
        "WTF_CSRF_TIME_LIMIT": None,  # a page may be open for as long as a stack stands
        "WTF_CSRF_SSL_STRICT": False,
    }

    @app.before_request
    def enter() -> Any:
        request, session = flask.request, flask.session
        if (why := door.stranger(request)) is not None:
            return refused(403, why)
        token = request.args.get(safety.TOKEN)
        if token is not None and request.method == "GET":
            if not door.knows(token):
                return refused(403, "This address is that of another wfbreak ui, which has ended.")
            door.let_in(session)
            return pages.entering(request.path)
        why = door.outside(session)
        return refused(403, why) if why is not None else None

    protection.CSRFProtect(app)  # after the door: who is not let in learns nothing

    @app.after_request
    def harden(response: flask.Response) -> flask.Response:
        for name, value in headers.items():
            response.headers[name] = value
        return response

    def refused(status: int, text: str, back: str | None = None) -> tuple[str, int]:
        return pages.refusal(_TITLES.get(status, "Failed"), text, back), status

    @app.errorhandler(WfbreakError)
    def refuse(error: WfbreakError) -> tuple[str, int]:
        known = flask.request.view_args or {}
        back = flask.url_for("stack", name=known["name"]) if "deed" in known else "/"
        return refused(status_of(error), str(error), back)

    @app.errorhandler(protection.CSRFError)
    def forged(_error: Exception) -> tuple[str, int]:
        return refused(403, "The form is not of this server's pages: open the page anew.", "/")

    from werkzeug.exceptions import HTTPException

    @app.errorhandler(HTTPException)
    def wrong(error: HTTPException) -> tuple[str, int]:
        return refused(error.code or 500, error.description or error.name, "/")

    @app.get("/")
    def index() -> str:
        rows = behind.rows()
        name, state = flask.request.args.get("name", ""), flask.request.args.get("state", "")
        return pages.listing(
            chosen(rows, name, state),
            len(rows),
            version=version_of_list(rows),
            name=name,
            state=state,
            engine=engine.client().url,
        )

    @app.get("/stacks/<name>")
    def stack(name: str) -> str:
        done = [str(text) for text in flask.get_flashed_messages()]
        return behind.stack(name, protection.generate_csrf(), done)

    waiting = threading.BoundedSemaphore(_WAITING)

    @app.get("/changes", defaults={"name": _LIST})
    @app.get("/stacks/<name>/changes")
    def changes(name: str) -> Mapping[str, str]:
        known = flask.request.args.get("since", "")
        waits = waiting.acquire(blocking=False)
        try:
            return {"version": behind.watching.changed(name, known, _WAIT if waits else 1.0)}
        finally:
            if waits:
                waiting.release()

    @app.post("/stacks/<name>/<any({}):deed>".format(", ".join(deeds.DEEDS)))
    def act(name: str, deed: str) -> Any:
        form = deeds.Form(flask.request.form.to_dict(flat=False))
        flask.flash(behind.do(deed, name, form))
        return flask.redirect(flask.url_for("stack", name=name), 303)

    return app, behind, door.token


def status_of(error: WfbreakError) -> int:
    """The HTTP status of what was refused."""
    if isinstance(error, (DecisionRefused, EngineRefused, Conflict, stacks.StackAmbiguous)):
        return 409
    return _STATUSES.get(error.exit_status, 500)
