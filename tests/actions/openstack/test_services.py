"""The types of Swift, Magnum, Manila, Zaqar and Aodh: tried again, deleted, and gone wrong.

That requests and attributes are Heat's is shown in tests/heat/test_other_services.py, with the same
services.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from heat.service_kinds import AODH, MAGNUM, MANILA, MISTRAL, SWIFT, ZAQAR
from heat.services import Asked, Cloud, Collection, Refusal, Seed, Service
from on_loopback import Stack, connection

from wfbreak.actions.generated import secrets_of
from wfbreak.actions.identity import Identity
from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import CreateRequest, ProviderError

NETWORK = Service("network", "v2.0", (Collection("/subnets", "subnet", "subnets"),))


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud((SWIFT, MAGNUM, MANILA, ZAQAR, MISTRAL, AODH, NETWORK)) as cloud:
        yield cloud


@pytest.fixture
def stack(cloud: Cloud) -> Iterator[Stack]:
    cloud.begin()
    with closing(connection(cloud)) as connected:
        yield Stack(cloud, connected)


KINDS: list[tuple[str, dict[str, Any]]] = [
    ("OS::Swift::Container", {"name": "mine"}),
    ("OS::Magnum::Cluster", {"cluster_template": "t"}),
    (
        "OS::Magnum::ClusterTemplate",
        {"image": "i", "external_network": "n", "coe": "kubernetes"},
    ),
    ("OS::Manila::SecurityService", {"type": "ldap"}),
    ("OS::Manila::Share", {"share_protocol": "NFS", "size": 1, "name": "mine"}),
    ("OS::Manila::ShareNetwork", {}),
    ("OS::Manila::ShareType", {"name": "mine", "driver_handles_share_servers": True}),
    ("OS::Zaqar::MistralTrigger", {"queue_name": "q", "workflow_id": "w"}),
    ("OS::Zaqar::Queue", {"name": "mine"}),
    ("OS::Zaqar::Subscription", {"queue_name": "q", "subscriber": "http://mine"}),
    ("OS::Aodh::EventAlarm", {}),
]
SEEDS = [
    Seed("container-infra/v1/clustertemplates", {"uuid": "t-id", "name": "t"}),
    Seed("network/v2.0/networks", {"id": "n-id", "name": "n"}),
]


@pytest.fixture(scope="module")
def networks(cloud: Cloud) -> None:
    """What only some of them name."""
    service = cloud.services["network"]
    more = Collection("/networks", "network", "networks")
    cloud.services["network"] = replace(service, collections=(*service.collections, more))


@pytest.mark.usefixtures("networks")
@pytest.mark.parametrize(("kind", "properties"), KINDS)
def test_without_its_id_what_was_made_is_deleted(
    stack: Stack, kind: str, properties: dict[str, Any]
) -> None:
    stack.cloud.begin(SEEDS)
    stack.create(kind, properties)
    stack.other().delete(kind, properties)
    if kind not in ("OS::Magnum::Cluster", "OS::Manila::ShareNetwork"):
        assert not [a for a in stack.cloud.asked if a.method == "DELETE"]
    with stack.asking() as asked:
        stack.delete(kind, properties)
    assert {a.method for a in asked} == {"DELETE"}
    with stack.asking() as asked:
        stack.delete(kind, properties)
    assert asked == []


class Losing(Cloud):
    """Does what it is told; the first of its answers to that is lost on the way."""

    is_losing = True

    def answer(self, method: str, path: str, *said: Any) -> tuple[int, Any]:
        answer = super().answer(method, path, *said)
        if self.is_losing and method in ("POST", "PUT") and not path.startswith("/identity"):
            self.is_losing = False
            return 503, b"Service Unavailable"
        return answer


@pytest.mark.parametrize(("kind", "properties"), KINDS)
def test_what_was_made_though_nobody_heard_of_it_is_found(
    kind: str, properties: dict[str, Any]
) -> None:
    networks = Collection("/networks", "network", "networks")
    network = replace(NETWORK, collections=(networks,))
    with (
        Losing((SWIFT, MAGNUM, MANILA, ZAQAR, MISTRAL, AODH, network)) as cloud,
        closing(connection(cloud)) as connected,
    ):
        cloud.begin(SEEDS)
        stack = Stack(cloud, connected)
        made = stack.create(kind, properties)
        assert not cloud.is_losing
        assert [a.method for a in cloud.asked] in (["POST"], ["PUT"])
        assert stack.create(kind, properties) == made


def test_a_cloud_without_the_service() -> None:
    with Cloud((ZAQAR,)) as cloud, closing(connection(cloud)) as connected:
        cloud.begin()
        stack = Stack(cloud, connected)
        kinds = [kind for kind, _ in KINDS if "Zaqar::Q" not in kind and "Subscr" not in kind]
        for kind, properties in KINDS:
            if kind in kinds:
                assert "is not present in the service catalog" in stack.refusal(kind, properties)
        assert cloud.asked == []


# --- Swift ----------------------------------------------------------------------------------------

BOX = "OS::Swift::Container"


def test_a_container_with_objects_is_deleted_only_if_the_template_says_so(stack: Stack) -> None:
    made = stack.create(BOX, {"name": "box"})
    with closing(connection(stack.cloud)) as swift:
        for number in range(101):
            swift.object_store.put(f"/box/a%2Fb {number}", data=b"")
    with pytest.raises(ProviderError, match="it is not empty, and 'PurgeOnDelete' is false"):
        stack.delete(BOX, {"name": "box"}, made.physical_id)
    with stack.asking() as asked:
        stack.delete(BOX, {"name": "box", "PurgeOnDelete": True}, made.physical_id)
    assert len(asked) == 102
    assert asked[-1] == Asked("DELETE", "object-store/box", {})


def test_a_container_of_that_name_is_taken_as_in_heat(stack: Stack) -> None:
    properties = {"name": "box", "X-Container-Meta": {"a": "mine"}}
    stack.other().create(BOX, {"name": "box", "X-Container-Meta": {"a": "b", "b": "c"}})
    shown = stack.create(BOX, properties, show=["HeadContainer"]).attributes["HeadContainer"]
    assert (shown["x-container-meta-a"], shown["x-container-meta-b"]) == ("mine", "c")
    with stack.asking() as asked:
        stack.create(BOX, properties)
    assert asked == []


@pytest.mark.parametrize(
    "meta", [{"a": "b\nc"}, {"a": " b"}, {"a": ["b"]}, {"a:b": "c"}, {"ä": "c"}, {"a b": "c"}]
)
def test_what_no_header_can_hold_is_refused_before_anything_is_made(
    stack: Stack, meta: dict[str, Any]
) -> None:
    for name in ("X-Container-Meta", "X-Account-Meta"):
        assert "is no header" in stack.refusal(BOX, {name: meta})
    assert "is no header" in stack.refusal(BOX, {"X-Container-Read": "a\rb"})
    assert stack.cloud.asked == []


def test_a_container_that_is_there_already(stack: Stack) -> None:
    stack.other().create(BOX, {"name": "box"})
    made = stack.create(BOX, {}, external_id="box", show=["ObjectCount"])
    assert (made.ref, made.attributes) == ("box", {"ObjectCount": "0"})
    with pytest.raises(ProviderError):
        stack.create(BOX, {}, external_id="no box")


# --- Magnum ---------------------------------------------------------------------------------------

CLUSTER = "OS::Magnum::Cluster"
TEMPLATE = Seed("container-infra/v1/clustertemplates", {"uuid": "t-id", "name": "t"})


def a_cluster(status: str) -> Seed:
    said = {"name": "c", "cluster_template_id": "t-id", "node_count": 1, "master_count": 1}
    shown = {"uuid": "c-id", "status": status, "status_reason": "no room"}
    return Seed("container-infra/v1/clusters", {**said, **shown})


def test_a_cluster_that_failed(stack: Stack) -> None:
    stack.cloud.begin([TEMPLATE, a_cluster("CREATE_FAILED")])
    properties = {"name": "c", "cluster_template": "t"}
    assert stack.refusal(CLUSTER, properties) == "it is CREATE_FAILED: no room"
    stack.cloud.begin([a_cluster("DELETE_FAILED")])
    with pytest.raises(ProviderError, match="it is DELETE_FAILED: no room"):
        stack.delete(CLUSTER, properties, "c-id")
    assert stack.cloud.asked == []


def test_a_cluster_of_another_template_is_not_taken(stack: Stack) -> None:
    other = Seed("container-infra/v1/clustertemplates", {"uuid": "o-id", "name": "o"})
    stack.cloud.begin([TEMPLATE, other, a_cluster("CREATE_COMPLETE")])
    assert stack.create(CLUSTER, {"name": "c", "cluster_template": "t"}).ref == "c-id"
    assert stack.create(CLUSTER, {"name": "c", "cluster_template": "o"}).ref != "c-id"


# --- Manila ---------------------------------------------------------------------------------------

SHARE = "OS::Manila::Share"


def a_share(*rules: tuple[str, str | None]) -> dict[str, Any]:
    given = [
        {"access_type": "ip", "access_to": who, **({"access_level": level} if level else {})}
        for who, level in rules
    ]
    return {"share_protocol": "NFS", "size": 1, "access_rules": given}


def test_of_the_rules_of_a_share_only_those_are_made_that_are_missing(stack: Stack) -> None:
    made = stack.create(SHARE, a_share(("10.0.0.1", None)))
    with stack.asking() as asked:
        stack.create(SHARE, a_share(("10.0.0.1", "rw"), ("10.0.0.2", "ro")))
    rule = {"access_type": "ip", "access_to": "10.0.0.2", "access_level": "ro"}
    path = f"sharev2/v2/shares/{made.physical_id}/action"
    assert asked == [Asked("POST", path, {"allow_access": rule})]
    why = stack.refusal(SHARE, a_share(("10.0.0.1", "ro")))
    assert why == "Share access ip 10.0.0.1 exists"


def test_a_share_that_failed(stack: Stack) -> None:
    made = stack.create(SHARE, a_share())
    shown = stack.cloud._items["/sharev2/v2/shares"][made.physical_id]
    shown["status"] = "error"
    assert stack.refusal(SHARE, a_share()) == "it is error"
    shown["status"] = "error_deleting"
    with stack.asking() as asked, pytest.raises(ProviderError, match="it is error_deleting"):
        stack.delete(SHARE, a_share(), made.physical_id)
    assert asked == []


def test_of_two_shares_with_the_mark_one_stays(stack: Stack) -> None:
    made = stack.create(SHARE, a_share())
    shares = stack.cloud._items["/sharev2/v2/shares"]
    shares["0"] = {**shares[made.physical_id], "id": "0", "created_at": "2027"}
    assert stack.create(SHARE, a_share()).physical_id == made.physical_id
    assert {*shares} == {made.physical_id}


def test_another_executions_share_is_not_taken(stack: Stack) -> None:
    properties = {**a_share(), "name": "one"}
    assert stack.other().create(SHARE, properties).ref != stack.create(SHARE, properties).ref


def test_the_mark_of_a_share_type_is_nothing_that_the_scheduler_reads(stack: Stack) -> None:
    kind, properties = "OS::Manila::ShareType", {"name": "t", "driver_handles_share_servers": True}
    made = stack.create(kind, properties, show=["show"])
    said = stack.cloud.asked[0].body["share_type"]["extra_specs"]
    assert {*said} == {"driver_handles_share_servers", "snapshot_support", "wfbreak:mark"}
    assert "wfbreak:mark" not in made.attributes["show"]["extra_specs"]


def test_a_security_service_is_added_once(stack: Stack) -> None:
    service = Seed("sharev2/v2/security-services", {"id": "s-id", "name": "s"})
    more = Seed("sharev2/v2/security-services", {"id": "m-id", "name": "m"})
    stack.cloud.begin([service, more])
    kind = "OS::Manila::ShareNetwork"
    made = stack.create(kind, {"security_services": ["s"]})
    with stack.asking() as asked:
        stack.create(kind, {"security_services": ["s", "m-id"]})
    added = {"add_security_service": {"security_service_id": "m-id"}}
    assert asked == [Asked("POST", f"sharev2/v2/share-networks/{made.ref}/action", added)]


def test_a_subnet_says_its_network(stack: Stack) -> None:
    subnet = Seed("network/v2.0/subnets", {"id": "s-id", "name": "s", "network_id": "n-id"})
    stack.cloud.begin([subnet])
    with stack.asking() as asked:
        stack.create("OS::Manila::ShareNetwork", {"name": "one", "neutron_subnet": "s"})
    said = {"name": "one", "neutron_subnet_id": "s-id", "neutron_net_id": "n-id"}
    assert [a.body for a in asked] == [{"share_network": said}]


# --- Zaqar ----------------------------------------------------------------------------------------

QUEUE, SUBSCRIPTION = "OS::Zaqar::Queue", "OS::Zaqar::Subscription"
SIGNED = "OS::Zaqar::SignedQueueURL"


def test_a_queue_that_was_there_is_changed_once(stack: Stack) -> None:
    stack.cloud.begin([Seed("messaging/v2/queues", {"id": "q", "a/b~c": 1, "old": 1})])
    properties = {"name": "q", "metadata": {"a/b~c": 2}}
    stack.create(QUEUE, properties)
    changed = [
        change for asked in stack.cloud.asked if asked.method == "PATCH" for change in asked.body
    ]
    assert [(c["op"], c["path"]) for c in changed] == [
        ("replace", "/metadata/a~1b~0c"),
        ("add", "/metadata/wfbreak"),
        ("remove", "/metadata/old"),
    ]


def test_a_queues_name_is_no_longer_than_heats() -> None:
    name = Identity("ex", "s" * 90, "one", QUEUE).physical_name()
    assert len(name) == 64


def test_a_subscription_is_found_on_a_later_page(stack: Stack) -> None:
    many = [
        Seed(
            "messaging/v2/queues/q/subscriptions", {"id": f"0-{n:02}", "subscriber": f"http://{n}"}
        )
        for n in range(45)
    ]
    stack.cloud.begin(many)
    properties = {"queue_name": "q", "subscriber": "http://mine"}
    made = stack.create(SUBSCRIPTION, properties)
    assert all(made.physical_id > seed.item["id"] for seed in many)  # in whose order they are shown
    with stack.asking() as asked:
        assert stack.create(SUBSCRIPTION, properties) == made
    assert asked == []


def test_a_subscription_of_anothers_is_not_taken(stack: Stack) -> None:
    """Zaqar keeps one for a queue and a subscriber, and says so with 409."""
    properties = {"queue_name": "q", "subscriber": "http://mine"}
    stack.other().create(SUBSCRIPTION, properties)
    stack.cloud._refusals = [Refusal("POST", 409, b"")]
    assert stack.refusal(SUBSCRIPTION, properties)


def test_what_a_signed_url_shows_is_secret(stack: Stack) -> None:
    made = stack.create(SIGNED, {"queue": "q"}, show=["query_str", "project"])
    assert made.attributes["query_str"] in secrets_of(SIGNED, made)
    assert made.attributes["project"] not in secrets_of(SIGNED, made)
    with stack.asking() as asked:
        stack.delete(SIGNED, {"queue": "q"}, made.physical_id)
    assert asked == []
    with pytest.raises(ProviderError, match="external_id"):
        stack.create(SIGNED, {}, external_id="x")


# --- Aodh -----------------------------------------------------------------------------------------

ALARM = "OS::Aodh::EventAlarm"


def test_of_two_alarms_one_stays(stack: Stack) -> None:
    """Two runs may each have sent their request; Aodh takes a name twice."""
    made = stack.create(ALARM, {})
    alarms = stack.cloud._items["/alarming/v2/alarms"]
    alarms["~"] = {**alarms[made.physical_id], "alarm_id": "~"}
    assert stack.create(ALARM, {}) == made
    assert {*alarms} == {made.physical_id}


def test_the_catalog_may_say_the_version(cloud: Cloud) -> None:
    aodh = replace(AODH, is_versioned=True)
    with Cloud([aodh]) as other, closing(connection(other)) as connected:
        stack = Stack(other, connected)
        assert stack.create(ALARM, {}) == stack.create(ALARM, {})
        assert [a.path for a in other.asked] == ["alarming/v2/alarms"]


def test_what_makes_trusts_is_asked_for_by_the_caller(stack: Stack) -> None:
    stack.create(ALARM, {})
    stack.create(SUBSCRIPTION, {"queue_name": "q", "subscriber": "trust+http://x"})
    stack.create(QUEUE, {})
    assert stack.trusting == [True, True, False]


@pytest.mark.parametrize("kind", ["OS::Aodh::CombinationAlarm", "OS::Magnum::Bay"])
def test_what_heat_has_no_more_needs_no_cloud(kind: str) -> None:
    request = CreateRequest("ex", "s", "one", kind, {"any": 1}, attributes=(("any",), ("show",)))
    made = OpenStackProvider().create(request)
    assert made.attributes == {"any": None, "show": None}
    assert made.ref == made.physical_id != ""
