"""What an update will do, as far as anybody can tell before it runs."""

from __future__ import annotations

from typing import Any

import pytest

from wfbreak import difference
from wfbreak.difference import HIDDEN, Fate, Row
from wfbreak.existing import Existing, Stock
from wfbreak.translate import Request, translate

TEMPLATE = """\
heat_template_version: 2018-08-31
parameters:
  secret: {type: string, hidden: true}
resources:
  same: {type: OS::Neutron::Net, properties: {name: a}}
  renamed: {type: OS::Neutron::Net, properties: {name: b}}
  other: {type: OS::Heat::RandomString, properties: {length: 9}}
  reads_same:
    type: OS::Neutron::Subnet
    properties: {network: {get_resource: same}, cidr: 1.0.0.0/8}
  reads_other: {type: OS::Heat::Value, properties: {value: {get_resource: other}}}
  attribute: {type: OS::Heat::Value, properties: {value: {get_attr: [same, mtu]}}}
  hides: {type: OS::Heat::Value, properties: {value: {get_param: secret}}}
  retyped: {type: OS::Heat::Value, properties: {value: 1}}
  new: {type: OS::Heat::Value, properties: {value: {get_resource: same}}}
  taken: {type: OS::Neutron::Net, external_id: its-id}
  reads_new: {type: OS::Heat::Value, properties: {value: {get_resource: new}}}
"""


def existing(resource: str, kind: str, /, **properties: Any) -> Existing:
    return Existing(
        resource,
        kind,
        "e",
        physical_id=f"{resource}-id",
        ref=f"{resource}-id",
        properties=properties,
    )


NET, VALUE, RANDOM = "OS::Neutron::Net", "OS::Heat::Value", "OS::Heat::RandomString"
STOCK = Stock(
    {
        e.resource: e
        for e in (
            existing("same", NET, name="a"),
            existing("renamed", NET, name="a"),
            existing("other", RANDOM, length=8),
            existing("reads_same", "OS::Neutron::Subnet", network="same-id", cidr="1.0.0.0/8"),
            existing("reads_other", VALUE, value="other-id"),
            existing("attribute", VALUE, value=1500),
            existing("hides", VALUE, value={"wfbreak:sealed": "a.b"}),
            existing("retyped", RANDOM),
            existing("gone", VALUE, value=1),
            existing("reads_new", VALUE, value="x"),
        )
    },
    (existing("gone", VALUE),),
)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("difference")
    (folder / "t.yaml").write_text(TEMPLATE)
    (folder / "e.yaml").write_text(
        "resource_registry: {resources: {renamed: {restricted_actions: update, hooks: pre-update}}}"
    )
    request = Request(
        str(folder / "t.yaml"), (str(folder / "e.yaml"),), {"secret": "x"}, stock=STOCK
    )
    found = difference.find(translate(request), STOCK)
    assert [row.resource for row in found].count("gone") == 2
    return {row.resource: row for row in found}


@pytest.mark.parametrize(
    ("name", "change", "perhaps", "depends"),
    [
        ("same", Fate.UNCHANGED, None, ()),
        ("other", Fate.REPLACED, None, ()),
        ("reads_same", Fate.UNCHANGED, None, ()),
        ("reads_other", Fate.UNCHANGED, Fate.UPDATED, ("other",)),
        ("attribute", Fate.UNCHANGED, Fate.UPDATED, ("same",)),
        ("hides", Fate.UNCHANGED, Fate.UPDATED, (HIDDEN,)),
        ("retyped", Fate.REPLACED, None, ()),
        ("new", Fate.CREATED, None, ()),
        ("taken", Fate.ADOPTED, None, ()),
        ("reads_new", Fate.UNCHANGED, Fate.UPDATED, ("new",)),
        ("gone", Fate.DELETED, None, ()),
    ],
)
def test_what_is_foreseen(
    rows: dict[str, Row], name: str, change: Fate, perhaps: Fate | None, depends: tuple[str, ...]
) -> None:
    row = rows[name]
    assert (row.change, row.perhaps, row.depends_on) == (change, perhaps, depends)
    assert not row.restricted


def test_what_differs_is_refused_and_stops(rows: dict[str, Row]) -> None:
    row = rows["renamed"]
    assert row == Row(
        "renamed",
        NET,
        Fate.UPDATED,
        ("name",),
        restricted=True,
        stops=("renamed:pre-update",),
    )
