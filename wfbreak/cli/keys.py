"""``wfbreak key create``, ``rotate`` and ``list``: the executors' keys, for whoever runs them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, ClassVar

from wfbreak import keys
from wfbreak.cli.common import Listing


class KeyCommand(Listing):
    """A command on a key file, which ends by listing it."""

    hint: ClassVar[str | None] = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--file",
            type=Path,
            metavar="FILE",
            help=f"the key file ({keys.KEY_FILE_VARIABLE}); run it as the user who has the "
            "executors",
        )
        return parser

    def take_action(self, arguments: Any) -> Any:
        path = arguments.file or keys.key_file()
        if path is None:
            raise keys.SealError(f"name the key file: --file FILE, or {keys.KEY_FILE_VARIABLE}")
        ring = self.ring(path, arguments)
        if self.hint:
            print(self.hint, file=sys.stderr)
        rows = [(p.public.ident, ring.role(p), p.made, p.public.text()) for p in ring.pairs]
        return ("key", "use", "made", "public"), rows

    def ring(self, path: Path, arguments: Any) -> keys.KeyRing:
        """The file's keys, once the command has done what it is for."""
        raise NotImplementedError


class CreateKeys(KeyCommand):
    """Make a key file."""

    hint = "copy it to every host with an executor, mode 0600, for the executors' user alone"

    def ring(self, path: Path, arguments: Any) -> keys.KeyRing:  # noqa: ARG002
        try:
            return keys.create_keys(path)
        except FileExistsError:
            raise keys.SealError(
                f"{path} exists: add a key to it with wfbreak key rotate"
            ) from None


class RotateKeys(KeyCommand):
    """Add a key: the one that was the next seals from now on; the others open."""

    hint = "copy it to every host with an executor; they read it at once"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="keep the newest N keys only (at least 2; all unless told): stacks whose secrets "
            "were sealed with the others cannot go on",
        )
        return parser

    def ring(self, path: Path, arguments: Any) -> keys.KeyRing:
        return keys.rotate_keys(path, arguments.keep)


class ListKeys(KeyCommand):
    """List the keys, oldest first: what each is for, and its public half."""

    def ring(self, path: Path, arguments: Any) -> keys.KeyRing:  # noqa: ARG002
        ring = keys.load_keys(path)
        assert ring is not None  # a path was given
        return ring
