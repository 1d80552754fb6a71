"""The report's file: one page of HTML with all that it needs inside, and nothing from elsewhere.

Whatever comes from a template or an engine is escaped by Jinja. A policy in the page forbids every
connection, and every script but its own, whose digest it names.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from wfbreak import __version__, secrets
from wfbreak.diagnostics import ExitStatus, WfbreakError
from wfbreak.graph import palette, svg
from wfbreak.graph.collapsing import collapse
from wfbreak.graph.layout import lay_out
from wfbreak.graph.model import Kind, Node, Picture
from wfbreak.graph.reading import of_stack
from wfbreak.report import times
from wfbreak.report.answers import answers, blocked_by
from wfbreak.report.facts import Facts
from wfbreak.report.sources import Sources, place
from wfbreak.status import BreakpointStatus, ResourceStatus, document, order
from wfbreak.translate.certificate import Entry, Verdict

if TYPE_CHECKING:
    import jinja2


class ReportUnavailable(WfbreakError):
    """No report can be made here."""

    exit_status = ExitStatus.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere in the page, or a word without a place there."""

    text: str
    to: str | None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource as the page lists it; ``id`` is its anchor, ``node`` that of its box."""

    id: str
    node: str
    resource: ResourceStatus
    source: Link
    needs: tuple[Link, ...]
    properties: tuple[tuple[str, str], ...]
    begun: str
    ended: str
    took: str


@dataclass(frozen=True, slots=True)
class StopRow:
    """A breakpoint, with what comes behind it, and the pauses in which the stack stood at it."""

    id: str
    node: str
    stop: BreakpointStatus
    source: Link
    set_by: tuple[Link, ...]
    blocked: tuple[Link, ...]
    pauses: tuple[times.Pause, ...]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a file, with the boxes of what begins there."""

    id: str
    number: int
    text: str
    marks: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class FileRow:
    name: str
    kind: str
    missing: str
    is_other: bool
    lines: tuple[LineRow, ...]


@dataclass(frozen=True)
class Frame:
    """What shows the page, where it is more than a file: ``template`` extends ``report.html`` and
    fills its blocks, ``package`` has it among its ``parts``, ``values`` are its own."""

    template: str = "report.html"
    package: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def render(facts: Facts, sources: Sources, frame: Frame = Frame()) -> str:  # frozen
    """The whole text of the page.

    :raises ReportUnavailable: if Jinja is not installed.
    """
    templates = environment(frame.package)
    import markupsafe

    script = part("report.js")
    safe = markupsafe.Markup
    page = _Page(facts, sources)
    text = templates.get_template(frame.template).render(
        **frame.values,
        page=page,
        facts=facts,
        status=facts.status,
        execution=facts.execution,
        answers=answers(facts),
        timeline=times.timeline(facts),
        length=times.length,
        outputs=_values(secrets.mask(facts.status.outputs)),
        certificate=_certificate(sources, page),
        verdicts=Verdict,
        svg=safe(page.svg()),
        script=safe(script),
        style=safe(style()),
        policy=(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
            f"script-src '{digest(script)}'"
        ),
        version=__version__,
    )
    return clean(text)


def environment(package: str | None = None) -> jinja2.Environment:
    """The templates: the report's, and those of a ``package`` that shows it.

    :raises ReportUnavailable: if Jinja is not installed.
    """
    try:
        import jinja2  # noqa: F401
    except ImportError:
        raise ReportUnavailable(
            "a report needs the extra 'report': pip install 'wfbreak[report]'"
        ) from None
    return _environment(package)


@functools.cache
def _environment(package: str | None) -> jinja2.Environment:
    import jinja2

    packages = (__package__, *filter(None, (package,)))
    loaders = [jinja2.FunctionLoader(functools.partial(_template, name)) for name in packages]
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"iso": times.iso, "slug": lambda text: str(text).replace(" ", "-")}
    return made


