"""``wfbreak import``: a live stack of Heat's becomes a stack of wfbreak's."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from wfbreak import abandoned, adoption
from wfbreak.cli.bring import Bring, Prepared, translated
from wfbreak.cli.request import make_request
from wfbreak.engine.client import EngineClient
from wfbreak.failure import OnFailure
from wfbreak.translate import translate


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
        request = make_request(arguments)
        adopted = adoption.adopt(found, request.providers)
        # What the template says of what is not known is told by a translation, too.
        stock = adopted.beside(translate(replace(request, stock=adopted.stock)))
        return Prepared(stock, translated(stock, arguments))
