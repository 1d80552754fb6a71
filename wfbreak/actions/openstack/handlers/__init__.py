"""How the types are made for which a row of the table is not enough, by the handlers' names."""

from __future__ import annotations

from wfbreak.actions.openstack.maker import Maker

HANDLERS: dict[str, type[Maker]] = {}
