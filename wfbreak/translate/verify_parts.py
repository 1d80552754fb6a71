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
from wfbreak.diagnostics import Code, Diagnostics
from wfbreak.translate.document import Document
from wfbreak.translate.expressions import quote, strings

_LITERAL = r"'(?:[^'\\]|\\.)*'"

_READS = re.compile(
    rf"{_LITERAL}"
    rf"|task\((?P<task>{_LITERAL})\)\.result"
    rf"|\$\.get\('{parts.GIVEN}'\)\.get\((?P<given>{_LITERAL})\)"
    rf"|\$\.get\((?P<quoted>{_LITERAL})\)"
    r"|\$\.(?P<plain>\w+)"
)


def verify_parts(document: Document, stack: str, diagnostics: Diagnostics) -> None:
    """Add a diagnostic for whatever a workflow of the stack reads and does not have."""
    given = {
        str(parts.workflow_of(task)): task.get("input", {})
        for task in document[stack]["tasks"].values()
    }
    for name, body in document.items():
        if name == "version" or not parts.parts_of(document[stack]["tasks"]):
            continue
        for problem in _problems(body, given.get(name)):
            diagnostics.add(
                Code.ORDER,
                f"the workflow {name} {problem}",
                hint="this is a mistake of wfbreak's: please report it with the template",
            )


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