def clean(text: str) -> str:
    """A page without what no page may hold."""
    return svg.clean(text).encode("utf-8", "replace").decode()


@functools.cache
def style() -> str:
    """The style sheet, with the colours by day and by night."""
    return part("report.css") + _colours()


class _Page:
    """The rows of the page, each with its anchor, which the others lead to."""

    def __init__(self, facts: Facts, sources: Sources) -> None:
        self._facts = facts
        self.picture: Picture = collapse(of_stack(facts.status, facts.workflow))
        self._nodes = {name: f"n-{n}" for n, name in enumerate(self.picture.nodes)}
        self._rows = {r.task: f"r-{n}" for n, r in enumerate(facts.status.resources)}
        self._rows |= {b.name: f"b-{n}" for n, b in enumerate(facts.status.breakpoints)}
        self._labels = {r.task: r.name for r in facts.status.resources}
        self._labels |= {b.name: b.name for b in facts.status.breakpoints}
        self._files = {
            file.name: n for n, file in enumerate(sources.files) if file.lines and not file.is_other
        }
        self._lengths = {file.name: len(file.lines) for file in sources.files}
        self._order = order(document(facts.workflow)["tasks"])
        self.resources = [self._resource(r) for r in facts.status.resources]
        drawn = {each.id for node in self.picture.nodes.values() for each in node.walk()}
        self.stops = [self._stop(b) for b in facts.status.breakpoints if b.name in drawn]
        self.hidden_stops = len(facts.status.breakpoints) - len(self.stops)
        self.files = [self._file(n, file) for n, file in enumerate(sources.files)]
        self.states = list(dict.fromkeys(r.state.value for r in facts.status.resources))

    def svg(self) -> str:
        return svg.write(
            self.picture,
            lay_out(self.picture),
            link=self._known_of,
            line_link=self._line_of,
            ids=self._nodes,
            embedded=True,
        )

    def at(self, text: str) -> Link:
        """A place in a file, as a link if the line is shown."""
        found = place(text)
        if found is None or found.file not in self._files:
            return Link(text, None)
        if not 0 < found.line <= self._lengths[found.file]:
            return Link(text, None)
        return Link(text, f"#f{self._files[found.file]}-{found.line}")

    def task(self, name: str) -> Link:
        """A resource or a breakpoint, as a link to what is known of it."""
        to = self._rows.get(name)
        return Link(self._labels.get(name, name), f"#{to}" if to else None)

    def bundles(self) -> list[tuple[str, Link, list[Link]]]:
        """The boxes that stand for several things: an anchor, the box, the things."""
        return [
            (
                f"m{self._nodes[node.id]}",
                Link(node.title, f"#{self._nodes[node.id]}"),
                [self.task(each.id) for each in node.members],
            )
            for node in self.picture.nodes.values()
            if node.members
        ]

    def _known_of(self, node: Node) -> str:
        return f"#m{self._nodes[node.id]}" if node.members else f"#{self._rows[node.id]}"

    def _line_of(self, node: Node) -> tuple[str, str] | None:
        first = next(iter(node.walk()))
        text = (
            first.armed_by[0] if node.kind is Kind.BREAKPOINT and first.armed_by else first.source
        )
        link = self.at(text)
        if link.to is None:
            return None
        return link.to, f":{link.to.rpartition('-')[2]}"

    def _box(self, task: str) -> str:
        return self._nodes[self.picture.home(task)]

    def _resource(self, resource: ResourceStatus) -> ResourceRow:
        task = self._facts.tasks.get(resource.task)
        begun = task.started_at or task.created_at if task is not None else None
        if resource.state.value in ("blocked", "waiting", "untouched"):
            begun = None
        ended = task.finished_at if task is not None and begun is not None else None
        needs = self._order.predecessors(resource.task)
        return ResourceRow(
            self._rows[resource.task],
            self._box(resource.task),
            resource,
            self.at(resource.source),
            tuple(self.task(name) for name in needs),
            tuple(_values(self._facts.properties.get(resource.task, {}))),
            times.iso(begun),
            times.iso(ended),
            times.length(begun, ended) if begun is not None and ended is not None else "",
        )

    def _stop(self, stop: BreakpointStatus) -> StopRow:
        blocked = blocked_by(self._facts, stop)
        stood = [p for p in times.pauses(self._facts.trail) if stop.name in p.breakpoints]
        return StopRow(
            self._rows[stop.name],
            self._box(stop.name),
            stop,
            self.at(stop.source),
            tuple(self.at(text) for text in stop.armed_by),
            tuple(self.task(resource.task) for resource in blocked),
            tuple(stood),
        )

    def _file(self, number: int, file: Any) -> FileRow:
        marks: dict[int, dict[str, Link]] = {}
        if file.name in self._files:
            for node in self.picture.nodes.values():
                for each in node.walk():
                    for text in each.armed_by or (each.source,):
                        found = place(text)
                        if found is not None and found.file == file.name:
                            to = self._nodes[node.id]
                            marks.setdefault(found.line, {})[to] = Link(node.title, f"#{to}")
        lines = tuple(
            LineRow(f"f{number}-{n}", n, text, tuple(marks.get(n, {}).values()))
            for n, text in enumerate(file.lines, 1)
        )
        return FileRow(file.name, file.kind, file.missing, file.is_other, lines)


