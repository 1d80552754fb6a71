"""What is wrong, where, and what to do: every message that wfbreak has for a person.

A finding about a file is a :class:`Diagnostic`: an id, a severity, a position, a hint. Passes put
them into one :class:`Diagnostics` collection and go on as long as they can, so that a person sees
all mistakes of a template at once. What cannot go on raises :class:`InputError` with all of them.
Everything else that goes wrong for a reason a person can mend is a :class:`WfbreakError` of its
own class, with its own exit status.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar


class ExitStatus(enum.IntEnum):
    """The exit statuses of the ``wfbreak`` command (docs/commands.md lists them)."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    BAD_INPUT = 3
    FAILED = 4
    PAUSED = 5
    UNREACHABLE = 6
    NOT_FOUND = 7
    CANCELLED = 8
    CONFLICT = 9


_SNIPPET = 160
"""The longest snippet, in characters."""


class Severity(enum.Enum):
    ERROR = "error"
    WARNING = "warning"


class Code(enum.Enum):
    """Every diagnostic's id, with its title. An id is never used again for something else."""

    # E0xx: reading (E003 was what W001 is now)
    UNREADABLE = ("E001", "a file cannot be read")
    NOT_YAML = ("E002", "the file is not YAML")
    ALIAS_BOMB = ("E004", "the file grows beyond its limit when its aliases are expanded")
    NOT_HOT = ("E005", "the file is not a template")
    UNKNOWN_VERSION = ("E006", "unknown template version")
    SCHEMA = ("E007", "the structure is not what the format asks for")
    TOO_LARGE = ("E008", "a template is larger than Heat takes")
    # E1xx: environment and parameters
    PARAMETER_MISSING = ("E101", "a parameter has no value, and one is needed now")
    PARAMETER_CONSTRAINT = ("E102", "a parameter's value breaks its constraint")
    PARAMETER_TYPE = ("E103", "a parameter's value is of the wrong type")
    PARAMETER_UNKNOWN = ("E104", "a value for a parameter that the template does not have")
    PARAMETER_DEFINITION = ("E105", "a parameter is badly defined")
    MERGE_STRATEGY = ("E106", "environment files disagree on a merge strategy")
    PARAMETER_SECRET = ("E107", "a parameter's value cannot be a key manager's secret here")
    # E2xx: model
    UNKNOWN_FUNCTION = ("E201", "unknown function")
    FUNCTION_NOT_IN_VERSION = ("E202", "the template's version does not have this function")
    FUNCTION_ARGUMENTS = ("E203", "a function's arguments are wrong")
    UNKNOWN_REFERENCE = ("E204", "a reference to nothing")
    DISABLED_REFERENCE = ("E205", "a reference to a resource that its condition disables")
    CONDITION = ("E206", "a condition is wrong")
    RESOURCE_DEFINITION = ("E207", "a resource is badly defined")
    NESTED_LIMIT = ("E208", "stacks are nested too deep, or have too many resources")
    UNKNOWN_PROPERTY = ("E209", "a property that the resource's type does not have")
    PROPERTY_MISSING = ("E210", "a property that the resource's type needs is missing")
    PROPERTY_VALUE = ("E211", "the resource's type does not take a property's value")
    UNKNOWN_ATTRIBUTE = ("E212", "an attribute that the resource's type does not have")
    # E3xx: dependencies and breakpoints
    CYCLE = ("E301", "resources depend on each other in a circle")
    PROVIDER = ("E305", "a provider's option is badly written, or the provider cannot make this")
    REHEARSAL = ("E304", "a rehearsal's option is badly written")
    BREAKPOINT_FILE = ("E302", "a breakpoint is badly defined")
    HOOK_MATCHES_NOTHING = ("E303", "a breakpoint matches no resource")
    # E4xx: not translated (E403, a template format, was taken back)
    UNSUPPORTED_FUNCTION = ("E401", "this function is not supported")
    UNSUPPORTED_RESOURCE = ("E402", "this use of a resource is not supported")
    STRICT = ("E404", "a construct is approximated, and --strict was given")
    # E5xx: the emitted workflow
    ORDER = ("E501", "the emitted workflow does not keep the template's order")
    # W: the result may surprise
    DUPLICATE_KEY = ("W001", "a key stands twice in one mapping, and the last one counts")
    HOOK_ON_DISABLED = ("W301", "a breakpoint is on a resource that its condition takes away")
    HOOK_CANNOT_FIRE = ("W302", "a breakpoint cannot fire in this operation")
    CONDITION_DECIDES_NOTHING = ("W303", "a breakpoint's condition decides nothing")
    HOOK_REPLACED = ("W304", "a later environment file replaces a hook")
    REGISTRY_REPLACED = ("W101", "a later environment file replaces an earlier one's resources")
    ENVIRONMENT_BEATS_OPTION = ("W102", "an environment file's value beats the command line's")
    OUTPUT_WITHOUT_VALUE = ("W201", "an output can have no value")
    UNKNOWN_TYPE = ("W202", "a resource type of which nothing is known")
    IGNORED = ("W103", "this part is read and not used")

    def __init__(self, ident: str, title: str) -> None:
        self.ident = ident
        self.title = title

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.ident.startswith("W") else Severity.ERROR


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``snippet`` is the source line that ``position`` points into."""

    code: Code
    message: str
    position: Position | None = None
    hint: str | None = None
    snippet: str | None = None

    @property
    def severity(self) -> Severity:
        return self.code.severity

    def render(self) -> str:
        """The finding as a person reads it: head line, snippet with a caret, hint."""
        where = f"{self.position}: " if self.position else ""
        lines = [f"{where}{self.severity.value}: {self.message} [{self.code.ident}]"]
        if self.position and self.snippet is not None:
            gutter = f"{self.position.line:>5} | "
            pad = "".join(
                "\t" if c == "\t" else " " for c in self.snippet[: self.position.column - 1]
            )
            lines += [gutter + self.snippet, " " * (len(gutter) - 2) + "| " + pad + "^"]
        if self.hint:
            lines.append(f"      = {self.hint}")
        return "\n".join(lines)


class WfbreakError(Exception):
    """Something a person can mend. ``str()`` is the whole message; no traceback is shown."""

    exit_status: ClassVar[ExitStatus] = ExitStatus.INTERNAL


@dataclass
class Diagnostics:
    """The findings of one run, in the order in which the passes met them.

    ``texts`` holds the text of every file that was read, by its name, for the snippets.
    """

    findings: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    _known: set[tuple[Code, str, Position | None]] = field(default_factory=set, repr=False)

    def add(
        self,
        code: Code,
        message: str,
        position: Position | None = None,
        *,
        hint: str | None = None,
        snippet: bool = True,
    ) -> None:
        """Note a finding, once (each member of a group would tell of its template's mistakes).

        ``snippet=False`` keeps its source line out: it may hold a secret.
        """
        if (code, message, position) in self._known:
            return
        self._known.add((code, message, position))
        line = self._snippet(position) if snippet else None
        self.findings.append(Diagnostic(code, message, position, hint, line))

    def add_own_mistake(self, message: str) -> None:
        """Note that the translation is not what it must be."""
        hint = "this is a mistake of wfbreak's: please report it with the template"
        self.add(Code.ORDER, message, hint=hint)

    def _snippet(self, position: Position | None) -> str | None:
        if position is None or position.file not in self.texts:
            return None
        lines = self.texts[position.file].splitlines()
        if not 0 < position.line <= len(lines):
            return None
        return lines[position.line - 1][:_SNIPPET]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.findings if d.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Diagnostic]:
        return [d for d in self.findings if d.severity is Severity.WARNING]

    def raise_errors(self) -> None:
        """Raise :class:`InputError` if any finding is an error."""
        if self.errors:
            raise InputError(self)


class InputError(WfbreakError):
    """The template, the environment or the parameters are not what wfbreak can take."""

    exit_status = ExitStatus.BAD_INPUT

    def __init__(self, diagnostics: Diagnostics) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics.findings))
        self.diagnostics = diagnostics
