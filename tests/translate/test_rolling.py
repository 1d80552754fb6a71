"""Groups in an update: who their members are, in which batches they go, stops between these."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfbreak.diagnostics import InputError
from wfbreak.existing import Existing, Stock
from wfbreak.translate import Mode, Request, Translation, batching, membership, translate
from wfbreak.translate.batching import Batches, Policy
from wfbreak.translate.breakpoints import Breakpoint
from wfbreak.translate.membership import Membership

GROUP = """\
heat_template_version: 2018-08-31
resources:
  web:
    type: OS::Heat::ResourceGroup
    update_policy: {POLICY}
    properties:
      count: COUNT
      MORE
      resource_def: {type: OS::Neutron::Net, properties: {name: net-%index%, shared: SHARED}}
  reader: {type: OS::Heat::Value, properties: {value: {get_attr: [web, refs]}}}
"""
SCALING = """\
heat_template_version: 2018-08-31
resources:
  web:
    type: OS::Heat::AutoScalingGroup
    properties:
      min_size: 0
      max_size: 9
      desired_capacity: COUNT
      resource: {type: OS::Neutron::Net, properties: {shared: SHARED}}
outputs:
  first: {value: {get_attr: [web, resource.0]}}
"""
ROLLING = "rolling_update: {max_batch_size: 2, min_in_service: 1, pause_time: 1.5}"


def stock(*numbers: int, skipped: tuple[str, ...] = (), shared: bool = False) -> Stock:
    """Members of these numbers, and what reads them."""
    members = {
        f"web/{number}": Existing(
            f"web/{number}",
            "OS::Neutron::Net",
            "e-id",
            physical_id=f"id-{number}",
            ref=f"id-{number}",
            properties={"name": f"net-{number}", "shared": shared},
        )
        for number in numbers
    }
    reader = Existing("reader", "OS::Heat::Value", "e-id", physical_id="r", needs=tuple(members))
    return Stock(members | {"reader": reader}, (), {"web": skipped} if skipped else {})


class Scene:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        template: str,
        before: Stock | None,
        *breaks: str,
        count: int = 4,
        policy: str = ROLLING,
        shared: bool = True,
        more: str = "",
        **request: Any,
    ) -> Translation:
        said = {"COUNT": count, "POLICY": policy, "SHARED": str(shared).lower(), "MORE": more}
        for name, value in said.items():
            template = template.replace(name, str(value))
        path = self.folder / "t.yaml"
        path.write_text(template)
        return translate(Request(str(path), breaks=breaks, stock=before, **request))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def order(translation: Translation) -> list[str]:
    return [
        name
        for name, task in translation.document["t"]["tasks"].items()
        if task["action"] in ("wfbreak.create", "std.noop")
    ]


def members(translation: Translation) -> list[str]:
    return [name for name in order(translation) if name.startswith("web/")]


def batches(translation: Translation) -> list[str]:
    nested = translation.template.resources["web"].nested
    assert nested is not None
    return [" ".join(name.removeprefix("web/") for name in batch) for batch in nested.batches]


def leads(translation: Translation, name: str) -> list[str]:
    found: list[str] = translation.document["t"]["tasks"][name].get("on-success", [])
    return found


def test_what_is_new_comes_first_and_then_the_highest_numbers(scene: Scene) -> None:
    translation = scene(GROUP, stock(0, 1, 2), count=4)
    assert order(translation) == [
        "web/2",
        "web/3",
        "web:batch-1",
        "web/0",
        "web/1",
        "reader",
    ]
    assert translation.document["t"]["tasks"]["web:batch-1"]["wait-after"] == 2


def test_what_was_replaced_goes_before_the_next_batch(scene: Scene) -> None:
    translation = scene(GROUP, stock(0, 1, 2, 3))
    assert leads(translation, "web/3") == ["web/3:delete"]
    assert leads(translation, "web/3:delete") == ["web:batch-1"]
    assert leads(translation, "web/0:delete") == ["web"]
    assert leads(translation, "web") == ["reader"]


def test_without_a_batch_what_was_replaced_goes_after_what_reads_it(scene: Scene) -> None:
    translation = scene(GROUP, stock(0, 1), count=2, policy="")
    assert leads(translation, "reader") == ["reader:delete"]
    assert leads(translation, "reader:delete") == ["web/0:delete", "web/1:delete"]


@pytest.mark.parametrize(
    ("before", "more"),
    [
        (stock(0, 1, shared=True), {"count": 4}),  # only resized
        (stock(0, 1), {"count": 4, "policy": "batch_create: {max_batch_size: 1}"}),
        (stock(0, 1), {"count": 4, "policy": "rolling_update: {}"}),
        (None, {"count": 4}),
    ],
)
def test_no_batches(scene: Scene, before: Stock | None, more: dict[str, Any]) -> None:
    assert not [name for name in order(scene(GROUP, before, **more)) if "batch" in name]


def test_what_only_the_run_knows_may_change(scene: Scene) -> None:
    template = GROUP.replace("name: net-%index%", "name: {get_resource: id}") + (
        "  id: {type: OS::Heat::RandomString}\n"
    )
    assert "web:batch-1" in order(scene(template, stock(0, 1, shared=True), count=4))


def test_batches_of_creation_are_of_creation(scene: Scene) -> None:
    policy = f"{ROLLING}, batch_create: {{max_batch_size: 3}}"
    assert batches(scene(GROUP, None, policy=policy)) == ["0 1 2", "3"]


def test_scaling_groups_roll_one_by_one_and_oldest_first(scene: Scene) -> None:
    translation = scene(SCALING, stock(2, 3), count=3)
    assert batches(translation) == ["2", "3", "4"]
    assert leads(translation, "web/2:delete") == ["web/3"]
    shown = translation.document["t"]["tasks"]["web"]["input"]["attributes"]
    assert shown == {"resource.0": "<% task('web/2').result.ref %>"}
    translation = scene(SCALING, stock(2, 3), count=1, shared=False)
    assert members(translation) == ["web/3"]
    assert "web/2:delete" in translation.document["t"]["tasks"]


def test_a_name_that_was_taken_away_is_not_given_again(scene: Scene) -> None:
    more = "removal_policies: [{resource_list: [id-1, other]}]"
    translation = scene(GROUP, stock(0, 1, 2), count=3, more=more, policy="")
    assert members(translation) == ["web/0", "web/2", "web/3"]
    assert translation.document["t"]["tasks"]["web"]["input"]["skipped"] == ["1"]
    later = stock(0, 2, 3, skipped=("1",))
    assert members(scene(GROUP, later, count=3, policy="")) == ["web/0", "web/2", "web/3"]
    more = "removal_policies_mode: update"
    translation = scene(GROUP, later, count=3, policy="", more=more)
    assert members(translation) == ["web/0", "web/1", "web/2"]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("before", [None, stock(*range(6))])
def test_stops_between_batches(scene: Scene, mode: Mode, before: Stock | None) -> None:
    policy = f"{ROLLING}, batch_create: {{max_batch_size: 2}}"
    translation = scene(GROUP, before, "web:post-batch", count=6, policy=policy, mode=mode)
    armed = [s for s in translation.plan.interval if isinstance(s, Breakpoint) and s.is_armed]
    assert [stop.name for stop in armed] == ["web:post-batch-1", "web:post-batch-2"]
    stop = translation.document["t"]["tasks"]["web:post-batch-2"]
    assert "after batch 2 of web" in stop["description"]
    assert stop["input"]["hook"] == "post-batch-2"


def test_every_nth_batch(scene: Scene) -> None:
    file = scene.folder / "b.yaml"
    file.write_text("breakpoints: [{resource: web, hook: post-batch, every: 2}]")
    before = stock(*range(9))
    translation = scene(GROUP, before, count=9, break_files=(str(file),))
    armed = [s.name for s in translation.plan.interval if isinstance(s, Breakpoint) and s.is_armed]
    assert armed == ["web:post-batch-2", "web:post-batch-4"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("reader:post-batch", "'reader' is no group"),
        ("wbe:post-batch", "matches no resource"),
    ],
)
def test_where_there_are_no_batches(scene: Scene, option: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        scene(GROUP, stock(0, 1), option)


def test_a_group_without_batches_is_not_stopped(scene: Scene) -> None:
    translation = scene(GROUP, stock(0, 1, shared=True), "web:post-batch", count=9)
    assert "'web' is dealt with at once" in str([d.message for d in translation.diagnostics])


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("rolling_update: {max_batch_size: 0}", "at least one member"),
        ("rolling_update: {min_in_service: -1}", "no less than 0"),
        ("rolling_update: {pause_time: x}", "could not convert"),
    ],
)
def test_a_policy_that_is_none(scene: Scene, policy: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        scene(GROUP, stock(0), policy=policy)


@pytest.mark.parametrize(
    ("text", "found"), [("PT1H", 3600), ("PT2M3S", 123), ("PT0S", 0), ("PT", 0)]
)
def test_durations(text: str, found: float) -> None:
    assert batching.IN_CLOUDFORMATION.seconds(text) == found


@pytest.mark.parametrize("text", ["1H", "PT1X", "PT1H1S", "P1D"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|hour"):
        batching.IN_CLOUDFORMATION.seconds(text)


@given(
    st.sets(st.integers(0, 9), max_size=6),
    st.integers(0, 8),
    st.builds(Policy, st.integers(1, 5), st.integers(0, 6)),
    st.sampled_from([batching.of_update, batching.of_scaled]),
)
def test_in_all_batches_enough_are_left_alone(
    there: set[int],
    size: int,
    policy: Policy,
    cut: Callable[[Sequence[str], Membership, Policy], Batches],
) -> None:
    past = Membership(tuple(map(str, sorted(there))))
    names = membership.scaled(past, size)
    batches = cut(names, past, policy)
    assert sorted(n for batch in batches for n in batch) == sorted(names)
    serving = set(past.names)
    floor = min(policy.in_service, size, len(past.names))
    for batch in batches:
        is_new = not set(batch) & set(past.names)
        assert 1 <= len(batch) <= policy.size or (is_new and cut is batching.of_scaled)
        alone = len(serving - set(batch))
        assert alone >= floor or len(batch) == 1 or not serving & set(batch)
        serving |= set(batch)


INNER = """\
heat_template_version: 2018-08-31
parameters: {x: {type: string}}
resources:
  a: {type: OS::Neutron::Net, properties: {name: {get_param: x}}}
  b: {type: OS::Heat::Value, properties: {value: {get_resource: a}}}
