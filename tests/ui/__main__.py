"""``python -m ui packages``: what the Makefile calls before the tests."""

from __future__ import annotations

import sys

from cloud.lab.errors import LabError
from cloud.lab.installation import Packages, install_packages

PACKAGES = Packages(
    ("chromium", "chromium-driver", "fonts-dejavu-core"), ("chromium", "chromedriver")
)


def main() -> int:
    try:
        install_packages(PACKAGES)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
