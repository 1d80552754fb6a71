"""``python -m cluster packages``: what the Makefile calls before the tests."""

from __future__ import annotations

import sys

from cloud.lab.installation import packages_command

from cluster.settings import PACKAGES

if __name__ == "__main__":
    sys.exit(packages_command(PACKAGES))
