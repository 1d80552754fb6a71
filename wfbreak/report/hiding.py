"""Take out of a file's text what is hidden: a report is sent to people who must not see it.

A hidden parameter's default stands in its template, its value in an environment or in the
properties of a stack inside of another. So: whatever a hidden parameter has as its default or among
the values that it allows; whatever stands under a key of its name, wherever that is, unless it is a
function; and each of these texts once more wherever else it is found. Rather a word too much is
hidden than one too few. What cannot be read as YAML is not shown at all.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from wfbreak.secrets import MASK, mask_text

_TRUE = frozenset({"true", "yes", "on", "1", "t", "y"})
_FUNCTIONS = frozenset({"get_param", "get_attr", "get_resource", "Ref", "Fn::GetAtt"})
_VALUES = frozenset(
    {"default", "Default", "allowed_values", "allowed_pattern", "AllowedValues", "AllowedPattern"}
)
"""The keys of a parameter's declaration, and of its constraints, that tell of its value."""

_PLAIN = _TRUE | {"false", "no", "off", "null", "none"}
"""Words that are no secret elsewhere."""

_SHORTEST = 4
"""Letters; what is shorter is hidden in its place alone, for it is part of any other word."""

_MARK = "\ufeff"
"""What some editors begin a file with; it is no part of it."""

_MOST = 200_000
"""Nodes: a file that has more is not read."""


class Unreadable(ValueError):
    """The text cannot be read, so nothing can be hidden in it. The text of it is one line."""


def hidden_names(texts: Iterable[str]) -> set[str]:
    """The parameters that some of the files declare as hidden, by their names.

    :raises Unreadable: if a text is no YAML.
    """
    found: set[str] = set()
    for text in texts:
        root = _composed(text)
        for section in _under(root, ("parameters", "Parameters")):
            for name, declared in _pairs(section):
                if any(_is_true(n) for k, n in _pairs(declared) if k in ("hidden", "NoEcho")):
                    found.add(name)
        for listed in _under(root, ("encrypted_param_names",)):
            if isinstance(listed, yaml.SequenceNode):
                found |= {n.value for n in listed.value if isinstance(n, yaml.ScalarNode)}
    return found


def hide(texts: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The texts, by the files' names, without the values of the parameters with these ``names``.

    The lines stay where they are. A text that cannot be read is left out.
    """
    names = set(names)
    roots: dict[str, Any] = {}
    for file, text in texts.items():
        try:
            roots[file] = _composed(text)
        except Unreadable:
            continue
    bare = {file: texts[file].removeprefix(_MARK) for file in roots}
    spans = {file: _outermost(_spans(root, names)) for file, root in roots.items()}
    words = {word for root in roots.values() for word in _words(root, names)}
    found = {}
    for file, text in bare.items():
        for start, end in reversed(spans[file]):
            text = text[:start] + _blank(text[start:end]) + text[end:]
        found[file] = mask_text(text, words)
    return found


@functools.lru_cache(maxsize=64)
def _composed(text: str) -> Any:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text.removeprefix(_MARK), Loader=loader)
        for number, _ in enumerate(_walk(root)):
            if number > _MOST:
                raise Unreadable("it has too many parts")
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(" ".join(str(error).split())) from None
    return root


def _walk(root: Any) -> Iterator[Any]:
    """Each node once, also those that aliases repeat."""
    seen: set[int] = set()
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _pairs(node: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for each in merged:
                yield from _pairs(each)
        elif isinstance(key, yaml.ScalarNode):
            yield key.value, value


def _under(root: Any, keys: tuple[str, ...]) -> list[Any]:
    return [value for key, value in _pairs(root) if key in keys]


def _is_true(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value.strip().lower() in _TRUE


def _secrets(root: Any, names: set[str]) -> Iterator[Any]:
    """The nodes whose text is hidden."""
    declared: set[int] = set()
    for section in _under(root, ("parameters", "Parameters")):
        for name, declaration in _pairs(section):
            if name in names and any(k.lower() == "type" for k, _ in _pairs(declaration)):
                declared.add(id(declaration))
                for part in _walk(declaration):
                    yield from (value for key, value in _pairs(part) if key in _VALUES)
    for node in _walk(root):
        for key, value in _pairs(node):
            if key in names and id(value) not in declared and not _is_function(value):
                yield value


def _is_function(node: Any) -> bool:
    keys = [key for key, _ in _pairs(node)]
    return len(keys) == 1 and keys[0] in _FUNCTIONS


def _spans(root: Any, names: set[str]) -> list[tuple[int, int]]:
    return [
        (part.start_mark.index, part.end_mark.index)
        for node in _secrets(root, names)
        for part in _walk(node)
        if isinstance(part, yaml.ScalarNode)
    ]


def _words(root: Any, names: set[str]) -> Iterator[str]:
    """The texts that are hidden, as they may stand elsewhere too."""
    for node in _secrets(root, names):
        keys = {id(key) for part in _walk(node) for key, _ in _raw_pairs(part)}
        for part in _walk(node):
            if isinstance(part, yaml.ScalarNode) and id(part) not in keys:
                for line in map(str.strip, part.value.splitlines()):
                    if len(line) >= _SHORTEST and line.lower() not in _PLAIN:
                        yield line


def _raw_pairs(node: Any) -> list[tuple[Any, Any]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def _outermost(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _blank(text: str) -> str:
    """As many lines as there were, with nothing on them but that something was there."""
    return re.sub(r"[^\S\n]*\S[^\n]*", lambda m: _indent(m[0]) + MASK, text)


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
