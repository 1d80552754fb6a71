"""The types of Heat's engine by the openstack provider: in earnest, and without any cloud."""

from __future__ import annotations

import email
import json
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wfbreak import keys, secrets, signals
from wfbreak.actions.drawn import Drawn
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import Created, CreateRequest, DeleteRequest, ProviderError
from wfbreak.again import Again
from wfbreak.signals import Signal, Status

HANDLE = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> keys.KeyRing:
    return keys.create_keys(tmp_path_factory.mktemp("keys") / "key")


def make(
    kind: str, properties: Mapping[str, Any] | None = None, *attributes: str, **more: Any
) -> Created:
    name = more.pop("resource", "web/0/thing")
    paths = tuple((attribute,) for attribute in attributes)
    request = CreateRequest("ex", "s", name, kind, properties or {}, attributes=paths, **more)
    return OpenStackProvider().create(request)


def refusal(kind: str, properties: Mapping[str, Any], **more: Any) -> tuple[str, Again | None]:
    with pytest.raises(ProviderError) as caught:
        make(kind, properties, **more)
    return str(caught.value), caught.value.again


# --- what is random -------------------------------------------------------------------------------


def drawn_in(ring: keys.KeyRing, execution: str = "ex", project: str | None = "p") -> Any:
    return secrets.Box(secrets.Place(execution, project), lambda: ring).derive


def random_string(derive: Any, resource: str = "password", **properties: Any) -> str:
    return make("OS::Heat::RandomString", properties, derive=derive, resource=resource).ref


def test_a_random_string_is_the_same_again(ring: keys.KeyRing) -> None:
    assert random_string(drawn_in(ring)) == random_string(drawn_in(ring))


def test_a_random_string_is_another_one_elsewhere(ring: keys.KeyRing, tmp_path: Path) -> None:
    others = [
        random_string(drawn_in(ring)),
        random_string(drawn_in(ring, execution="other")),
        random_string(drawn_in(ring, project="other")),
        random_string(drawn_in(ring, project=None)),
        random_string(drawn_in(ring), resource="other"),
        random_string(drawn_in(keys.create_keys(tmp_path / "key"))),
    ]
    assert len({*others}) == len(others)


def test_a_random_string_needs_a_secret(ring: keys.KeyRing) -> None:
    keyless = secrets.Box(secrets.Place("ex"), lambda: None).derive
    with pytest.raises(secrets.SealError, match="has no key"):
        random_string(keyless)


def test_a_random_string_is_what_it_is_told_to_be(ring: keys.KeyRing) -> None:
    text = random_string(
        drawn_in(ring),
        length=200,
        character_classes=[{"class": "digits", "min": 150}],
        character_sequences=[{"sequence": "!?", "min": 20}],
    )
    assert len(text) == 200
    assert sum(letter in string.digits for letter in text) >= 150
    assert sum(letter in "!?" for letter in text) >= 20
    assert {*text} <= {*string.digits, "!", "?"}


def test_a_new_sealing_key_draws_something_else(tmp_path: Path) -> None:
    before = random_string(drawn_in(keys.create_keys(tmp_path / "key")))
    assert random_string(drawn_in(keys.rotate_keys(tmp_path / "key"))) != before


def test_what_is_drawn_is_evenly_spread() -> None:
    drawn = Drawn(bytes(32))
    counts = [0] * 6
    for _ in range(60_000):
        counts[drawn.randrange(6)] += 1
    # Five standard deviations around 10,000 are 456.
    assert all(abs(count - 10_000) < 456 for count in counts), counts
    assert 0.49 < sum(drawn.random() for _ in range(20_000)) / 20_000 < 0.51


# --- what is computed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "properties", "attributes"),
    [
        ("OS::Heat::Value", {"type": "number", "value": "3"}, {"value": "3"}),
        ("OS::Heat::Value", {"value": {"a": [1]}}, {"value": {"a": [1]}}),
        ("OS::Heat::None", {"whatever": 1}, {"anything": None}),
        ("OS::Heat::SoftwareConfig", {"config": "echo"}, {"config": "echo"}),
        ("OS::Heat::StructuredConfig", {"config": {"a": 1}}, {"config": {"a": 1}}),
        ("OS::Heat::SoftwareComponent", {"configs": [{"tool": "script"}]}, {"config": None}),
        ("OS::Heat::CloudConfig", {"cloud_config": {"a": 1}}, {"config": "#cloud-config\na: 1\n"}),
        ("OS::Heat::TestResource", {"value": "x"}, {"output": "x"}),
        ("OS::Heat::Delay", {}, {"show": None}),
        ("OS::Heat::WaitConditionHandle", {}, {"signal": "null"}),
        (
            "OS::Heat::WaitConditionHandle",
            {"signal_transport": "NO_SIGNAL"},
            {"signal": "{}", "token": None, "endpoint": None, "curl_cli": None},
        ),
    ],
)
def test_attributes(kind: str, properties: dict[str, Any], attributes: dict[str, Any]) -> None:
    assert make(kind, properties, *attributes).attributes == attributes


