"""What an update does with a resource, by the rules of its type."""

from __future__ import annotations

from typing import Any

import pytest

from wfbreak.types.changes import Change, ImmutableError, compare
from wfbreak.types.schema import find
from wfbreak.types.values import resolve

_ALWAYS = {"network": "a", "replacement_policy": "REPLACE_ALWAYS"}
_SERVER = {"flavor": "a", "image": "a", "user_data": "a"}
_REPLACED = {**_SERVER, "flavor_update_policy": "REPLACE"}
_TEST = {"value": "b", "update_replace": True}


@pytest.mark.parametrize(
    ("kind", "before", "after", "change", "names"),
    [
        ("OS::Neutron::Net", {"name": "a"}, {"name": "a"}, Change.UNCHANGED, ()),
        ("OS::Neutron::Net", {}, {"admin_state_up": True}, Change.UNCHANGED, ()),
        ("OS::Neutron::Net", {"name": "a"}, {"name": "b"}, Change.UPDATED, ("name",)),
        ("OS::Neutron::Net", {"name": "a"}, {}, Change.UPDATED, ("name",)),
        ("OS::Heat::RandomString", {}, {"length": 7}, Change.REPLACED, ("length",)),
        ("OS::Neutron::Port", _ALWAYS, _ALWAYS, Change.REPLACED, ()),
        ("OS::Neutron::Port", _ALWAYS, {"network": "a", "name": "b"}, Change.UPDATED, ("name",)),
        ("OS::Nova::Server", _REPLACED, {**_REPLACED, "flavor": "b"}, Change.REPLACED, ("flavor",)),
        ("OS::Nova::Server", _REPLACED, {**_REPLACED, "image": "b"}, Change.UPDATED, ("image",)),
        ("OS::Nova::Server", _SERVER, {**_SERVER, "user_data": "b"}, Change.REPLACED, ()),
        ("OS::Nova::Server", _SERVER, {**_SERVER, "flavor": "b"}, Change.UPDATED, ("flavor",)),
        ("OS::Heat::TestResource", {"value": "a"}, {"value": "b"}, Change.UPDATED, ("value",)),
        ("OS::Heat::TestResource", {"value": "a"}, _TEST, Change.REPLACED, ("value",)),
        ("OS::Heat::UpdateWaitConditionHandle", {}, {}, Change.REPLACED, ()),
        ("OS::Heat::Value", {"value": 1}, {"value": "1"}, Change.UPDATED, ("value",)),
    ],
)
def test_what_is_done(
    kind: str, before: dict[str, Any], after: dict[str, Any], change: Change, names: tuple[str, ...]
) -> None:
    schema = find(kind)
    assert schema is not None
    found = compare(schema, resolve(schema, after), resolve(schema, before))
    assert found.change is change
    assert set(names) <= set(found.properties)


def test_what_must_not_change() -> None:
    schema = find("OS::Neutron::Trunk")
    assert schema is not None
    (name,) = (name for name, each in schema.properties.items() if each.immutable)
    with pytest.raises(ImmutableError, match=name):
        compare(schema, {name: 1}, {name: 2})
    assert compare(schema, {name: 1}, {name: 1}).change is Change.UNCHANGED
