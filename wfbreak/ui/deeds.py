"""What a form of a page asks for: read, decided, recorded and carried out, and said in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wfbreak import acting, decide
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.engine.client import EngineClient
from wfbreak.stacks import read_status
from wfbreak.status import StackStatus

REASON = 500
"""Letters that a reason has at most."""


class FormError(WfbreakError):
    """A form says something that cannot be read, or too little."""

    exit_status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in, by the fields' names."""

    fields: Mapping[str, Sequence[str]]

    def get(self, name: str) -> str:
        """The first value of a field; empty if it has none."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        return list(self.fields.get(name, ()))


Deed = Callable[[EngineClient, StackStatus, Form], str]


def do(client: EngineClient, deed: str, execution: str, form: Form) -> str:
    """Do it, and say what was done.

    :raises FormError: if the form is not as the page gives it.
    :raises DecisionRefused: if it cannot be had where the stack stands.
    :raises WfbreakError: whatever the engine refuses.
    """
    return DEEDS[deed](client, read_status(client, client.execution(execution)), form)


def _resume(client: EngineClient, status: StackStatus, form: Form) -> str:
    names: list[str] = []
    until = None
    which = form.get("which")
    if which == "chosen":
        names = _chosen(form, "breakpoint", "breakpoint")
    elif which == "until":
        until = form.get("until")
        if not until:
            raise FormError("Say until which breakpoint the stack shall go on.")
    elif which != "all":
        raise FormError("The form does not say what shall be let go.")
    decision = decide.resume(status, names, until)
    acting.go_on(client, status, "resume", decision, _reason(form))
    if until:
        return f"{status.name} goes on until {until}."
    held = f"; held: {', '.join(decision.held)}" if decision.held else ""
    gone = f" past {', '.join(decision.released)}" if decision.released else ""
    return f"{status.name} goes on{gone}{held}."


def _step(client: EngineClient, status: StackStatus, form: Form) -> str:
    text = form.get("count")
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise FormError(f"'{text}' is no number of steps.")
    acting.go_on(client, status, "step", decide.step(status, int(text)), _reason(form))
    return f"{status.name} goes on by {int(text)} {'resource' if int(text) == 1 else 'resources'}."


def _retry(client: EngineClient, status: StackStatus, form: Form) -> str:
    names = [] if form.get("which") == "all" else _chosen(form, "failed", "resource")
    decision = decide.retry(status, names)
    acting.go_on(client, status, "retry", decision, _reason(form))
    return f"{', '.join(decision.again)} {_are(decision.again)} run again."


def _skip(client: EngineClient, status: StackStatus, form: Form) -> str:
    names = _chosen(form, "failed", "resource")
    decision = decide.skip(status, names, form.get("id").strip() or None)
    acting.go_on(client, status, "skip", decision, _reason(form))
    return f"{', '.join(decision.again)} {_are(decision.again)} taken as done."


def _arming(armed: bool) -> Deed:
    def change(client: EngineClient, status: StackStatus, form: Form) -> str:
        patterns = form.all("place") or form.get("pattern").split()
        if not patterns:
            raise FormError("Say which breakpoints: RESOURCE[:HOOK], with * as in a pattern.")
        _, reached = acting.arm(client, status, patterns, armed, _reason(form))
        said = f"{', '.join(patterns)}: {'armed' if armed else 'disarmed'}."
        late = [
            f"{stop.name} was reached as this was said: it is {stop.state.value}."
            for stop in reached
        ]
        return " ".join([said, *late])

    return change


def _cancel(client: EngineClient, status: StackStatus, form: Form) -> str:
    if form.get("sure") != "yes":
        raise FormError(
            f"{status.name} was not cancelled: say that you are sure. It cannot be taken back."
        )
    acting.cancel(client, status.execution, _reason(form))
    return f"{status.name} is cancelled. What exists of it stays."


DEEDS: Mapping[str, Deed] = {
    "resume": _resume,
    "step": _step,
    "retry": _retry,
    "skip": _skip,
    "arm": _arming(True),
    "disarm": _arming(False),
    "cancel": _cancel,
}
"""By the last part of the address that a form is sent to."""


def _reason(form: Form) -> str | None:
    text = " ".join(form.get("reason").split())
    if len(text) > REASON:
        raise FormError(f"A reason has {REASON} letters at most.")
    return text or None


def _chosen(form: Form, name: str, what: str) -> list[str]:
    found = form.all(name)
    if not found:
        raise FormError(f"Choose a {what} first.")
    return found


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