def test_a_message_of_several_parts() -> None:
    inner = make("OS::Heat::MultipartMime", {"parts": [{"config": "one"}]}, "config").attributes
    parts = [
        {"config": inner["config"], "type": "multipart"},
        {"config": "zwei: ü", "subtype": "cloud-config", "filename": "b.yaml"},
    ]
    made = make("OS::Heat::MultipartMime", {"parts": parts}, "config").attributes["config"]
    one, two = email.message_from_string(made).get_payload()
    assert one.get_payload() == "one"
    assert two.get_content_type() == "text/cloud-config"
    assert two.get_filename() == "b.yaml"
    assert two.get_payload(decode=True).decode() == "zwei: ü"


def test_references() -> None:
    assert make("OS::Heat::Delay").ref == "thing"
    handle = make("OS::Heat::UpdateWaitConditionHandle")
    assert handle.ref == handle.physical_id
    assert make("OS::Heat::Value", {"value": 1}).ref.startswith("s-web-0-thing-")


def test_properties_are_checked() -> None:
    why, again = refusal("OS::Heat::Delay", {"min_wait": -1})
    assert "min_wait" in why
    assert again is None


def test_only_heat_knows_its_records() -> None:
    with pytest.raises(ProviderError, match="--provider 'OS::Heat::SoftwareConfig=heat'"):
        make("OS::Heat::SoftwareConfig", {"config": "x"}, "show")
    with pytest.raises(ProviderError, match="what is there already"):
        make("OS::Heat::SoftwareConfig", {}, "config", external_id="an-id")


def test_there_is_nothing_to_delete() -> None:
    OpenStackProvider().delete(DeleteRequest("ex", "s", "d", "OS::Heat::Delay", {}, "some-id"))


def test_what_was_made_of_a_secret_is_deleted_without_it() -> None:
    def delete(ident: str | None) -> None:
        OpenStackProvider().delete(DeleteRequest("ex", "s", "v", "OS::Heat::Value", {}, ident))

    delete("some-id")
    with pytest.raises(ProviderError, match="value is required and not given"):
        delete(None)


# --- what waits -----------------------------------------------------------------------------------


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def test_a_delay_waits_until_its_time_is_over() -> None:
    properties = {"min_wait": 60}
    why, again = refusal("OS::Heat::Delay", properties, since=ago(40))
    assert (why, again) == ("20 of 60 seconds are left", Again.WAITING)
    make("OS::Heat::Delay", properties, since=ago(60))


def test_a_jitter_is_the_same_at_each_try() -> None:
    properties = {"min_wait": 10, "max_jitter": 1, "jitter_multiplier": 1000}
    now = ago(0)
    first, _ = refusal("OS::Heat::Delay", properties, since=now)
    again, _ = refusal("OS::Heat::Delay", properties, since=now)
    assert first.partition(" of ")[2] == again.partition(" of ")[2]


def test_a_test_resource_fails_once_it_has_waited() -> None:
    properties = {"fail": True, "action_wait_secs": {"create": 30}}
    assert refusal("OS::Heat::TestResource", properties, since=ago(1))[1] is Again.WAITING
    assert refusal("OS::Heat::TestResource", properties, since=ago(31))[1] is None


def test_what_waits_has_to_know_since_when() -> None:
    assert "'since'" in refusal("OS::Heat::Delay", {"min_wait": 1})[0]


def sent(*each: Signal, handle: str = HANDLE) -> dict[str, Any]:
    """The signals, as the engine hands them over."""
    found: dict[str, Any] = {}
    for signal in each:
        found |= signals.sent(signals.sending(handle, signal)).get(handle, {})
    return {handle: found}


def condition(**more: Any) -> dict[str, Any]:
    return {"handle": HANDLE, "timeout": 60, **more}


def test_a_wait_condition_waits_for_its_signals() -> None:
    kind, two = "OS::Heat::WaitCondition", condition(count=2)
    one = sent(Signal(data={"a": 1}))
    why, again = refusal(kind, two, since=ago(1), signals=one)
    assert (why, again) == ("for signals, 1 of 2 received", Again.WAITING)
    both = sent(Signal(data={"a": 1}), Signal(data="b", id="second"))
    made = make(kind, two, "data", since=ago(1), signals=both)
    assert json.loads(made.attributes["data"]) == {"1": {"a": 1}, "second": "b"}
    assert made.ref == "thing"


def test_others_signals_do_not_count() -> None:
    other = sent(Signal(), handle="f" * 32)
    assert refusal("OS::Heat::WaitCondition", condition(), since=ago(1), signals=other)[1]


def test_a_failure_fails_it() -> None:
    bad = sent(Signal(), Signal(Status.FAILURE, "no disk"), Signal(Status.FAILURE))
    why, again = refusal("OS::Heat::WaitCondition", condition(count=9), since=ago(1), signals=bad)
    assert (why, again) == ("no disk;Signal 3 received", None)


def test_it_does_not_wait_for_ever() -> None:
    one = sent(Signal(reason="half of it"))
    why, again = refusal("OS::Heat::WaitCondition", condition(count=2), since=ago(61), signals=one)
    assert (why, again) == ("timed out: 1 of 2 received - half of it", None)


def test_other_ways_to_signal_are_heats() -> None:
    why, _ = refusal("OS::Heat::WaitConditionHandle", {"signal_transport": "ZAQAR_SIGNAL"})
    assert "not by ZAQAR_SIGNAL" in why
