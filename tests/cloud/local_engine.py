"""An embedded engine whose executor uses a cloud with the rights of a connection."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path
from typing import Any

import yaml
from engine.process import EngineProcess
from keystoneauth1 import noauth, session

from wfbreak.engine.client import EngineClient

_engines: dict[str, EngineClient] = {}
"""By the users' names; each is started once for all tests of a process."""


class _NoToken(noauth.NoAuth):
    """Without keystoneauth's word for no token, which an executor would take to be the caller's."""

    def get_headers(self, session: Any, **_: Any) -> dict[str, str]:
        return {}


def engine_of(connection: Any) -> EngineClient:
    """The engine that makes resources with the rights of ``connection``."""
    config = connection.config
    auth = dict(config.get_auth_args())
    name = f"{auth['username']}-{auth['project_name']}"
    if name not in _engines:
        folder = tempfile.TemporaryDirectory()
        atexit.register(folder.cleanup)
        clouds = Path(folder.name) / "clouds.yaml"
        entry = {"auth": auth, "region_name": config.region_name}
        clouds.write_text(yaml.safe_dump({"clouds": {name: entry}}))
        variables = {"OS_CLIENT_CONFIG_FILE": str(clouds), "OS_CLOUD": name}
        process = EngineProcess(Path(folder.name) / "state", variables)
        url = process.start().url
        atexit.register(process.stop)
        _engines[name] = EngineClient(url, session.Session(auth=_NoToken(endpoint=url)))
    return _engines[name]
