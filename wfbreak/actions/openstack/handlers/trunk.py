"""Trunks, which gain and lose ports by requests of their own."""

from __future__ import annotations

from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.maker import Maker, Shown


class Trunk(Maker):
    """``OS::Neutron::Trunk``."""

    def change_sub_ports(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """What goes goes first: a port is in one place only."""
        path = f"{self.path()}/{self.physical_id(shown)}"
        wanted = self.fields.get("sub_ports") or []
        there = shown.get("sub_ports") or []
        stale = [{"port_id": port["port_id"]} for port in there if _said(port) not in wanted]
        if stale:
            self.ask("PUT", f"{path}/remove_subports", {"sub_ports": stale})
        if missing := [port for port in wanted if port not in map(_said, there)]:
            self.ask("PUT", f"{path}/add_subports", {"sub_ports": missing})


def _said(port: Shown) -> dict[str, object]:
    return {key: port[key] for key in ("port_id", "segmentation_id", "segmentation_type")}
