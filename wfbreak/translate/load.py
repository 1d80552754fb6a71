"""Pass 1: a YAML file becomes nodes with positions, read as Heat's own loader reads it.

Heat reads JSON, else YAML 1.1 with dates left as text (heat/common/template_format.py). What Heat
lets pass to its users' cost is told (a key that stands twice: the last one counts) or refused
(aliases that expand without end). The file is built from parser events, so neither depth nor
aliases can exhaust the stack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from wfbreak.diagnostics import Code, Diagnostics, Position
from wfbreak.translate.nodes import ListNode, MapNode, Node, Scalar, ScalarValue

MAX_NODES = 1_000_000
"""How many nodes a file may have when its aliases are expanded (a 512 KiB template has 100,000)."""

MAX_DEPTH = 200
"""How deep a file may nest; Heat's own recursion ends at a few hundred."""

_TOO_DEEP = f"the file nests deeper than {MAX_DEPTH} levels"
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""What libyaml since 0.2.6 says at 1,000 levels, which it may read before it gives the first."""

_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STR = "tag:yaml.org,2002:str"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, by the name that a person knows it by."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    source: Source
    root: Node


class _Refused(Exception):
    def __init__(self, code: Code, message: str, mark: Any, hint: str | None = None):
        super().__init__(message)
        self.code, self.message, self.mark, self.hint = code, message, mark, hint


class _Open:
    """A collection that is being read."""

    __slots__ = ("anchor", "is_map", "items", "key", "position", "size")

    def __init__(self, is_map: bool, position: Position, anchor: str | None) -> None:
        self.is_map = is_map
        self.position = position
        self.anchor = anchor
        self.items: list[tuple[Node, bool]] = []
        self.size = 1


def read(path: str, diagnostics: Diagnostics, asked_by: Position | None = None) -> Source | None:
    """Read a file as UTF-8 text; ``None``, with a diagnostic, if that cannot be.

    ``asked_by`` is the place that names the file, where one does.
    """
    try:
        return Source(path, Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        diagnostics.add(
            Code.UNREADABLE,
            f"{path} is not UTF-8 text",
            asked_by,
            hint="Heat reads templates as UTF-8",
        )
    except OSError as error:
        reason = error.strerror or str(error)
        diagnostics.add(Code.UNREADABLE, f"cannot read {path}: {reason}", asked_by)
    return None


def load(source: Source, diagnostics: Diagnostics) -> Loaded | None:
    """Parse ``source``; ``None``, with a diagnostic, if it is not YAML that wfbreak takes.

    An empty file is an empty map, as in Heat.
    """
    diagnostics.texts[source.name] = source.text
    try:
        root = _Builder(source, diagnostics).build()
    except _Refused as refused:
        position = _position(source, refused.mark)
        diagnostics.add(refused.code, refused.message, position, hint=refused.hint)
        return None
    except yaml.reader.ReaderError as error:
        diagnostics.add(Code.NOT_YAML, f"{source.name} is not YAML: {error.reason}")
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _position(source, mark) if mark else None
        problem = " ".join(p for p in (error.problem, error.context) if p)
        if error.problem == _LIBYAML_TOO_DEEP:
            diagnostics.add(Code.ALIAS_BOMB, _TOO_DEEP, where)
            return None
        diagnostics.add(
            Code.NOT_YAML,
            f"not YAML: {problem}",
            where,
            hint="a tab cannot indent YAML, and text with ': ' or ' #' needs quotes",
        )
        return None
    return Loaded(source, root)


def _position(source: Source, mark: Any) -> Position:
    return Position(source.name, mark.line + 1, mark.column + 1)


def _is_json(text: str) -> bool:
    """Whether Heat reads the text as JSON, which it tries first."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class _Builder:
    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.is_json = _is_json(source.text)
        # Tabs, which YAML does not take, stand in JSON only between what it says.
        text = source.text.replace("\t", " ") if self.is_json else source.text
        self.loader: Any = _BaseLoader(text)
        self.anchors: dict[str, tuple[Node, int]] = {}

    def build(self) -> Node:
        documents = 0
        root: Node | None = None
        node: Node
        stack: list[_Open] = []
        while self.loader.check_event():
            event = self.loader.get_event()
            if isinstance(event, yaml.ScalarEvent):
                scalar, merge = self._scalar(event)
                self._remember(event.anchor, scalar, 1)
                root = self._place(stack, scalar, 1, merge, event.start_mark) or root
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(stack) >= MAX_DEPTH:
                    raise _Refused(Code.ALIAS_BOMB, _TOO_DEEP, event.start_mark)
                is_map = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Open(is_map, self._at(event.start_mark), event.anchor))
            elif isinstance(event, yaml.CollectionEndEvent):
                done = stack.pop()
                node = self._close(done, event.start_mark)
                self._remember(done.anchor, node, done.size)
                root = self._place(stack, node, done.size, False, event.start_mark) or root
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self.anchors:
                    raise _Refused(
                        Code.NOT_YAML,
                        f"the alias *{event.anchor} names no finished anchor",
                        event.start_mark,
                    )
                node, size = self.anchors[event.anchor]
                root = self._place(stack, node, size, False, event.start_mark) or root
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(
                        Code.NOT_YAML, "the file holds more than one document", event.start_mark
                    )
        return root if root is not None else MapNode({}, {}, Position(self.source.name, 1, 1))

    def _at(self, mark: Any) -> Position:
        return _position(self.source, mark)

    def _remember(self, anchor: str | None, node: Node, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, size)

    def _scalar(self, event: Any) -> tuple[Scalar, bool]:
        if self.is_json:
            text = event.value
            plain = _joined(text) if event.style == '"' else json.loads(text)
            return Scalar(plain, self._at(event.start_mark)), False
        tag = event.tag
        if tag is None or tag == "!":
            tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        value: ScalarValue
        if tag in (_STR, _TIMESTAMP, _MERGE):
            value = event.value
        else:
            node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
            try:
                value = self.loader.construct_object(node)
            except ValueError as error:
                raise _Refused(Code.NOT_YAML, f"not a value: {error}", event.start_mark) from error
            if isinstance(value, bytes):
                value = value.decode("utf-8", "replace")
        return Scalar(value, self._at(event.start_mark)), tag == _MERGE

    def _place(
        self, stack: list[_Open], node: Node, size: int, merge: bool, mark: Any
    ) -> Node | None:
        """Put a finished node into the open collection; return it if none is open (the root)."""
        if not stack:
            return node
        stack[-1].items.append((node, merge))
        stack[-1].size += size
        if stack[-1].size > MAX_NODES:
            raise _Refused(
                Code.ALIAS_BOMB,
                f"the file grows beyond {MAX_NODES:,} nodes when its aliases are expanded",
                mark,
                "write the repeated part once, or less often",
            )
        return None

    def _close(self, done: _Open, mark: Any) -> Node:
        if not done.is_map:
            return ListNode(tuple(node for node, _ in done.items), done.position)
        own: dict[str, Node] = {}
        own_keys: dict[str, Position] = {}
        merged: list[MapNode] = []
        for (key, is_merge), (value, _) in zip(done.items[::2], done.items[1::2], strict=True):
            if is_merge:
                merged.extend(self._merge_sources(value, mark))
                continue
            name = _key_text(key)
            if name is None:
                raise _Refused(Code.NOT_YAML, "a map's key must be plain text", _mark(key))
            if name in own:
                self.diagnostics.add(
                    Code.DUPLICATE_KEY,
                    f"the key '{name}' stands twice; what it has at line {own_keys[name].line} "
                    "does not count",
                    key.position,
                    hint="Heat keeps only the last of the two: remove or rename one",
                )
            own[name] = value
            own_keys[name] = key.position
        # PyYAML's order: what is merged comes first, of several sources the first one wins.
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        for source in reversed(merged):
            entries |= source.entries
            keys |= source.keys
        entries |= own
        keys |= own_keys
        return MapNode(entries, keys, done.position)

    def _merge_sources(self, value: Node, mark: Any) -> Iterable[MapNode]:
        items = value.items if isinstance(value, ListNode) else (value,)
        for item in items:
            if not isinstance(item, MapNode):
                raise _Refused(Code.NOT_YAML, "'<<' merges maps only", mark)
            yield item


def _joined(text: str) -> str:
    """Text in which the two halves of a character that JSON escapes in two are one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mark(node: Node) -> yaml.Mark:
    return yaml.Mark("", 0, node.position.line - 1, node.position.column - 1, None, 0)


def _key_text(key: Node) -> str | None:
    """A key as the JSON that Heat's client sends has it: ``on:`` becomes ``true``."""
    if not isinstance(key, Scalar):
        return None
    if isinstance(key.value, str):
        return key.value
    if key.value is None:
        return "null"
    if isinstance(key.value, bool):
        return "true" if key.value else "false"
    return str(key.value)
