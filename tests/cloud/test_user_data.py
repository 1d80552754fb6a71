"""What a server is told when it boots, beside what Heat tells it."""

from __future__ import annotations

import base64
import contextlib
import email
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cloud.twins import WatchedProvider, patiently
from wfbreak.actions.openstack.cloud import Cloud
from wfbreak.actions.provider import CreateRequest, ProviderError

OF_HEAT = frozenset({"cfn-metadata-server", "cfn-boto-cfg"})
"""Parts that say where Heat is; the test cloud's catalogue does not."""

OWN_WORDS = frozenset({"cloud-config", "boothook.sh", "part-handler.py", "loguserdata.py"})
"""Parts that do what Heat's do, in other words."""

METADATA = {"one": 1, "os-collect-config": {"zaqar": {"path": "ä"}, "polling_interval": 5}}

MULTIPART = """\
Content-Type: multipart/mixed; boundary="==part=="
MIME-Version: 1.0

--==part==
Content-Type: text/x-shellscript; charset="us-ascii"
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment; filename="one.sh"

#!/bin/sh
echo one
--==part==
Content-Type: text/cloud-config; charset="us-ascii"
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit

packages: [two]
--==part==--
"""
IGNITION = json.dumps({"ignition": {"version": "3.0.0"}, "storage": {"files": []}})


CASES = {
    "cfntools": ("HEAT_CFNTOOLS", "#!/bin/sh\necho ü", METADATA),
    "cfntools-of-nothing": ("HEAT_CFNTOOLS", "", {}),
    "raw": ("RAW", "#!/bin/sh\necho ü", METADATA),
    "raw-of-nothing": ("RAW", "", {}),
    "config": ("SOFTWARE_CONFIG", "#!/bin/sh\necho ü", METADATA),
    "config-of-parts": ("SOFTWARE_CONFIG", MULTIPART, {}),
    "ignition": ("SOFTWARE_CONFIG", IGNITION, METADATA),
}
"""By the servers' names: the format, the user data, the metadata."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    charset: str | None
    name: str | None
    data: Any


def parts(text: str) -> Any:
    """What can be compared in user data."""
    message = email.message_from_string(text)
    if not message.is_multipart():
        return ignition(text) if text.startswith("{") else text
    found = []
    for part in message.walk():
        if part.is_multipart():
            continue
        name = part.get_filename()
        payload: Any = part.get_payload(decode=True)
        data: Any = None if name in OWN_WORDS else payload.decode()
        if name == "cfn-init-data":
            data = without_heat(json.loads(data))
        found.append(Part(part.get_content_type(), part.get_content_charset(), name, data))
    return [part for part in found if part.name not in OF_HEAT]


def ignition(text: str) -> Any:
    config = json.loads(text)
    for file in config["storage"]["files"]:
        source = unquote(file["contents"]["source"].removeprefix("data:,"))
        file["contents"]["source"] = without_heat(json.loads(source))
    return config


def without_heat(metadata: dict[str, Any]) -> dict[str, Any]:
    """A server's metadata without what tells os-collect-config of Heat."""
    config = metadata.get("os-collect-config", {})
    config.pop("cfn", None)
    if "collectors" in config:
        config["collectors"] = [name for name in config["collectors"] if name != "cfn"]
    return metadata


def properties(form: str, text: str) -> dict[str, Any]:
    return {
        "flavor": "m1.tiny",
        "image": "debian-12",
        "networks": [{"allocate_network": "none"}],
        "user_data_format": form,
        "user_data": text,
    }


def by_wfbreak(admin: Any) -> dict[str, str]:
    execution, provider = str(uuid.uuid4()), WatchedProvider(Cloud(admin))
    requests = {
        name: CreateRequest(
            execution_id=execution,
            stack="user-data",
            resource=name,
            type="OS::Nova::Server",
            properties=properties(form, text),
            metadata=metadata,
            connect=lambda: admin,
        )
        for name, (form, text, metadata) in CASES.items()
    }
    try:
        for request in requests.values():  # at once, not one after the other
            with contextlib.suppress(ProviderError):
                provider.create(request)
        return {
            name: user_data(admin, patiently(lambda r=request: provider.create(r)).physical_id)
            for name, request in requests.items()
        }
    finally:
        for request in requests.values():
            patiently(lambda r=request: provider.maker(r).end(None))


def by_heat(admin: Any) -> dict[str, str]:
    servers = {
        name: {
            "type": "OS::Nova::Server",
            "properties": properties(form, text),
            "metadata": metadata,
        }
        for name, (form, text, metadata) in CASES.items()
    }
    template = {"heat_template_version": "2021-04-16", "resources": servers}
    heat = admin.orchestration
    stack = heat.create_stack(name=f"user-data-{uuid.uuid4().hex[:6]}", template=template)
    try:
        deadline = time.monotonic() + 200
        while (found := heat.get_stack(stack.id)).status == "CREATE_IN_PROGRESS":
            assert time.monotonic() < deadline
            time.sleep(0.5)
        assert found.status == "CREATE_COMPLETE", found.status_reason
        made = {r.name: r.physical_resource_id for r in heat.resources(stack)}
        return {name: user_data(admin, ident) for name, ident in made.items()}
    finally:
        heat.delete_stack(stack.id)
        heat.wait_for_delete(stack, interval=0.5, wait=200)


def user_data(admin: Any, ident: str) -> str:
    shown = Cloud(admin).get("compute", f"/servers/{ident}", microversion="2.96")["server"]
    return base64.b64decode(shown["OS-EXT-SRV-ATTR:user_data"] or "").decode()


def test_it_is_what_heat_tells(admin: Any) -> None:
    ours, theirs = by_wfbreak(admin), by_heat(admin)
    assert ours.keys() == theirs.keys()
    for name in CASES:
        assert parts(ours[name]) == parts(theirs[name]), name
