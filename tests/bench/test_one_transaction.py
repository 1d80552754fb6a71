"""What the simulation takes from Mistral's code: a process has one transaction at a time.

In a process of its own, whose Mistral is configured for the test; the lock is the same on each
database (mistral/db/sqlalchemy/base.py, tx_lock).
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

_THREADS = """
import json, sys, threading, time
from oslo_config import cfg
from mistral import config, context
from mistral.db.v2 import api as db

config.parse_args([])
cfg.CONF.set_override("connection", sys.argv[1], "database")
db.setup_db()
spans = []

def transactions():
    context.set_ctx(context.MistralContext(is_admin=True))
    for _ in range(5):
        with db.transaction():
            began = time.monotonic()
            time.sleep(0.02)
            spans.append((began, time.monotonic()))

threads = [threading.Thread(target=transactions) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(spans))
"""


def test_threads_of_a_process_take_turns(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'mistral.sqlite'}"
    done = subprocess.run(
        [sys.executable, "-c", _THREADS, address],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    spans = sorted(json.loads(done.stdout.splitlines()[-1]))
    assert len(spans) == 20
    assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(spans))