outputs: {o: {value: {get_resource: b}}}
"""


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_circle_whatever_was_and_shall_be(
    tmp_path_factory: pytest.TempPathFactory, chance: Random
) -> None:
    """Groups that roll, what they and others were made of, what stays and what goes."""
    folder = tmp_path_factory.mktemp("rolling")
    (folder / "inner.yaml").write_text(INNER)
    resources: dict[str, Any] = {}
    for name in chance.sample("pqghst", chance.randint(1, 6)):
        needs = [other for other in resources if chance.random() < 0.5]
        resources[name] = {"type": "OS::Neutron::Net", "depends_on": needs}
        if name in "gh":
            kind, key = chance.choice([("inner.yaml", "x"), ("OS::Neutron::Net", "name")])
            resources[name] |= {
                "type": "OS::Heat::ResourceGroup",
                "update_policy": {"rolling_update": {"max_batch_size": chance.randint(1, 2)}},
                "properties": {
                    "count": chance.randint(1, 3),
                    "resource_def": {"type": kind, "properties": {key: "new"}},
                },
            }
    path = folder / "t.yaml"
    path.write_text(json.dumps({"heat_template_version": "2018-08-31", "resources": resources}))
    names = [f"{group}/{number}" for group in "gh" for number in range(chance.randint(0, 4))]
    names = [f"{n}/{own}" if own else n for n in names for own in chance.choice([("",), "ab"])]
    names = chance.sample(all_names := [*"pqst", *names], len(all_names))
    there = [
        Existing(
            name,
            "OS::Neutron::Net",
            "e-id",
            physical_id=name,
            needs=tuple(other for other in names[:number] if chance.random() < 0.3),
            deletion_policy=chance.choice([None, None, "Retain"]),
        )
        for number, name in enumerate(names)
    ]
    left = [each for each in there if chance.random() < 0.15]
    before = Stock({e.resource: e for e in there if e not in left}, tuple(left))
    translate(Request(str(path), stock=before, mode=chance.choice(list(Mode))))
