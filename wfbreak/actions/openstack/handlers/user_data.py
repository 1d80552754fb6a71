"""What a server is told when it boots, in the form of ``user_data_format``.

RAW is the text alone. The other two are messages of several parts for cloud-init, as
``build_userdata`` in heat/engine/clients/os/nova.py makes them: HEAT_CFNTOOLS for images with
heat-cfntools, SOFTWARE_CONFIG for images with os-collect-config. Agents that would ask Heat for the
deployments of a server that it does not know are told of no Heat. The texts in ``cloudinit`` do
what Heat's of the same names do.
"""

from __future__ import annotations

import email
import enum
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from importlib import resources
from typing import Any
from urllib.parse import quote, urlsplit

from wfbreak.actions.openstack.maker import Maker
from wfbreak.actions.provider import ProviderError

_INIT_DATA = "x-cfninitdata"
_INIT_PATHS = ("/var/lib/heat-cfntools/cfn-init-data", "/var/lib/cloud/data/cfn-init-data")
_COLLECTORS = ("ec2", "local")
"""Where os-collect-config looks that is no service of Heat's."""

_SERVICES = ("heat", "zaqar", "cfn", "request")
"""Where it would look for Heat."""


class Format(enum.Enum):
    HEAT_CFNTOOLS = "HEAT_CFNTOOLS"
    RAW = "RAW"
    SOFTWARE_CONFIG = "SOFTWARE_CONFIG"


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    name: str
    kind: str = ""


def build(server: Maker) -> str:
    """The user data of a server; empty for none.

    :raises ProviderError: if it is Ignition's and nothing can be added to it.
    """
    text = str(server.properties.get("user_data") or "")
    form = Format(server.properties["user_data_format"])
    if form is Format.RAW:
        return text
    metadata = _metadata(server)
    if form is Format.SOFTWARE_CONFIG and _is_ignition(text):
        return _ignition(text, metadata)
    parts = [
        _Part(_file("cloud-config.txt"), "cloud-config", "cloud-config"),
        _Part(_file("boothook.sh"), "boothook.sh", "cloud-boothook"),
        _Part(_file("part_handler.py"), "part-handler.py", "part-handler"),
    ]
    if form is Format.HEAT_CFNTOOLS:
        parts.append(_Part(text, "cfn-userdata", _INIT_DATA))
        parts.append(_Part(_file("log_user_data.py"), "loguserdata.py", "x-shellscript"))
    else:
        parts += _config(text)
    if metadata:
        parts.append(_Part(json.dumps(metadata), "cfn-init-data", _INIT_DATA))
    if form is Format.HEAT_CFNTOOLS:
        parts += _metadata_server(server)
    return _message(parts)


def collect_config(server: Maker) -> dict[str, Any]:
    """The attribute ``os_collect_config``."""
    return dict(_metadata(server).get("os-collect-config", {}))


def _metadata(server: Maker) -> dict[str, Any]:
    metadata = dict(server.wanted.metadata)
    if server.properties.get("user_data_format") == Format.SOFTWARE_CONFIG.value:
        config = dict(metadata.get("os-collect-config", {}))
        for name in _SERVICES:
            if name in config:  # null overrides what an image brings along
                config[name] = dict.fromkeys(config[name])
        metadata["deployments"] = []
        metadata["os-collect-config"] = {**config, "collectors": list(_COLLECTORS)}
    return metadata


def _config(text: str) -> list[_Part]:
    """The config; the parts of one that is a message of several itself."""
    message = email.message_from_string(text)
    payload: Any = message.get_payload()
    if not message.is_multipart():
        return [_Part(text, "")]
    return [
        _Part(part.get_payload(), part.get_filename() or "", part.get_content_subtype())
        for part in payload
    ]


def _metadata_server(server: Maker) -> list[_Part]:
    """Where heat-cfntools reach Heat, if the cloud's catalogue says it."""
    url = server.cloud.connection.endpoint_for("cloudformation")
    if not url:
        return []
    if "/v1" not in url:
        url += "/v1"
    url = url.rstrip("/") + "/"
    boto = [
        "[Boto]",
        "debug = 0",
        "is_secure = 0",
        "https_validate_certificates = 1",
        "cfn_region_name = heat",
        f"cfn_region_endpoint = {urlsplit(url).hostname}",
    ]
    return [
        _Part(url, "cfn-metadata-server", _INIT_DATA),
        _Part("\n".join(boto), "cfn-boto-cfg", _INIT_DATA),
    ]


def _message(parts: Sequence[_Part]) -> str:
    # The same in every run, and in no part, for it is a hash of all.
    boundary = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    message = MIMEMultipart(boundary=f"==============={boundary}==")
    for part in parts:
        charset = "us-ascii" if part.text.isascii() else "utf-8"
        text = MIMEText(part.text, part.kind or "plain", charset)
        text.add_header("Content-Disposition", "attachment", filename=part.name)
        message.attach(text)
    return message.as_string()


def _is_ignition(text: str) -> bool:
    try:
        return bool(json.loads(text)["ignition"]["version"])
    except (ValueError, KeyError, TypeError):
        return False


def _ignition(text: str, metadata: Mapping[str, Any]) -> str:
    """Ignition's own form, with the metadata as files."""
    config = json.loads(text)
    storage = config.setdefault("storage", {})
    files = storage.setdefault("files", []) if isinstance(storage, dict) else None
    if not isinstance(files, list):
        raise ProviderError(
            "the section 'storage' of its user data must be a map with a list of 'files'"
        )
    for path in _INIT_PATHS:
        files.append(
            {
                "filesystem": "root",
                "group": {"name": "root"},
                "path": path,
                "user": {"name": "root"},
                "contents": {"source": f"data:,{quote(json.dumps(metadata))}", "verification": {}},
                "mode": 0o640,
            }
        )
    return json.dumps(config)


def _file(name: str) -> str:
    return (resources.files("wfbreak.actions.openstack") / "cloudinit" / name).read_text("utf-8")
