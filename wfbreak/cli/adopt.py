"""``wfbreak import``: a live stack of Heat's becomes a stack of wfbreak's."""

from __future__ import annotations

import argparse
from typing import Any

from wfbreak import abandoned, adoption
from wfbreak.cli.request import make_request
from wfbreak.cli.update import Bring, Prepared, translated
from wfbreak.engine.client import EngineClient
from wfbreak.failure import OnFailure


class Import(Bring):
    """Adopt a stack that Heat has let go of, by its abandon data: its resources become a stack's of
    wfbreak's, and are brought to what the template says. With the template that it had, nothing
    changes."""

    event = "import"
    ways = (OnFailure.CONTINUE, OnFailure.STOP)

    def add_subject(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("data", help="what openstack stack abandon --output-file has written")

    def prepared(self, client: EngineClient, arguments: Any) -> Prepared:  # noqa: ARG002
        found = abandoned.read(arguments.data)
        arguments.name = arguments.name or found.name
        stock = adoption.stock(found, make_request(arguments).providers)
        return Prepared(stock, translated(stock, arguments))
