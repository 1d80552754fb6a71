"""Segments of a network."""

from __future__ import annotations

from typing import Any

from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.maker import Maker, Shown


class Segment(Maker):
    """``OS::Neutron::Segment``."""

    def attribute(self, shown: Shown, name: str) -> Any:  # noqa: ARG002  # it has one
        """Heat shows it as openstacksdk does."""
        with failures.told():
            return self.cloud.connection.network.get_segment(shown["id"]).to_dict()
