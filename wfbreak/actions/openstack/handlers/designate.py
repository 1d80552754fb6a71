"""Zones and their record sets in Designate, said as its client library says them to it."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.handlers.ids import is_uuid
from wfbreak.actions.openstack.handlers.lasting import Lasting
from wfbreak.actions.openstack.maker import Shown
from wfbreak.types.table import cloud_type

_OTHERS = {"PRIMARY": ("masters",), "SECONDARY": ("email", "ttl")}
"""What a zone of the kind does not say (``create`` in designateclient/v2/zones.py)."""


class ZoneMaker(Lasting):
    """``heat/engine/resources/openstack/designate/zone.py``: what is empty is not told."""

    def body(self) -> dict[str, Any]:
        fields = {key: value for key, value in super().body().items() if value}
        for name in _OTHERS[fields["type"]]:
            fields.pop(name, None)
        return fields


class RecordSetMaker(Lasting):
    """``heat/engine/resources/openstack/designate/recordset.py``."""

    def body(self) -> dict[str, Any]:
        fields = {key: value for key, value in super().body().items() if value}
        fields.setdefault("name", self.own_name)
        if not fields["name"].endswith("."):
            # ``_canonicalize_record_name`` in designateclient/v2/recordsets.py
            zone = self.cloud.get(self.row.service, f"/zones/{fields['zone']}")
            fields["name"] = f"{fields['name']}.{zone['name']}"
        return fields

    def query(self) -> dict[str, Any]:
        return {key: self.fields[key] for key in ("name", "type")}

    def is_same(self, found: Shown) -> bool:
        return super().is_same(found) and _records(found) == _records(self.fields)

    def find_id(self, kind: str, name: str) -> str:
        row = cloud_type(kind)
        assert row is not None, kind
        if is_uuid(name):
            return super().find_id(kind, name)
        # Designate refuses what is no UUID where it wants one.
        return self.cloud.find_named(row.service, row.path, row.plural, name)


def _records(shown: Shown) -> list[str]:
    """In no order; Designate may put quotes around a text."""
    return sorted(str(record).strip('"') for record in shown.get("records") or ())
