"""wfbreak works from an installed wheel: what lies beside the package travels with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, as an installation has it: away from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    skip = shutil.ignore_patterns(
        ".git", ".venv*", ".cloud*", "build", "*.egg-info", ".*cache", "tests"
    )
    shutil.copytree(ROOT, source, ignore=skip)
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *flags, str(source)],
        check=True,
        timeout=120,
    )
    (wheel,) = folder.glob("wfbreak-*.whl")
    target = folder / "installed"
    zipfile.ZipFile(wheel).extractall(target)
    shutil.rmtree(source)
    return target


def test_schemas_and_workflows_travel(installed: Path) -> None:
    for folder, pattern in (
        ("schemas", "*.json"),
        ("schemas/types", "*.json"),
        ("workflows", "*.yaml"),
    ):
        expected = {path.name for path in (ROOT / folder).glob(pattern)}
        assert expected
        assert {path.name for path in (installed / "wfbreak" / folder).glob(pattern)} == expected


@pytest.mark.parametrize(("package", "part"), [("report", "report.html"), ("ui", "stack.html")])
def test_the_pages_parts_travel(installed: Path, package: str, part: str) -> None:
    expected = {path.name for path in (ROOT / "wfbreak" / package / "parts").iterdir()}
    assert part in expected
    assert {path.name for path in (installed / "wfbreak" / package / "parts").iterdir()} == expected


def test_it_translates(installed: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, "translate", "web.yaml", "-e", "env.yaml"],
        cwd=ROOT / "examples" / "three-tier",
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    first, rest = answer.stdout.split("\n", 1)
    assert Path(first).is_relative_to(installed)
    assert "db:pre-create" in rest


PROGRAM = (
    "import sys, wfbreak; from wfbreak.cli.main import main;"
    "print(wfbreak.__file__, flush=True); sys.exit(main(sys.argv[1:]))"
)
