"""A template that meets what exists: where it stops, what is told, what may be taken away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wfbreak.diagnostics import InputError
from wfbreak.existing import Existing, Stock
from wfbreak.failure import OnFailure
from wfbreak.providers import Provider
from wfbreak.translate import Deletion, Mode, Request, Translation, delete, translate
from wfbreak.translate.breakpoints import Breakpoint

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  net: {type: OS::Neutron::Net}
  new: {type: OS::Neutron::Net}
  web:
    type: OS::Heat::ResourceGroup
    properties:
      count: 2
      resource_def: {type: OS::Heat::Value, properties: {value: {get_resource: net}}}
"""


def existing(name: str, kind: str = "OS::Neutron::Net", *needs: str, **more: Any) -> Existing:
    return Existing(name, kind, "e-id", physical_id=f"{name}-id", needs=needs, **more)


STOCK = Stock(
    {
        "net": existing("net"),
        "web/0": existing("web/0", "OS::Heat::Value", "net"),
        "old": existing("old", "OS::Cinder::Volume", "net", properties={"name": "<% 1 %>"}),
        "kept": existing("kept", deletion_policy="Retain"),
        "there": existing("there", external=True),
    },
    (Existing("web/1", "OS::Heat::Value", "e-id"),),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    return tmp_path


def updated(folder: Path, *breaks: str, **more: Any) -> Translation:
    return translate(Request(str(folder / "t.yaml"), breaks=breaks, stock=STOCK, **more))


def stops(translation: Translation) -> set[str]:
    return {s.name for s in translation.plan.interval if isinstance(s, Breakpoint)}


def tasks(translation: Translation) -> dict[str, Any]:
    found: dict[str, Any] = translation.document["t"]["tasks"]
    return found


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("net", {"net:pre-update"}),
        ("new", {"new:pre-create"}),
        ("old", {"old:pre-delete"}),
        ("web", {"web:pre-update"}),
        ("web/*", {"web/0:pre-update", "web/1:pre-create"}),
        ("*:post-update", {"net:post-update", "web:post-update"}),
        ("*:post-create", {"new:post-create"}),
        ("*:pre-delete", {"net:pre-delete", "old:pre-delete"}),
        ("type:OS::Cinder::*", {"old:pre-delete"}),
    ],
)
def test_where_it_stops(folder: Path, option: str, found: set[str]) -> None:
    assert stops(updated(folder, option)) == found


def test_every_place_in_step_mode(folder: Path) -> None:
    found = stops(updated(folder, mode=Mode.STEP))
    assert {"net:pre-update", "new:post-create", "old:pre-delete", "web/1:post-delete"} <= found
    assert not any(name.startswith(("kept", "there")) for name in found)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("net:pre-create", "cannot fire while it is updated"),
        ("new:pre-update", "cannot fire while it is created"),
        ("old:pre-update", "cannot fire while it is deleted"),
    ],
)
def test_what_does_not_happen_is_told(folder: Path, option: str, told: str) -> None:
    (warning,) = updated(folder, option).diagnostics.warnings
    assert told in warning.message


def test_an_environment_has_hooks_for_all_of_a_stacks_life(folder: Path) -> None:
    (folder / "e.yaml").write_text(
        "resource_registry:\n  resources:\n"
        "    net: {hooks: [pre-create, pre-update, pre-delete], restricted_actions: replace}\n"
    )
    translation = updated(folder, environments=(str(folder / "e.yaml"),))
    assert stops(translation) == {"net:pre-update", "net:pre-delete"}
    assert not translation.diagnostics.warnings
    assert tasks(translation)["net"]["input"]["restricted"] == ["replace"]


def test_what_matches_nothing_is_an_error(folder: Path) -> None:
    with pytest.raises(InputError, match="matches no resource"):
        updated(folder, "kept")


def test_what_exists_stands_in_the_tasks(folder: Path) -> None:
    found = tasks(updated(folder))
    assert found["net"]["input"]["existing"] == STOCK.resources["net"].to_plain()
    assert "existing" not in found["new"]["input"]
    removal = found["old:delete"]["input"]
    assert "when" not in removal
    # Text that looks like an expression is none.
    assert "<% 1 %>" not in str(removal)
    replaced = "<% task('net').result.get(change) = \"replaced\" %>"
    assert found["net:delete"]["input"]["when"] == replaced
    assert "web/1:delete-1" in found
    assert not {"kept:delete", "there:delete"} & set(found)


def test_a_deletion(folder: Path) -> None:
    (folder / "e.yaml").write_text(
        "resource_registry:\n  resources:\n    old: {hooks: [pre-create, post-delete]}\n"
        "    gone: {hooks: pre-delete}\n"
    )
    translation = delete(Deletion("t", STOCK, (str(folder / "e.yaml"),), ("net",)))
    assert stops(translation) == {"old:post-delete", "net:pre-delete"}
    assert [w.message for w in translation.diagnostics.warnings] == ["'gone': nothing of it exists"]
    assert "wfbreak:delete" in translation.document["t"]["tags"]


def test_nothing_begins_after_a_failure(folder: Path) -> None:
    plain, stopping = updated(folder), updated(folder, on_failure=OnFailure.STOP)
    for name, task in tasks(stopping).items():
        is_begun = task["action"] in ("wfbreak.create", "wfbreak.delete")
        assert task.get("input", {}).get("goes") == ("<% wfbreak_goes() %>" if is_begun else None)
        assert "goes" not in tasks(plain)[name].get("input", {})


def test_a_snapshot_is_not_heats(folder: Path) -> None:
    kept = existing("v", "OS::Cinder::Volume", deletion_policy="Snapshot")
    delete(Deletion("t", Stock({"v": kept})))
    of_heat = replace(kept, provider=Provider.HEAT)
    with pytest.raises(InputError, match="deletion policy Snapshot"):
        delete(Deletion("t", Stock({"v": of_heat})))


def test_a_stack_inside_that_goes_is_stopped_at_what_is_inside(folder: Path) -> None:
    """Nothing runs through a stop that somebody asked for."""
    with pytest.raises(InputError, match="is a stack, whose resources go one by one") as caught:
        delete(Deletion("t", STOCK, breaks=("web",)))
    assert "'web/**/*', or 'web/0'" in str(caught.value)
    found = stops(delete(Deletion("t", STOCK, breaks=("web/**/*",))))
    assert found == {"web/0:pre-delete", "web/1:pre-delete"}
