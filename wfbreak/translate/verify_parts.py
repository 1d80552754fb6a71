"""Prove of every translation into parts that each workflow has what its expressions read.

As the engine reads it: ``task()`` sees the tasks of its own workflow alone, a part the inputs that
the stack's task gives it. That the order is kept is proved on the parts as one (:mod:`.verify`);
so whatever is read is there by then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wfbreak import parts
from wfbreak.diagnostics import Diagnostics
from wfbreak.parts import LITERAL
from wfbreak.translate.document import Document
from wfbreak.translate.expressions import quote, strings

_READS = re.compile(
    rf"{LITERAL}"
    rf"|task\((?P<task>{LITERAL})\)\.result"
    rf"|\$\.get\('{parts.GIVEN}'\)\.get\((?P<given>{LITERAL})\)"
    rf"|\$\.get\((?P<quoted>{LITERAL})\)"
    r"|\$\.(?P<plain>\w+)"
)


def verify_parts(document: Document, stack: str, diagnostics: Diagnostics) -> None:
    """Add a diagnostic for whatever a workflow of the stack reads and does not have."""
    tasks = document[stack]["tasks"]
    given = {part: tasks[name].get("input", {}) for name, part in parts.parts_of(tasks).items()}
    for name in (stack, *given) if given else ():
        for problem in _problems(document[name], given.get(name)):
            diagnostics.add_own_mistake(f"the workflow {name} {problem}")


def _problems(body: Mapping[str, Any], given: Mapping[str, Any] | None) -> Iterator[str]:
    found: dict[str, set[str]] = {kind: set() for kind in _READS.groupindex}
    for text in strings([body["tasks"], body.get("output")]):
        for match in _READS.finditer(text if text.startswith("<%") else ""):
            if match.lastgroup:
                found[match.lastgroup].add(match[match.lastgroup])
    if missing := found["task"] - set(map(quote, body["tasks"])):
        yield f"reads the results of {', '.join(sorted(missing))}, which are no tasks of its own"
    if given is None:
        return
    if set(body.get("input", ())) != set(given):
        yield f"has other inputs than it is given: {', '.join(map(str, given))}"
    results = set(map(quote, given.get(parts.GIVEN, {})))
    inputs = set(given) | set(map(quote, given))
    missing = (found["given"] - results) | ((found["plain"] | found["quoted"]) - inputs)
    if missing:
        yield f"reads {', '.join(sorted(missing))}, which it is not given"
