#!/usr/bin/env python3
"""Runs the user data that the part handler has put down, and keeps what it prints."""

import datetime
import errno
import os
import subprocess
import sys

FOLDER = "/var/lib/heat-cfntools"
LOG = "/var/log/heat-provision.log"


def main() -> int:
    script = os.path.join(FOLDER, "cfn-userdata")
    os.chmod(script, 0o700)
    with open(LOG, "ab", 0) as log:
        os.chmod(LOG, 0o600)

        def tell(text: str) -> None:
            line = f"{text}\n".encode()
            log.write(line)
            sys.stdout.buffer.write(line)
            sys.stdout.flush()

        tell(f"Provision began: {datetime.datetime.now()}")
        try:
            run = subprocess.run(
                [script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
            )
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                tell(f"The user data cannot be run: {error}")
                return os.EX_OSERR
            tell(f"The user data is empty, or no program: {error}")
        else:
            tell(run.stdout.decode(errors="replace"))
            if run.returncode:
                tell(f"Provision failed with exit code {run.returncode}")
                return run.returncode
        tell(f"Provision done: {datetime.datetime.now()}")
    with open(os.path.join(FOLDER, "provision-finished"), "a") as done:
        os.utime(done.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
