"""Who makes what no ``--provider`` speaks of: on a cloud its services, elsewhere nobody.

A type that the services cannot make tells, before any cloud is asked.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.command import Answer, wfbreak

BAD_INPUT = 3
UNREACHABLE = 6

TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  ours: {type: "Vendor::Ours"}
  theirs: {type: "Vendor::Theirs"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The template, and a cloud that is named and cannot be reached."""
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    auth = "{auth_url: 'http://127.0.0.1:9/', username: u, password: p, project_name: p}"
    (tmp_path / "clouds.yaml").write_text(f"clouds: {{mine: {{auth: {auth}}}}}\n")
    return tmp_path


def run_on_a_cloud(folder: Path, *providers: str) -> Answer:
    rules = (part for rule in providers for part in ("--provider", rule))
    variables = {"OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml")}
    return wfbreak("run", "t.yaml", "--os-cloud", "mine", *rules, cwd=folder, **variables)


@pytest.mark.parametrize(
    ("providers", "asked"),
    [
        ((), ("Vendor::Ours", "Vendor::Theirs")),
        (("Vendor::Ours=rehearse",), ("Vendor::Theirs",)),
        (("Vendor::Theirs=heat",), ("Vendor::Ours",)),
        (("rehearse", "Vendor::Ours=openstack"), ("Vendor::Ours",)),
    ],
)
def test_on_a_cloud_its_services_are_asked_for(
    folder: Path, providers: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    """For all types but those that a rule has for somebody else."""
    answer = run_on_a_cloud(folder, *providers)
    assert answer.status == BAD_INPUT, answer.err
    refused = [line for line in answer.err.splitlines() if "E305" in line]
    assert len(refused) == len(asked)
    for line, kind in zip(refused, asked, strict=True):
        assert f"the openstack provider does not know the type '{kind}'" in line


@pytest.mark.parametrize(
    "providers", [("rehearse",), ("Vendor::*=heat",), ("*=rehearse", "Vendor::Ours=heat")]
)
def test_rules_for_all_types_leave_nothing_to_them(
    folder: Path, providers: tuple[str, ...]
) -> None:
    answer = run_on_a_cloud(folder, *providers)
    assert answer.status == UNREACHABLE, answer.err
    assert "E305" not in answer.err


def test_without_a_cloud_it_is_rehearsed(folder: Path) -> None:
    answer = wfbreak("translate", "t.yaml", "--provider", "Vendor::Ours=heat", cwd=folder)
    assert answer.status == 0, answer.err
    assert answer.out.count("provider: heat") == 1
