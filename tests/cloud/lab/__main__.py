"""``python -m cloud.lab packages | up FOLDER | down FOLDER``: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cloud.lab.cloud import (
    EVERYTHING,
    WITH_DASHBOARD,
    Cloud,
    StepsOf,
    bring_up,
    find,
    take_down,
)
from cloud.lab.errors import LabError
from cloud.lab.folder import Folder
from cloud.lab.identity import MEMBER
from cloud.lab.installation import install_packages


def main() -> int:
    parser = argparse.ArgumentParser(prog="cloud.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("packages", help="install Debian's packages if they are missing")
    up = commands.add_parser("up", help="bring a cloud up and leave it up")
    up.add_argument("folder", type=Path)
    up.add_argument("--venv", type=Path, required=True, help="where the services are installed")
    up.add_argument(
        "--dashboard", action="store_true", help="Keystone, Mistral and Horizon, nothing else"
    )
    down = commands.add_parser("down", help="end a cloud and forget it")
    down.add_argument("folder", type=Path)
    asked = parser.parse_args()
    try:
        if asked.command == "packages":
            install_packages()
        elif asked.command == "up":
            services = WITH_DASHBOARD if asked.dashboard else EVERYTHING
            cloud = _up(Folder(asked.folder.absolute()), asked.venv.absolute(), services)
            print(f"OS_CLIENT_CONFIG_FILE={cloud.clouds_yaml}")
            print("OS_CLOUD is one of admin, member, other_member")
            if asked.dashboard:
                print(f"{cloud.dashboard} for {MEMBER.user}, {cloud.settings.password}")
        else:
            take_down(Folder(asked.folder.absolute()))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _up(folder: Folder, venv: Path, services: tuple[StepsOf, ...]) -> Cloud:
    with folder.owned():
        try:
            return find(folder)
        except LabError:
            return bring_up(folder, venv, services=services)


if __name__ == "__main__":
    sys.exit(main())
