"""The pages' texts: the report's page with controls in its places, the list, and refusals."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wfbreak import __version__, live
from wfbreak.engine.model import State
from wfbreak.report import page
from wfbreak.report.facts import Facts
from wfbreak.report.sources import Sources
from wfbreak.ui.controls import Controls
from wfbreak.ui.deeds import REASON
from wfbreak.ui.listing import Row

STATES = tuple(
    state.value
    for state in (State.RUNNING, State.PAUSED, State.SUCCESS, State.ERROR, State.CANCELLED)
)
"""Those that an execution can be in."""


def stack(
    facts: Facts,
    sources: Sources,
    controls: Controls,
    *,
    version: str,
    lacks: bool,
    csrf: str,
    who: str,
    done: Sequence[str] = (),
    successor: str | None = None,
) -> str:
    """A stack's page. It may lack results that are still being read. ``done`` is what was just
    done, ``successor`` the execution in its place."""
    values = {
        "controls": controls,
        "seen": version,
        "lacks": lacks,
        "taken_back": not controls.is_over
        and live.is_taken_back(facts.execution.params.get("env")),
        "csrf": csrf,
        "who": who,
        "done": done,
        "successor": successor,
        "longest": REASON,
        "said": _said(facts),
        **_own(),
    }
    return page.render(facts, sources, page.Frame("stack.html", __package__, values))


def listing(
    rows: Sequence[Row], everything: int, *, version: str, name: str, state: str, engine: str
) -> str:
    """The list of stacks: ``rows`` of ``everything``, those of a name and a state."""
    return _written(
        "list.html",
        rows=rows,
        everything=everything,
        seen=version,
        name=name,
        state_asked=state,
        states=STATES,
        engine=engine,
        said=f"{len(rows)} of {everything} stacks",
    )


def refusal(title: str, text: str, back: str | None) -> str:
    """What is said where something cannot be had."""
    return _written("refused.html", title=title, text=text, back=back)


def entering(to: str) -> str:
    """What leads a browser on that has shown its token. (Not a redirect: with a link from elsewhere
    it would go without the cookie, which is for this server's own pages alone.)"""
    return _written("entering.html", to=to)


def scripts() -> Iterable[str]:
    """The digests of all scripts of the pages."""
    return page.digest(page.part("report.js")), page.digest(_script())


def _written(template: str, **values: Any) -> str:
    own: Mapping[str, Any] = {**_own(), **values, "version": __version__}
    return page.clean(page.environment(__package__).get_template(template).render(own))


def _own() -> dict[str, Any]:
    import markupsafe

    return {
        "live_script": markupsafe.Markup(_script()),  # noqa: S704  # our own
        "live_style": markupsafe.Markup(page.part("live.css", __package__)),  # noqa: S704
        "report_style": markupsafe.Markup(page.style()),  # noqa: S704
    }


@functools.cache
def _script() -> str:
    return page.part("live.js", __package__)


def _said(facts: Facts) -> str:
    """The stack in a few words, for who cannot see that the page has changed."""
    state = facts.execution.state
    # While a stack runs, a breakpoint is about to stand or stays held: it is told when all stands.
    stops = [] if state is State.RUNNING else [stop.name for stop in facts.status.stopped]
    return f"{facts.status.name} is {state.value}" + (f" at {', '.join(stops)}" if stops else "")
