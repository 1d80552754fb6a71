"""What has a name of its own unless the template gives it one, an empty name being none."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack.maker import Maker


class Named(Maker):
    """Named by the template, or as ``physical_resource_name`` in heat/engine/resource.py does."""

    def body(self) -> dict[str, Any]:
        fields = super().body()
        if not fields.get("name"):
            fields["name"] = self.own_name
        return fields
