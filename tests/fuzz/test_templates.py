"""Nothing that a file can hold ends in a traceback: it translates, or is refused."""

from __future__ import annotations

import contextlib
import copy
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from fuzz.conftest import FUZZED
from wfbreak.diagnostics import InputError
from wfbreak.translate import Request, translate
from wfbreak.translate.versions import CONDITION_FUNCTIONS
from wfbreak.translate.versions import FUNCTIONS as VERSIONED

GOLDEN = Path(__file__).parents[1] / "translate" / "golden"
FEATURES = yaml.safe_load((GOLDEN / "features" / "template.yaml").read_text())

FUNCTIONS = st.sampled_from([*VERSIONED, *CONDITION_FUNCTIONS])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["base", "mapped", "known", "given", "is_here", "password", "x"]),
)
NODES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(FUNCTIONS, inner, min_size=1, max_size=1),
        st.dictionaries(st.text(max_size=4), inner, max_size=2),
    ),
    max_leaves=8,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in items:
        found.append((*path, key))
        if isinstance(value, (dict, list)):
            found += places(value, (*path, key))
    return found


PLACES = places(FEATURES)


def attempt(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_bytes(content)
        with contextlib.suppress(InputError):
            translate(Request(str(path), breaks=("base",))).text()


@FUZZED
@given(st.lists(st.tuples(st.sampled_from(PLACES), NODES), min_size=1, max_size=3))
def test_a_good_template_with_something_else_in_it(changes: list[tuple[Any, Any]]) -> None:
    template = copy.deepcopy(FEATURES)
    for path, node in changes:
        target: Any = template
        try:
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = node
        except (KeyError, IndexError, TypeError):
            continue
    attempt(
        yaml.safe_dump(template, sort_keys=False, allow_unicode=True).encode("utf-8", "replace")
    )


PIECES = ("- ", "? ", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "!!", "|\n", ">\n", "'", '"')
WORDS = ("#", "\n", "\n  ", "\t", "\ufeff", "---\n", "!!binary ", "!!python/none ", "resources: ")
ODD = ("a", "0x", "1e", "9" * 30, "~", "\x85", "\u2028", "\U0001f600")
STRUCTURE = st.sampled_from([*PIECES, *WORDS, *ODD])


@FUZZED
@given(st.lists(STRUCTURE, max_size=60).map("".join))
def test_what_looks_like_yaml(text: str) -> None:
    attempt(b"heat_template_version: 2021-04-16\n" + text.encode("utf-8", "surrogatepass"))
    attempt(text.encode("utf-8", "surrogatepass"))


@FUZZED
@given(st.integers(1, 40), st.integers(1, 12))
def test_aliases_that_grow(levels: int, width: int) -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    attempt(("heat_template_version: 2021-04-16\n" + "\n".join(lines)).encode())


@FUZZED
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode())))
def test_anything_at_all(content: bytes) -> None:
    attempt(b"heat_template_version: 2021-04-16\n" + content)
