"""Servers: made once their ports are, ready when Nova says ACTIVE.

The request says everything, the mark among the metadata, so that there is nothing between a server
and none. What comes before it (ports) and after it (tags) can be done again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from wfbreak import secrets
from wfbreak.actions.openstack import failures
from wfbreak.actions.openstack.changes import Changes
from wfbreak.actions.openstack.handlers import (
    block_devices,
    internal_ports,
    server_attributes,
    server_changes,
    user_data,
)
from wfbreak.actions.openstack.handlers.named import Named
from wfbreak.actions.openstack.maker import Shown
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again

_HINTS: Final = "os:scheduler_hints"
_NOT_SENT_EMPTY: Final = (
    "adminPass",
    "availability_zone",
    "config_drive",
    "key_name",
    "return_reservation_id",
    _HINTS,
)
"""Fields that are left out if they are empty, as novaclient does."""

_USER_DATA_LIMIT: Final = 65535
"""Nova's, for the text in base64."""


class ServerMaker(Named):
    """``heat/engine/resources/openstack/nova/server.py``."""

    def refuse(self) -> None:
        super().refuse()
        given = self.properties
        networks, groups = given.get("networks") or (), given.get("security_groups") or ()
        internal_ports.check(networks, groups)
        older, newer = given["block_device_mapping"], given["block_device_mapping_v2"]
        block_devices.check(older or (), newer or (), given.get("image"))
        is_config = given["user_data_format"] == user_data.Format.SOFTWARE_CONFIG.value
        if is_config and "deployments" in self.wanted.metadata:
            raise ProviderError("its metadata must not have the key 'deployments'")

    def known_by(self) -> Mapping[str, Any]:
        return {"name": self.properties.get("name") or self.own_name}

    def end(self, ident: str | None) -> None:
        super().end(ident)
        # Where a run came no further than to these.
        internal_ports.delete(self)

    def body(self) -> dict[str, Any]:
        given = self.properties
        fields = {
            key: value
            for key, value in super().body().items()
            if value or key not in _NOT_SENT_EMPTY
        }
        image = fields.setdefault("imageRef", "")
        if groups := given.get("security_groups"):
            fields["security_groups"] = [{"name": group} for group in groups]
        if given.get("metadata"):
            fields["metadata"] = _texts(given["metadata"])
        if devices := given.get("block_device_mapping"):
            fields["block_device_mapping"] = block_devices.older(devices)
        elif devices := given.get("block_device_mapping_v2"):
            fields["block_device_mapping_v2"] = block_devices.newer(
                devices, image, lambda name: self.find_id("OS::Glance::WebImage", name)
            )
        data = user_data.build(self)
        if data:
            fields["user_data"] = _encoded(data)
        # Last, for it makes ports.
        fields["networks"] = internal_ports.request(self)
        return fields

    def body_for_changes(self) -> dict[str, Any]:
        """Without what makes ports, and without disks, which do not change."""
        fields = super().body()
        if self.properties.get("metadata"):
            fields["metadata"] = _texts(self.properties["metadata"])
        return fields

    def carry_out(self, shown: Shown, changes: Changes) -> None:
        server_changes.settle(self, shown)
        super().carry_out(shown, changes)

    def change_metadata(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        server_changes.describe(self, shown, self.marked()["metadata"])

    def change_flavor(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        server_changes.resize(self, shown, self.fields["flavorRef"])

    def change_image(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        policy = self.properties["image_update_policy"]
        arguments: dict[str, Any] = {
            "preserve_ephemeral": policy == "REBUILD_PRESERVE_EPHEMERAL",
            "metadata": self.marked()["metadata"],
        }
        if self.fields.get("adminPass"):
            arguments["adminPass"] = self.fields["adminPass"]
        server_changes.rebuild(self, shown, self.fields.get("imageRef", ""), arguments)

    def change_password(self, shown: Shown, changes: Changes) -> None:
        if "image" not in changes.names and self.fields.get("adminPass"):
            told = {"adminPass": self.fields["adminPass"]}
            server_changes.act(self, shown, "changePassword", told)

    def change_user_data(self, shown: Shown, changes: Changes) -> None:  # noqa: ARG002
        """Nova shows nobody but administrators whether it has been told."""
        if self.properties["user_data_update_policy"] != "IGNORE":
            raise ProviderError(
                "'user_data' cannot be changed by a rebuild: let 'user_data_update_policy' be "
                "REPLACE or IGNORE"
            )

    def keep(self, ident: str) -> None:
        server_changes.keep(self, self.show(ident))

    def wrapped(self, fields: Mapping[str, Any]) -> Any:
        server = dict(fields)
        hints = server.pop(_HINTS, None)
        return {"server": server} | ({_HINTS: hints} if hints else {})

    def finish(self, shown: Shown) -> Shown:
        # In a list Nova leaves out some of it.
        return self.show(self.physical_id(super().finish(shown)))

    def listed(self, query: Mapping[str, Any]) -> list[Shown]:
        # Nova takes a name for a regular expression.
        exact = {"name": f"^{re.escape(query['name'])}$"}
        return super().listed({**query, **exact})

    def create(self) -> None:
        try:
            super().create()
        except ProviderError as error:
            # Where Nova refuses a request it shows what was wrong in it.
            given = self.properties
            hidden = frozenset(given[k] for k in ("admin_pass", "user_data") if given.get(k))
            raise ProviderError(secrets.mask_text(str(error), hidden), error.again) from None

    def check(self, shown: Shown) -> None:
        status = self.row.status
        assert status is not None
        said = str(shown["status"]).partition("(")[0]
        if said in status.wait:
            raise ProviderError(f"it is {said}", Again.PENDING)
        if said not in status.ready:
            raise ProviderError(f"it is {said}{_fault(shown)}")

    def attribute(self, shown: Shown, name: str) -> Any:
        return server_attributes.attribute(self, shown, name)

    def delete(self, ident: str) -> None:
        """Delete the server, then the ports that were made for it: a member may not delete what is
        attached."""
        try:
            shown = self.show(ident)
        except failures.NotFound:
            internal_ports.delete(self)
            return
        if shown["status"] == "SOFT_DELETED":
            self.ask("POST", f"{self.path()}/{ident}/action", {"forceDelete": None})
        elif shown.get("OS-EXT-STS:task_state") != "deleting":
            super().delete(ident)
        raise ProviderError(f"it is being deleted{_fault(shown)}", Again.PENDING)


def _texts(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in metadata.items()
    }


def _encoded(data: str) -> str:
    text = base64.b64encode(data.encode()).decode()
    if len(text) > _USER_DATA_LIMIT:
        raise ProviderError(
            f"its user data is too long: {len(text)} characters in base64, and Nova takes "
            f"{_USER_DATA_LIMIT}"
        )
    return text


def _fault(shown: Shown) -> str:
    fault = shown.get("fault")
    if not isinstance(fault, Mapping):
        return ""
    return f": {fault.get('message')} (code {fault.get('code')})"
