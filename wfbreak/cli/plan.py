"""``wfbreak plan``: what each stop will find, before anything runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from wfbreak.cli.common import Listing, show_warnings
from wfbreak.cli.request import add_request_options, make_request
from wfbreak.translate import translate
from wfbreak.translate.preview import preview


class Plan(Listing):
    """Show, for each stop, what will be done, held, blocked and untouched; uses no engine."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        add_request_options(parser)
        return parser

    def take_action(self, arguments: Any) -> Any:
        translation = translate(make_request(arguments))
        show_warnings(translation.diagnostics)
        is_data = arguments.formatter in ("json", "yaml")

        def cell(names: tuple[str, ...]) -> Any:
            return list(names) if is_data else "\n".join(names)

        def conditions(texts: Mapping[str, str]) -> Any:
            return dict(texts) if is_data else "\n".join(f"{n}: {t}" for n, t in texts.items())

        rows = [
            (
                stop.number,
                *map(cell, (stop.held, stop.done, stop.blocked, stop.untouched)),
                conditions(stop.conditions),
            )
            for stop in preview(translation.plan)
        ]
        return ("stop", "held", "done", "blocked", "untouched", "only if"), rows
