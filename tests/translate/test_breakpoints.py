"""Which resources a request to stop reaches, and what is said of one that reaches none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wfbreak.diagnostics import InputError
from wfbreak.translate import Mode, Request, Translation, translate
from wfbreak.translate.preview import preview

TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  net: {type: OS::Neutron::Net}
  web:
    type: OS::Heat::ResourceGroup
    properties:
      count: 6
      resource_def: {type: OS::Nova::Server, properties: {flavor: m1, image: i}}
  db: {type: OS::Nova::Server, depends_on: net, properties: {flavor: m1, image: i}}
  old: {type: OS::Neutron::Port, external_id: abc}
  gone: {type: OS::Heat::None, condition: false}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    return tmp_path


def translated(folder: Path, file: str = "", **asked: object) -> Translation:
    if file:
        (folder / "breaks.yaml").write_text(f"breakpoints:\n{file}")
        asked["break_files"] = (str(folder / "breaks.yaml"),)
    return translate(Request(str(folder / "t.yaml"), **asked))  # type: ignore[arg-type]


def stops(translation: Translation) -> list[str]:
    return [stop.name for stage in translation.plan.stages for stop in stage]


def test_by_type(folder: Path) -> None:
    found = stops(translated(folder, breaks=("type:OS::N*::Server:post-create",)))
    assert sorted(found) == ["db:post-create", *(f"web/{n}:post-create" for n in range(6))]
    assert stops(translated(folder, "  - {type: 'OS::Neutron::*'}\n")) == ["net:pre-create"]


def test_by_name_and_type(folder: Path) -> None:
    file = "  - {resource: '*', type: OS::Nova::Server}\n"
    assert stops(translated(folder, file)) == ["db:pre-create"]


def test_every_member_and_some_to_ignore(folder: Path) -> None:
    file = "  - {resource: web/*, every: 2, ignore: 1}\n"
    assert stops(translated(folder, file)) == ["web/3:pre-create", "web/5:pre-create"]


def test_all_are_ignored(folder: Path) -> None:
    found = translated(folder, "  - {resource: web/*, every: 4, ignore: 1}\n")
    assert stops(found) == []
    (warning,) = found.diagnostics.warnings
    assert warning.code.ident == "W302"
    assert "of 6 matches, every 4 counts, and 1 are ignored" in warning.message
    assert warning.position is not None
    assert warning.position.line == 2


def test_no_break_takes_away(folder: Path) -> None:
    asked = {"breaks": ("*", "net:post-create"), "no_breaks": ("type:OS::Nova::*", "web")}
    assert stops(translated(folder, **asked)) == ["net:pre-create", "net:post-create"]
    with pytest.raises(InputError, match="there is no breakpoint to take away"):
        translated(folder, breaks=("net",), no_breaks=("db",))


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("dbb", "did you mean 'db'"),
        ("type:OS::Nova::Sever", "did you mean 'OS::Nova::Server'"),
        ("type:XYZ", "types: OS::Heat::None, OS::Heat::ResourceGroup"),
        ("gon", "did you mean 'gone'"),
        ("*/server", "resources: db, gone, net"),
        ("type:", "there is no hook"),
        ("db:pre-creat", "hooks: pre-create"),
    ],
)
def test_what_matches_nothing(folder: Path, option: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        translated(folder, breaks=(option,))


def test_what_can_never_stop(folder: Path) -> None:
    found = translated(folder, breaks=("old", "gone", "db:pre-delete"))
    assert stops(found) == []
    assert [w.code.ident for w in found.diagnostics.warnings] == ["W302", "W301", "W302"]


@pytest.mark.parametrize(
    ("option", "code", "said"),
    [
        ("type:OS::Heat::None", "W301", "its condition takes gone away"),
        ("gone/*/server", "W301", "its condition takes gone away"),
        ("old/server", "W302", "'old' exists already .external_id.: nothing inside it is created"),
    ],
)
def test_what_is_not_there_to_stop_at(folder: Path, option: str, code: str, said: str) -> None:
    (warning,) = translated(folder, breaks=(option,)).diagnostics.warnings
    assert warning.code.ident == code
    assert re.search(said, warning.message)


def test_a_file_needs_a_name_or_a_type(folder: Path) -> None:
    with pytest.raises(InputError, match="E007"):
        translated(folder, "  - {hook: pre-create}\n")


def test_the_preview(folder: Path) -> None:
    (first, second) = preview(translated(folder, breaks=("net", "db")).plan)
    assert (first.held, first.blocked) == (("net:pre-create",), ("net", "db"))
    assert second.held == ("db:pre-create",)
    assert set(second.done) == {"net", "web", "old", *(f"web/{n}" for n in range(6))}
    assert second.untouched == ()


def test_the_preview_of_all_stop_and_step(folder: Path) -> None:
    (stop,) = preview(translated(folder, breaks=("db",), mode=Mode.ALL_STOP).plan)
    assert (stop.done, stop.blocked) == (("net",), ("db",))
    assert "web" in stop.untouched
    steps = preview(translated(folder, mode=Mode.STEP).plan)
    assert [stop.held for stop in steps[:2]] == [("net:pre-create",), ("web:pre-create",)]
    assert len(steps) == 10


CONDITION = "  - {{resource: {where}, condition: '{text}'}}\n"


@pytest.mark.parametrize(
    ("where", "text", "said"),
    [
        ("db", "$.a >", "is not YAQL: Parse error"),
        ("db", "$.resources.nett.ref = 1", "there is no resource .nett."),
        ("db", "$.parameters.size > 1", "there is no parameter .size."),
        ("db", "$.data.x = 1", "it reads .[$].data."),
        ("net", "$.resources.db.ref = 1", "reads .db., which is not created before this stop"),
        ("db", '$.resources.get("web/0").ref = 1', None),
        ("db", '$.resources["web/0"].attributes.show.len() > 1', None),
    ],
)
def test_conditions(folder: Path, where: str, text: str, said: str | None) -> None:
    file = CONDITION.format(where=where, text=text)
    if said is None:
        (stop,) = preview(translated(folder, file).plan)
        assert stop.conditions == {f"{where}:pre-create": text}
        return
    with pytest.raises(InputError, match=said) as caught:
        translated(folder, file)
    (finding,) = caught.value.diagnostics.errors
    assert finding.position is not None
    assert finding.position.line == 2


def test_a_condition_counts_unless_someone_wants_it_to_stop_anyway(folder: Path) -> None:
    file = CONDITION.format(where="db", text="$.resources.net.ref = x")
    (stop,) = preview(translated(folder, file, breaks=("db",)).plan)
    assert stop.conditions == {}
    (stop,) = preview(translated(folder, file, breaks=("web",)).plan)
    assert stop.conditions == {"db:pre-create": "$.resources.net.ref = x"}


def test_every_member_in_a_stack_of_each(folder: Path) -> None:
    inner = "resources: {a: {type: OS::Heat::None}, b: {type: OS::Heat::None}}"
    (folder / "inner.yaml").write_text(f"heat_template_version: 2021-04-16\n{inner}\n")
    group = (
        "{type: OS::Heat::ResourceGroup, properties: {count: 4, resource_def: {type: inner.yaml}}}"
    )
    (folder / "t.yaml").write_text(
        f"heat_template_version: 2021-04-16\nresources: {{g: {group}}}\n"
    )
    every = "  - {resource: g/*/b, every: 2}\n"
    assert stops(translated(folder, every)) == ["g/1/b:pre-create", "g/3/b:pre-create"]
    ignore = "  - {resource: g/*/*, type: '*None', ignore: 7}\n"
    assert stops(translated(folder, ignore)) == ["g/3/b:pre-create"]


def test_a_condition_that_decides_nothing(folder: Path) -> None:
    file = "  - {resource: db, condition: 1 = 2}\n  - {resource: '*', type: OS::Nova::*}\n"
    (warning,) = translated(folder, file).diagnostics.warnings
    assert (warning.code.ident, warning.position.line) == ("W303", 2)  # type: ignore[union-attr]
    assert "breaks.yaml:3" in warning.message
    both = "  - {resource: '[dn]*', condition: 1 = 2}\n"
    assert not translated(folder, both, breaks=("db",)).diagnostics.warnings
