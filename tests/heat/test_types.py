"""Resource types: the committed facts are Heat's, and properties become what Heat makes of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from heat.conftest import HERE, Judge
from wfbreak.hot.constraints import AllowedPattern, AllowedValues, Custom, Length, Range
from wfbreak.types import schema
from wfbreak.types.schema import PropertySchema, PropertyType, TypeSchema
from wfbreak.types.values import PropertyError, resolve

FACTS = HERE.parents[1] / "schemas" / "types"


def test_the_facts_are_heats(tmp_path: Path) -> None:
    python = os.environ.get("HEAT_PYTHON", ".venv-heat/bin/python")
    script = str(HERE / "type_schemas.py")
    subprocess.run([python, script, str(tmp_path)], check=True, timeout=120, capture_output=True)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in FACTS.iterdir()}


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70000),
    st.floats(-2, 9, allow_nan=False).map(lambda number: round(number, 1)),
    st.sampled_from(["", "a", "0", "5", " 7 ", "1_0", "5.5", "true", "False", "on", "a,b", "é"]),
    st.sampled_from(["10.0.0.1", "10.0.0.0/24", "::1", "00:11:22:33:44:55", "a.example."]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["a", "b", "name"]), inner, max_size=2),
    ),
    max_leaves=4,
)
TYPED: Mapping[PropertyType, st.SearchStrategy[Any]] = {
    PropertyType.STRING: st.sampled_from(["", "a", "net", "10.0.0.1", "5", "http://a/b"]),
    PropertyType.INTEGER: st.one_of(st.integers(-1, 300), st.sampled_from(["0", "17", 2.0])),
    PropertyType.NUMBER: st.one_of(st.integers(0, 90), st.sampled_from(["0.5", 1.5, "2"])),
    PropertyType.BOOLEAN: st.sampled_from([True, False, "true", "FALSE"]),
    PropertyType.MAP: st.dictionaries(st.sampled_from(["a", "b"]), SCALARS, max_size=2),
    PropertyType.LIST: st.lists(SCALARS, max_size=2),
    PropertyType.ANY: ANYTHING,
}


ASCII = st.characters(min_codepoint=32, max_codepoint=126)
TEXTS = {
    "cron_expression": ["* * * * *", "@daily"],
    "dns_domain": ["a.example."],
    "dns_name": ["a", "a.example."],
    "expiration": ["2999-01-01T00:00:00Z"],
    "ip_addr": ["10.0.0.1", "::1"],
    "ip_or_cidr": ["10.0.0.1", "10.0.0.0/24"],
    "iso_8601": ["2026-01-01T00:00:00Z"],
    "json_string": ["{}"],
    "mac_addr": ["00:11:22:33:44:55"],
    "net_cidr": ["10.0.0.0/24", "fd00::/64"],
    "rel_dns_name": ["a"],
    "timezone": ["UTC"],
}
"""What keeps each constraint that is checked without a cloud."""


def fitting(of: PropertySchema) -> st.SearchStrategy[Any]:
    """Values of the property's type that keep its constraints, if one of them says which do."""
    sizes = [constraint for constraint in of.constraints if isinstance(constraint, Length)]
    low = max((size.min or 0 for size in sizes), default=0)
    if of.properties is not None:
        return given_some(of.properties, clean=True)
    if of.items is not None:
        return st.lists(fitting(of.items), min_size=low, max_size=low + 2)
    for constraint in of.constraints:
        match constraint:
            case AllowedValues(values) if of.type is PropertyType.LIST:
                return st.lists(st.sampled_from(values), min_size=low, max_size=low + 1)
            case AllowedValues(values):
                return st.sampled_from(values)
            case Range(least, most):
                edges = [edge for edge in (least, most) if edge is not None]
                return st.sampled_from([*edges, *map(str, edges)])
            case AllowedPattern(pattern):
                return st.from_regex(pattern, fullmatch=True, alphabet=ASCII)
            case Custom(name) if name in TEXTS and of.type is PropertyType.STRING:
                return st.sampled_from(TEXTS[name])
    if of.type is PropertyType.STRING and low:
        return st.just("x" * low)
    return TYPED[of.type]


def near(of: PropertySchema) -> st.SearchStrategy[Any]:
    """Values of the property's type, and at the edges of its constraints on either side."""
    if of.properties is not None:
        return given_some(of.properties, clean=False)
    if of.items is not None:
        return st.lists(some(of.items), max_size=3)
    found = [TYPED[of.type], fitting(of)]
    for constraint in of.constraints:
        if isinstance(constraint, Range | Length):
            bounds = [b for b in (constraint.min, constraint.max) if b is not None]
            edges = [bound + beside for bound in bounds for beside in (-1, 0, 1)]
            if isinstance(constraint, Range):
                found.append(st.sampled_from([*edges, *map(str, edges)]))
            elif of.type is PropertyType.STRING:
                found.append(st.sampled_from(edges).map(lambda size: "x" * size))
    return st.one_of(found)


def some(of: PropertySchema) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda n: ANYTHING if n == 0 else near(of))


@st.composite
def given_some(
    draw: st.DrawFn, schemata: Mapping[str, PropertySchema], *, clean: bool | None = None
) -> dict[str, Any]:
    """Most of the required properties, few of the others, now and then one that is not there.

    In a clean one all is as it should be, except that some properties exclude each other.
    """
    if clean is None:
        clean = draw(st.booleans())
    likely = draw(st.sampled_from([1, 1, 4, 8]))
    values = {}
    for name, of in schemata.items():
        wanted = 20 if of.required and clean else 19 if of.required else likely
        if (of.implemented or not clean) and draw(st.integers(0, 19)) < wanted:
            values[name] = draw(fitting(of) if clean else some(of))
    if not clean and draw(st.integers(0, 9)) == 0:
        values["no_such_property"] = draw(SCALARS)
    return values


def ours(of: TypeSchema, properties: dict[str, Any], description: str | None) -> dict[str, Any]:
    try:
        values = resolve(of, properties, description)
    except PropertyError as error:
        return {"refused": str(error)}
    return {"values": json.loads(json.dumps(values))}


EXAMPLES = int(os.environ.get("TYPE_EXAMPLES", "25"))


@pytest.mark.parametrize("service", schema.services())
def test_properties_become_what_heat_makes_of_them(service: str, heat: Judge) -> None:
    taken = 0
    for name in schema.names():
        of = schema.find(name)
        assert of is not None
        if schema.service(name) == service:
            taken += compared(of, heat)
    assert taken, "nothing was taken by either side"


def compared(of: TypeSchema, heat: Judge) -> int:
    """How many examples both sides took; a difference is a failure."""
    taken = 0

    @seed(27)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=(Phase.generate,),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(given_some(of.properties), st.sampled_from([None, "text"]))
    def compare(properties: dict[str, Any], description: str | None) -> None:
        nonlocal taken
        here, there = (
            ours(of, properties, description),
            heat.properties(of.name, properties, description),
        )
        assert here.get("values") == there.get("values"), (of.name, properties, here, there)
        taken += "values" in here

    compare()
    return taken