def _certificate(sources: Sources, page: _Page) -> list[tuple[Entry, Link]]:
    """What is not exact first, and of the exact only what has a note."""
    if sources.certificate is None:
        return []
    found = [
        entry
        for verdict in (Verdict.REFUSED, Verdict.APPROXIMATED, Verdict.EXACT)
        for entry in sources.certificate.of(verdict)
    ]
    return [(entry, page.at(str(entry.position or ""))) for entry in found]


def _values(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1))
        for name, value in values.items()
    ]


def part(name: str, package: str = __package__) -> str:
    """The text of one of a package's parts."""
    return files(package).joinpath("parts", name).read_text(encoding="utf-8")


def _template(package: str, name: str) -> str | None:
    try:
        return part(name, package)
    except FileNotFoundError:
        return None


def digest(script: str) -> str:
    """What a policy names a script by that stands in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _colours() -> str:
    """The colours as variables, by day and by night; paper is always white."""
    light = {
        "ink": palette.INK,
        "paper": palette.PAPER,
        "muted": palette.MUTED,
        "frame": palette.FRAME,
        "card": "#f6f8fa",
        "accent": "#0757ba",
        "mark": "#fff4d1",
    }
    dark = {
        "ink": palette.DARK_INK,
        "paper": palette.DARK_PAPER,
        "muted": palette.DARK_MUTED,
        "frame": palette.DARK_FRAME,
        "card": "#1b2027",
        "accent": "#6cb6ff",
        "mark": "#3a2d0a",
    }
    rules = []
    for said, colour in palette.COLOURS.items():
        name = said.replace(" ", "-")
        light |= {f"{name}-line": colour.line, f"{name}-fill": colour.fill}
        dark |= {f"{name}-line": colour.dark_line, f"{name}-fill": colour.dark_fill}
        rules.append(
            f".state-{name}{{color:var(--{name}-line);background:var(--{name}-fill);"
            f"border-color:var(--{name}-line)}}.bar-{name}{{background:var(--{name}-line)}}"
        )
    night = ":root:not(.light)", "@media screen and (prefers-color-scheme:dark)"
    chosen = ":root.dark", "@media screen"
    for scope, media in (night, chosen):
        graph = svg.style_sheet(scope)
        rules.append(f"{media}{{{scope}{{color-scheme:dark;{_variables(dark)}}}{graph}}}")
    return "\n".join([f":root{{{_variables(light)}}}", *rules])


def _variables(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())
