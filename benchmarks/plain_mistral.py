"""A Mistral as anybody would start one in a process of its own, without anything of wfbreak's.

``python -m benchmarks.plain_mistral --state DIR`` prints the API's address once it is up. Where it
has to differ from Mistral's defaults to run in one process it does as wfbreak's engine does
(``fake:/``, SQLite, a local executor and notifier, no Keystone), so that the two are comparable.
Besides that one default is changed: the validation of what is uploaded may be switched off, since
it would take most of the time (0.2 s of CPU for each task). All else is Mistral's own, its
scheduler that polls once a second (``legacy``) among it.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import threading
import warnings
from pathlib import Path

_CONFIG = """\
[DEFAULT]
transport_url = fake:/
log_file = {state}/engine.log
default_log_levels = mistral=WARNING,sqlalchemy=WARNING,oslo_messaging=CRITICAL

[api]
host = 127.0.0.1
port = {port}
validation_mode = enabled

[database]
connection = sqlite:///{state}/mistral.sqlite

[executor]
type = local

[notifier]
type = local

[action_providers]
denylist = wfbreak

[pecan]
auth_enable = false

[cron_trigger]
enabled = false
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    state: Path = parser.parse_args().state
    state.mkdir(mode=0o700, parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = state / "mistral.conf"
    config.write_text(_CONFIG.format(state=state, port=port))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _serve(config)
    print(f"http://127.0.0.1:{port}/v2", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    while True:
        threading.Event().wait(1)


def _serve(config: Path) -> None:
    from oslo_service import backend

    if backend.get_backend_type() is None:
        backend.init_backend(backend.BackendType.THREADING)
    from mistral import config as mistral_config
    from mistral.api.service import WSGIService
    from mistral.db.v2 import api as database
    from mistral.engine import engine_server
    from mistral.rpc import base as rpc
    from mistral.services import actions
    from oslo_config import cfg
    from oslo_log import log

    mistral_config.parse_args(["--config-file", str(config)])
    log.setup(cfg.CONF, "mistral")
    for handler in list(logging.getLogger().handlers):
        if type(handler) is logging.StreamHandler:
            logging.getLogger().removeHandler(handler)
    rpc.get_transport()
    database.setup_db()
    engine_server.get_oslo_service(setup_profiler=False).start()
    actions.get_system_action_provider()
    WSGIService("mistral_api").start()


if __name__ == "__main__":
    main()
