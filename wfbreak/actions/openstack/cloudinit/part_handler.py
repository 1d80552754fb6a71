# part-handler
"""Puts the parts of the type text/x-cfninitdata where heat-cfntools look for them."""

import datetime
import os

FOLDERS = ("/var/lib/heat-cfntools", "/var/lib/cloud/data")
LOG = "/var/log/part-handler.log"


def list_types() -> "list[str]":
    return ["text/x-cfninitdata"]


def handle_part(data: object, ctype: str, filename: str, payload: str) -> None:
    if ctype == "__begin__":
        os.makedirs(FOLDERS[0], 0o700, exist_ok=True)
    if ctype in ("__begin__", "__end__"):
        return
    with open(LOG, "a") as log:
        log.write(f"{datetime.datetime.now()} filename:{filename}, ctype:{ctype}\n")
    for folder in FOLDERS:
        with open(os.path.join(folder, filename), "w") as file:
            file.write(payload)
