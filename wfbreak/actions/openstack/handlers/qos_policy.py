"""QoS policies, whose tags are not where they are themselves."""

from __future__ import annotations

from wfbreak.actions.openstack.maker import Maker, Shown


class QoSPolicy(Maker):
    """``OS::Neutron::QoSPolicy``."""

    def replace_tags(self, shown: Shown, tags: list[str]) -> None:
        self.ask("PUT", f"/policies/{shown['id']}/tags", {"tags": tags})
