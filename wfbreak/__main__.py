"""``python -m wfbreak``: the command line, from a checkout as well."""

import sys

from wfbreak.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
