"""``python -m ui packages``: what the Makefile calls before the tests."""

from __future__ import annotations

import sys

from cloud.lab.installation import Packages, packages_command

PACKAGES = Packages(
    ("chromium", "chromium-driver", "fonts-dejavu-core"), ("chromium", "chromedriver")
)

if __name__ == "__main__":
    sys.exit(packages_command(PACKAGES))
