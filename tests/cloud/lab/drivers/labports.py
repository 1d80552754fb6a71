"""Stands in for Neutron's agents: a port with a host is bound to it, and ACTIVE."""

from __future__ import annotations

from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api


class LabPorts(api.MechanismDriver):
    """A mechanism driver that takes the first segment it is offered, on whatever host."""

    def initialize(self):
        pass

    @property
    def connectivity(self):
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        for segment in context.segments_to_bind[:1]:
            context.set_binding(
                segment[api.ID],
                portbindings.VIF_TYPE_OVS,
                {portbindings.CAP_PORT_FILTER: True},
                status="ACTIVE",
            )
