"""The table of the openstack provider and Heat's schemas agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from wfbreak.actions.openstack.handlers import HANDLERS
from wfbreak.actions.openstack.maker import Maker
from wfbreak.types import schema
from wfbreak.types.schema import PropertySchema
from wfbreak.types.table import CloudType, Mark, PropertyRule, all_types, looked_up

ROWS = [pytest.param(row, id=name) for name, row in all_types().items()]


def rules_of(rules: Mapping[str, PropertyRule]) -> Iterator[PropertyRule]:
    for rule in rules.values():
        yield rule
        yield from rules_of(rule.each)


def disagreements(
    rules: Mapping[str, PropertyRule], properties: Mapping[str, PropertySchema], path: str = ""
) -> Iterator[str]:
    """Properties that the one has and the other has not, at every level that the row goes into."""
    for name in sorted({*rules} ^ {*properties}):
        yield f"{path}{name}"
    for name in {*rules} & {*properties}:
        inner = properties[name].items or properties[name]
        if rules[name].each:
            yield from disagreements(rules[name].each, inner.properties or {}, f"{path}{name}.")


@pytest.mark.parametrize("row", ROWS)
def test_each_property_has_a_rule(row: CloudType) -> None:
    known = schema.find(row.name)
    assert known is not None
    assert list(disagreements(row.properties, known.properties)) == []


@pytest.mark.parametrize("row", ROWS)
def test_each_rule_says_one_thing(row: CloudType) -> None:
    for rule in rules_of(row.properties):
        said = (rule.to, rule.step, rule.handled, rule.ignored, rule.refused)
        ways = [rule.merge, *(way is not None for way in said)]
        assert ways.count(True) == 1, rule


@pytest.mark.parametrize("row", ROWS)
def test_what_a_row_names_is_there(row: CloudType) -> None:
    known = schema.find(row.name)
    assert known is not None
    assert known.source.endswith(row.source)
    assert row.handler is None or row.handler in HANDLERS
    handler = HANDLERS.get(row.handler or "", Maker)
    for rule in rules_of(row.properties):
        assert rule.find is None or looked_up(rule.find) is not None, rule
        assert rule.step is None or callable(getattr(handler, f"step_{rule.step}", None)), rule
    assert {*row.attributes} <= {*known.attributes}
    given = {name for names in (*row.excludes, *row.one_of) for name in names}
    assert given <= {*row.properties}


@pytest.mark.parametrize("row", ROWS)
def test_what_is_known_by_what_it_is_says_by_what(row: CloudType) -> None:
    if row.mark is Mark.NATURAL and row.handler is None:
        assert row.natural


def test_what_is_changed_in_place_may_be_and_has_a_field() -> None:
    rows = {name: row for name, row in all_types().items() if row.changes}
    assert rows
    for name, row in rows.items():
        known = schema.find(name)
        assert known is not None
        for each in row.changes:
            assert known.properties[each].update_allowed, f"{name}: {each}"
            rule = row.properties[each]
            assert rule.to or rule.merge or rule.handled, f"{name}: {each}"


@pytest.mark.parametrize("row", ROWS)
def test_what_may_be_changed_is_changed_or_refused_with_a_reason(row: CloudType) -> None:
    known = schema.find(row.name)
    assert known is not None
    handler = HANDLERS.get(row.handler or "", Maker)
    for name, each in known.properties.items():
        rule = row.properties.get(name)
        step = rule and (rule.change or (None if name in row.changes else row.change))
        is_own = handler.change is not Maker.change
        assert is_own or not step or callable(getattr(handler, f"change_{step}", None)), name
        if rule is None or row.handler == "own":
            continue
        ways = (name in row.changes, step, rule.unchangeable, rule.ignored, rule.refused)
        assert any(ways) or not each.update_allowed, f"{row.name}: {name}"
        assert not (rule.change or rule.unchangeable) or each.update_allowed, f"{row.name}: {name}"
