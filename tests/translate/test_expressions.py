"""Whatever stands in a template comes back from the engine's own evaluator as it was."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wfbreak.diagnostics import Position
from wfbreak.translate.document import dump
from wfbreak.translate.expressions import Compiler, Names
from wfbreak.translate.values import from_plain

HERE = Position("t.yaml", 1, 1)

MARKED = st.sampled_from(
    ["<% 1 + 1 %>", "{{ 7 * 7 }}", "{% if x %}", "<%", "%>", "{{", "}}", "{#", "\n", "'", '"', "\\"]
)
TEXT = st.lists(st.one_of(MARKED, st.text(max_size=6)), max_size=5).map("".join)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)


def test_values_come_back(evaluate: Any) -> None:
    @settings(max_examples=300, deadline=None)
    @given(VALUES)
    def run(plain: Any) -> None:
        compiler = Compiler(Names("stack", {}, {}, {}, "text", {}))
        value = from_plain(plain, HERE)
        data = {"as data": compiler.data(value, "p")}
        data["as yaql"] = f"<% {compiler.yaql(value, 'p')} %>"
        result = evaluate(data, {"text": compiler.texts, "__env": {}})
        assert result == {"as data": plain, "as yaql": plain}

    run()


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=3))
def test_the_text_is_the_document(document: dict[str, Any]) -> None:
    # YAML has no NEL and the like in plain text, nor control characters; PyYAML escapes them.
    assert yaml.safe_load(dump(document)) == document
