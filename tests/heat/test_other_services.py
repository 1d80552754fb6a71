"""The types of Swift, Magnum, Manila, Zaqar and Aodh as Heat makes them: by its own code, on the
same small services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from heat.both_change import Case, both_ways, heat_changes, name_of, same_change, wfbreak_changes
from heat.both_make import DRAWN, Made, by_heat, by_wfbreak, same, untried
from heat.conftest import Judge
from heat.service_kinds import AODH, MAGNUM, MANILA, MISTRAL, SWIFT, ZAQAR, without_nulls
from heat.services import Asked, Cloud, Collection, Seed, Service

NETWORK = Service(
    "network",
    "v2.0",
    (Collection("/networks", "network", "networks"), Collection("/subnets", "subnet", "subnets")),
)
BALANCER = Service("load-balancer", "v2.0", (Collection("/lbaas/pools", "pool", "pools"),))

_THERE = "11111111-2222-4333-8444-55555555555{}"
NET, SUBNET, TEMPLATE, POOL, SERVICE, KIND, SHARES, SNAPSHOT = map(_THERE.format, range(8))

SEEDS = [
    Seed("network/v2.0/networks", {"id": NET, "name": "the net"}),
    Seed("network/v2.0/subnets", {"id": SUBNET, "name": "the subnet", "network_id": NET}),
    Seed("container-infra/v1/clustertemplates", {"uuid": TEMPLATE, "name": "the template"}),
    Seed("load-balancer/v2.0/lbaas/pools", {"id": POOL, "name": "the pool"}),
    Seed("sharev2/v2/security-services", {"id": SERVICE, "name": "the service"}),
    Seed("sharev2/v2/types", {"id": KIND, "name": "the type", "extra_specs": {}}),
    Seed("sharev2/v2/share-networks", {"id": SHARES, "name": "the share network"}),
    Seed("sharev2/v2/snapshots", {"id": SNAPSHOT, "name": "the snapshot"}),
]
"""What the resources name; what is called by its name must be looked up."""

_TEMPLATE = {"image": "an image", "external_network": "the net", "coe": "kubernetes"}
_WHOLE_TEMPLATE = {
    "name": "one",
    "image": "an image",
    "flavor": "a flavor",
    "master_flavor": "another flavor",
    "keypair": "a key",
    "external_network": NET,
    "fixed_network": "the net",
    "fixed_subnet": "the subnet",
    "dns_nameserver": "10.0.0.2",
    "docker_volume_size": 5,
    "docker_storage_driver": "overlay",
    "coe": "swarm",
    "network_driver": "docker",
    "volume_driver": "rexray",
    "http_proxy": "http://a.proxy",
    "https_proxy": "https://a.proxy",
    "no_proxy": "here,there",
    "labels": {"a": "b", "c": 1},
    "tls_disabled": True,
    "public": True,
    "registry_enabled": True,
    "server_type": "bm",
    "master_lb_enabled": False,
    "floating_ip_enabled": False,
}
_ALARM = {
    "description": "of many",
    "enabled": False,
    "alarm_actions": ["http://alarm", ""],
    "ok_actions": ["http://ok"],
    "insufficient_data_actions": ["log://nothing"],
    "alarm_queues": ["a queue", "another"],
    "ok_queues": ["fine"],
    "insufficient_data_queues": ["none"],
    "repeat_actions": False,
    "severity": "critical",
    "time_constraints": [
        {"name": "nights", "start": "0 23 * * *", "duration": 3600},
        {
            "name": "days",
            "start": "0 11 * * *",
            "duration": 60,
            "description": "at noon",
            "timezone": "Asia/Taipei",
        },
    ],
}
_GNOCCHI = {
    "comparison_operator": "gt",
    "evaluation_periods": 2,
    "aggregation_method": "mean",
    "granularity": 300,
    "threshold": 0.5,
}

CASES: list[tuple[str, dict[str, Any]]] = [
    ("Swift::Container", {}),
    (
        "Swift::Container",
        {
            "name": "a container",
            "X-Container-Read": ".r:*",
            "X-Container-Write": "them:me",
            "X-Container-Meta": {"Web-Index": "index.html", "number": 5, "flag": True},
            "X-Account-Meta": {"colour": "grün", "empty": ""},
            "PurgeOnDelete": True,
        },
    ),
    ("Magnum::Bay", {"whatever": 1}),
    ("Magnum::BayModel", {**_TEMPLATE, "external_network": "as it stands"}),
    ("Magnum::BayModel", {**_WHOLE_TEMPLATE, "external_network": "x", "fixed_network": "y"}),
    ("Magnum::Cluster", {"cluster_template": "the template"}),
    (
        "Magnum::Cluster",
        {
            "name": "one",
            "cluster_template": TEMPLATE,
            "keypair": "a key",
            "node_count": 3,
            "master_count": 2,
            "discovery_url": "http://discover.me",
            "create_timeout": 0,
        },
    ),
    ("Magnum::ClusterTemplate", _TEMPLATE),
    ("Magnum::ClusterTemplate", _WHOLE_TEMPLATE),
    ("Manila::SecurityService", {"type": "ldap"}),
    (
        "Manila::SecurityService",
        {
            "name": "one",
            "type": "active_directory",
            "dns_ip": "10.0.0.2",
            "server": "10.0.0.3",
            "domain": "a.domain",
            "user": "somebody",
            "password": "a password",
            "description": "of many",
        },
    ),
    ("Manila::Share", {"share_protocol": "NFS", "size": 1}),
    (
        "Manila::Share",
        {
            "share_protocol": "CIFS",
            "size": 2,
            "snapshot": "the snapshot",
            "name": "one",
            "metadata": {"a": "b"},
            "share_network": "the share network",
            "description": "of many",
            "share_type": "the type",
            "is_public": True,
            "access_rules": [
                {"access_to": "10.0.0.0/24", "access_type": "ip"},
                {"access_to": "somebody", "access_type": "user", "access_level": "ro"},
            ],
        },
    ),
    ("Manila::ShareNetwork", {}),
    ("Manila::ShareNetwork", {"name": "one", "neutron_subnet": "the subnet"}),
    (
        "Manila::ShareNetwork",
        {
            "name": "one",
            "neutron_network": "the net",
            "neutron_subnet": SUBNET,
            "description": "of many",
            "security_services": ["the service"],
        },
    ),
    ("Manila::ShareType", {"name": "one", "driver_handles_share_servers": False}),
    (
        "Manila::ShareType",
        {
            "name": "one",
            "is_public": False,
            "driver_handles_share_servers": True,
            "snapshot_support": False,
            "extra_specs": {"a": "b", "dedupe": "<is> True"},
        },
    ),
    ("Zaqar::Subscription", {"queue_name": "queue", "subscriber": "mailto:me@here"}),
    (
        "Zaqar::Subscription",
        {
            "queue_name": "queue",
            "subscriber": "trust+http://some.where",
            "ttl": 60,
            "options": {"from": "you@there"},
        },
    ),
    ("Zaqar::MistralTrigger", {"queue_name": "queue", "workflow_id": "a workflow"}),
    (
        "Zaqar::MistralTrigger",
        {
            "queue_name": "queue",
            "ttl": 60,
            "workflow_id": "a workflow",
            "params": {"env": {"a": 1}, "task_name": "t"},
            "input": {"b": [2]},
        },
    ),
    ("Aodh::Alarm", {"meter_name": "cpu_util", "threshold": 50}),
    (
        "Aodh::Alarm",
        {
            **_ALARM,
            "comparison_operator": "ge",
            "evaluation_periods": 3,
            "meter_name": "a.meter",
            "period": 60,
            "statistic": "avg",
            "threshold": 1.5,
            "matching_metadata": {"a": 1, "metadata.b": "x", "metadata.metering.c": "y"},
            "query": [
                {"field": "project", "op": "eq", "value": "z"},
                {"field": "n", "type": "integer", "op": "gt", "value": "1"},
            ],
        },
    ),
    ("Aodh::CombinationAlarm", {"whatever": 1}),
    ("Aodh::CompositeAlarm", {"composite_rule": {"operator": "or", "rules": [{"a": 1}, {"b": 2}]}}),
    (
        "Aodh::CompositeAlarm",
        {**_ALARM, "composite_rule": {"operator": "and", "rules": [{"or": [{}, {}]}, {"b": 2}]}},
    ),
    ("Aodh::EventAlarm", {}),
    (
        "Aodh::EventAlarm",
        {
            **_ALARM,
            "event_type": "compute.instance.*",
            "query": [{"field": "traits.id", "op": "eq", "value": "x"}],
        },
    ),
    ("Aodh::GnocchiAggregationByMetricsAlarm", {"metrics": ["a", "b"], "threshold": 1}),
    ("Aodh::GnocchiAggregationByMetricsAlarm", {**_ALARM, **_GNOCCHI, "metrics": ["a"]}),
    (
        "Aodh::GnocchiAggregationByResourcesAlarm",
        {"metric": "cpu", "query": '{"=": {"a": 1}}', "resource_type": "instance", "threshold": 1},
    ),
    (
        "Aodh::GnocchiAggregationByResourcesAlarm",
        {**_ALARM, **_GNOCCHI, "metric": "cpu", "query": "{}", "resource_type": "instance"},
    ),
    (
        "Aodh::GnocchiResourcesAlarm",
        {"metric": "cpu", "resource_id": "x", "resource_type": "instance", "threshold": 1},
    ),
    (
        "Aodh::GnocchiResourcesAlarm",
        {**_ALARM, **_GNOCCHI, "metric": "cpu", "resource_id": "x", "resource_type": "instance"},
    ),
    (
        "Aodh::LBMemberHealthAlarm",
        {"pool": "the pool", "stack": "a stack", "autoscaling_group_id": "a group"},
    ),
    (
        "Aodh::LBMemberHealthAlarm",
        {**_ALARM, "pool": POOL, "stack": "a stack", "autoscaling_group_id": "a group"},
    ),
    ("Aodh::PrometheusAlarm", {"query": "up == 0", "threshold": 1}),
    (
        "Aodh::PrometheusAlarm",
        {**_ALARM, "comparison_operator": "lt", "query": "up", "threshold": 0.5},
    ),
]

_NAMED = ("Magnum::Cluster", "Manila::SecurityService", "Manila::ShareNetwork")
"""Types to which wfbreak gives a name where Heat gives none: nothing else would tell them."""

_OBJECTS = ("Zaqar::Subscription", "Zaqar::MistralTrigger")
"""Types whose ``show`` is in Heat an object of its client's that has not asked the service yet."""


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud((SWIFT, MAGNUM, MANILA, ZAQAR, MISTRAL, AODH, NETWORK, BALANCER)) as cloud:
        yield cloud


@pytest.mark.parametrize(("kind", "properties"), CASES)
def test_as_heat(real: Judge, cloud: Cloud, kind: str, properties: dict[str, Any]) -> None:
    given: Any = (f"OS::{kind}", properties, SEEDS)
    heats, ours = by_heat(real, cloud, *given), by_wfbreak(cloud, *given)
    if kind in _NAMED and "name" not in properties:
        ours = unnamed(ours, heats)
    without = ["show"] if kind in _OBJECTS else []
    heats, ours = comparable(heats, without), comparable(ours, without)
    if kind in ("Magnum::Bay", "Aodh::CombinationAlarm"):
        assert (heats.asked, heats.deleting) == ([], [])
        heats = replace(heats, ref=ours.ref, id=ours.id)  # Heat draws it
    same(heats, ours)


def test_nothing_is_left_out() -> None:
    services = ("Swift", "Magnum", "Manila", "Zaqar", "Aodh")
    left = {
        name for each in services for name in untried(each, [(f"OS::{k}", p) for k, p in CASES])
    }
    # The two of Zaqar's have tests of their own.
    apart = ("OS::Zaqar::Queue", "OS::Zaqar::SignedQueueURL")
    assert {name for name in left if not name.startswith(apart)} == set()


def comparable(made: Made, without: Iterable[str] = ()) -> Made:
    """Without what the clock says, and without nulls, which mean nothing to these services."""

    def timeless(value: Any) -> Any:
        return {k: v for k, v in value.items() if k != "date"} if isinstance(value, dict) else value

    return replace(
        made,
        asked=[Asked(a.method, a.path, without_nulls(a.body)) for a in made.asked],
        deleting=[Asked(a.method, a.path, without_nulls(a.body)) for a in made.deleting],
        attributes={
            name: timeless(value) for name, value in made.attributes.items() if name not in without
        },
    )


def unnamed(ours: Made, heats: Made) -> Made:
    """Without a drawn name where Heat gives none."""

    def left(mine: Any, other: Any) -> Any:
        if not isinstance(mine, dict):
            return None if (mine, other) == (DRAWN, None) else mine
        return {
            key: left(value, other.get(key))
            for key, value in mine.items()
            if key in other or value != DRAWN
        }

    pairs = zip(ours.asked, heats.asked, strict=True)
    made = replace(
        ours,
        asked=[Asked(mine.method, mine.path, left(mine.body, other.body)) for mine, other in pairs],
        attributes=left(ours.attributes, heats.attributes),
    )
    assert made != ours
    return made


def test_a_signed_url(real: Judge, cloud: Cloud) -> None:
    """When it expires depends on when it is asked for; each time it is another one."""
    for properties in (
        {"queue": "queue"},
        {"queue": "queue", "paths": ["claims"], "methods": ["GET", "POST"], "ttl": 60},
    ):
        given: Any = ("OS::Zaqar::SignedQueueURL", properties)
        heats = by_heat(real, cloud, *given)
        ours = by_wfbreak(cloud, *given, is_kept=False)
        assert heats.refused is None
        assert (ours.ref, ours.id, ours.attributes) == (heats.ref, heats.id, heats.attributes)
        for mine, other in zip(ours.asked, heats.asked, strict=True):
            assert mine.path == other.path
            assert mine.body.pop("expires", "")[:10] == other.body.pop("expires", "")[:10]
            assert mine.body == other.body
        assert ours.deleting == heats.deleting == []


def test_a_queue_that_is_not_there(real: Judge, cloud: Cloud) -> None:
    """Heat asks nothing for one without metadata, and for another it changes what there is not."""
    kind = "OS::Zaqar::Queue"
    heats, ours = by_heat(real, cloud, kind, {}), by_wfbreak(cloud, kind, {})
    assert heats.asked == []
    assert ours.asked == [Asked("PUT", "messaging/v2/queues/<drawn>", {})]
    assert (ours.ref, ours.id, ours.deleting) == (heats.ref, heats.id, heats.deleting)
    assert ours.attributes["show"] == heats.attributes["show"]
    assert ours.attributes["queue_id"] == heats.attributes["queue_id"]
    assert "NoneType" in heats.attributes["href"]["failed"]
    assert ours.attributes["href"] == f"{cloud.url}/messaging/v2/queues/<drawn>"

    properties = {"name": "queue", "metadata": {"a": 1}}
    assert "There is no queue" in (by_heat(real, cloud, kind, properties).refused or "")
    ours = by_wfbreak(cloud, kind, properties)
    assert ours.asked == [Asked("PUT", "messaging/v2/queues/queue", {"a": 1})]
    assert ours.attributes["show"]["metadata"]["a"] == 1


def test_a_queue_that_is_there(real: Judge, cloud: Cloud) -> None:
    """It is changed as Heat changes it, but that wfbreak leaves alone what Zaqar sets itself."""
    there = Seed("messaging/v2/queues", {"id": "queue", "a": 0, "old": 1})
    given: Any = ("OS::Zaqar::Queue", {"name": "queue", "metadata": {"a": 2, "b": 3}}, [there])
    heats, ours = by_heat(real, cloud, *given), by_wfbreak(cloud, *given)
    assert heats.refused is None
    (_, asked) = ours.asked
    assert [heats.asked[0].path] == [asked.path]
    changed = [change for change in heats.asked[0].body if "/_" not in change["path"]]
    mine = [change for change in asked.body if change["path"] != "/metadata/wfbreak"]
    assert mine == changed
    assert ours.attributes["show"] == heats.attributes["show"]


def test_what_is_refused(cloud: Cloud) -> None:
    for kind, properties, text in [
        ("Manila::ShareNetwork", {"nova_network": "x"}, "'nova_network' cannot be had"),
        ("Manila::ShareNetwork", {"neutron_network": "the net"}, "needs a 'neutron_subnet'"),
        ("Zaqar::Subscription", {"queue_name": "q", "subscriber": "x:y"}, "'subscriber' must"),
        ("Magnum::ClusterTemplate", {**_TEMPLATE, "volume_driver": "rexray"}, "must be cinder"),
        ("Swift::Container", {"X-Container-Meta": {"a": "b\nc"}}, "is no header"),
        ("Aodh::EventAlarm", {"alarm_actions": ["a policy"]}, "is no URL"),
    ]:
        made = by_wfbreak(cloud, f"OS::{kind}", properties, SEEDS)
        assert text in (made.refused or ""), kind
        assert made.asked == []


_MORE_GNOCCHI = {
    "comparison_operator": "lt",
    "evaluation_periods": 3,
    "aggregation_method": "max",
    "granularity": 600,
    "threshold": 0.75,
}
_SHARE = {"share_protocol": "NFS", "size": 1}
_PLACE = {"neutron_network": "the net", "neutron_subnet": "the subnet"}
_FILTER = {"matching_metadata": {"a": "b"}}
OTHER_NET, OTHER_SUBNET, OTHER_POOL = map(_THERE.format, (8, 9, "A"))


def _access(who: str, level: str) -> dict[str, str]:
    return {"access_type": "ip", "access_to": who, "access_level": level}


_ACTIONS = {k: v for k, v in _ALARM.items() if k != "time_constraints"}

CHANGES: list[Case] = [
    (f"OS::{kind}", before, after)
    for kind, before, after in (
        (
            "Manila::SecurityService",
            {"name": "one", "type": "ldap"},
            {
                "name": "two",
                "type": "ldap",
                "dns_ip": "10.0.0.2",
                "server": "a",
                "domain": "b",
                "user": "c",
                "password": "secret",
                "description": "of few",
            },
        ),
        (
            "Manila::Share",
            {"name": "one", "metadata": {"a": "b"}, **_SHARE},
            {
                "name": "two",
                "metadata": {"c": "d"},
                "description": "of few",
                "is_public": True,
                **_SHARE,
            },
        ),
        (
            "Manila::Share",
            {"access_rules": [_access("10.0.0.2", "rw")], **_SHARE},
            {"access_rules": [_access("10.0.0.2", "rw"), _access("10.0.0.3", "ro")], **_SHARE},
        ),
        (
            "Manila::ShareNetwork",
            {"name": "one", "description": "of many", **_PLACE},
            {"name": "two", "description": "of few", **_PLACE},
        ),
        (
            "Manila::ShareNetwork",
            {"name": "one", **_PLACE, "security_services": ["the service"]},
            {"name": "one", **_PLACE, "security_services": []},
        ),
        (
            "Manila::ShareNetwork",
            {"name": "one", **_PLACE},
            {"name": "one", **_PLACE, "security_services": ["the service"]},
        ),
        (
            "Manila::ShareNetwork",
            {"name": "one", **_PLACE},
            {"name": "one", "neutron_network": OTHER_NET, "neutron_subnet": OTHER_SUBNET},
        ),
        (
            "Magnum::Cluster",
            {"cluster_template": "the template"},
            {
                "cluster_template": "the template",
                "node_count": 3,
                "master_count": 3,
                "discovery_url": "http://there",
                "create_timeout": 9,
            },
        ),
        *(
            case
            for kind, base, others in (
                (
                    "Zaqar::Subscription",
                    {"queue_name": "a queue", "subscriber": "mailto:me@one.test", "ttl": 3600},
                    {"subscriber": "http://one.test", "ttl": 60, "options": {"a": 1}},
                ),
                (
                    "Zaqar::MistralTrigger",
                    {"queue_name": "a queue", "workflow_id": "a flow", "ttl": 3600},
                    {"workflow_id": "b flow", "ttl": 60, "params": {"p": 1}, "input": {"i": 1}},
                ),
                (
                    "Aodh::Alarm",
                    {"meter_name": "cpu_util", "threshold": 1.5, "query": [], **_FILTER},
                    {
                        **_ACTIONS,
                        "threshold": 2.5,
                        "comparison_operator": "lt",
                        "evaluation_periods": 3,
                        "period": 60,
                        "statistic": "max",
                        "matching_metadata": {"a": "c"},
                        "query": [{"field": "a", "op": "eq", "value": "b"}],
                    },
                ),
                (
                    "Aodh::EventAlarm",
                    {"event_type": "a.*", "query": [{"field": "a", "op": "eq", "value": "b"}]},
                    {
                        **_ACTIONS,
                        "event_type": "b.*",
                        "query": [{"field": "b", "op": "eq", "value": "b"}],
                    },
                ),
                (
                    "Aodh::CompositeAlarm",
                    {"composite_rule": {"operator": "or", "rules": [{"a": 1}, {"b": 2}]}},
                    {
                        **_ACTIONS,
                        "composite_rule": {"operator": "or", "rules": [{"a": 1}, {"b": 3}]},
                    },
                ),
                (
                    "Aodh::GnocchiAggregationByMetricsAlarm",
                    {"metrics": ["a"], **_GNOCCHI},
                    {**_ACTIONS, **_MORE_GNOCCHI, "metrics": ["b"]},
                ),
                (
                    "Aodh::GnocchiAggregationByResourcesAlarm",
                    {"metric": "a", "query": "q", "resource_type": "r", **_GNOCCHI},
                    {
                        **_ACTIONS,
                        **_MORE_GNOCCHI,
                        "metric": "b",
                        "query": "p",
                        "resource_type": "s",
                    },
                ),
                (
                    "Aodh::GnocchiResourcesAlarm",
                    {"metric": "a", "resource_id": "i", "resource_type": "r", **_GNOCCHI},
                    {
                        **_ACTIONS,
                        **_MORE_GNOCCHI,
                        "metric": "b",
                        "resource_id": "j",
                        "resource_type": "s",
                    },
                ),
                (
                    "Aodh::LBMemberHealthAlarm",
                    {"pool": "the pool", "stack": "a stack", "autoscaling_group_id": "a"},
                    {**_ACTIONS, "pool": OTHER_POOL, "autoscaling_group_id": "b"},
                ),
                (
                    "Aodh::PrometheusAlarm",
                    {"query": "a", "threshold": 1.5},
                    {**_ACTIONS, "query": "b", "threshold": 2.5, "comparison_operator": "lt"},
                ),
            )
            for case in both_ways(kind, base, others)
        ),
    )
]


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_changed_as_heat(real: Judge, cloud: Cloud, case: Case) -> None:
    seeds = [
        *SEEDS,
        Seed("network/v2.0/networks", {"id": OTHER_NET, "name": "other"}),
        Seed(
            "network/v2.0/subnets", {"id": OTHER_SUBNET, "name": "other", "network_id": OTHER_NET}
        ),
        Seed("load-balancer/v2.0/lbaas/pools", {"id": OTHER_POOL, "name": "other"}),
    ]
    heats, ours = heat_changes(real, cloud, case, seeds), wfbreak_changes(cloud, case, seeds)
    heats.asked, ours.asked = without_nulls_in(heats.asked), without_nulls_in(ours.asked)
    same_change(heats, ours)


def without_nulls_in(asked: list[Asked]) -> list[Asked]:
    return [Asked(each.method, each.path, without_nulls(each.body)) for each in asked]


SPECS: Case = (
    "OS::Manila::ShareType",
    {"name": "a", "driver_handles_share_servers": True, "extra_specs": {"a": "1", "b": "2"}},
    {"name": "a", "driver_handles_share_servers": True, "extra_specs": {"b": "3", "c": "4"}},
)


def test_specs_that_stay_are_not_taken_away(real: Judge, cloud: Cloud) -> None:
    """Heat takes all of them away and says all of them anew."""
    ours = wfbreak_changes(cloud, SPECS, SEEDS)
    same_change(heat_changes(real, cloud, SPECS, SEEDS), ours, by_state=True)
    assert [each.method for each in ours.asked] == ["DELETE", "POST"]


@pytest.mark.parametrize("kind", ["BayModel", "ClusterTemplate"])
def test_a_templates_change_is_done_when_it_is_told(real: Judge, cloud: Cloud, kind: str) -> None:
    """Heat waits for a status that Magnum's templates do not have."""
    before = {"image": "an image", "external_network": NET, "coe": "kubernetes"}
    case = (f"OS::Magnum::{kind}", before, {**before, "public": True})
    heats, ours = heat_changes(real, cloud, case, SEEDS), wfbreak_changes(cloud, case, SEEDS)
    assert "status" in (heats.refused or "")
    assert (ours.refused, ours.asked) == (None, heats.asked)


def test_a_queues_metadata(real: Judge, cloud: Cloud) -> None:
    """Heat changes only one that is there, and tries to take away what is Zaqar's own, too."""
    seeds = [Seed("messaging/v2/queues", {"id": "one", "a": 1})]
    before, after = {"a": 1, "b": 2}, {"b": 3, "c": 4}
    case = ("OS::Zaqar::Queue", *({"name": "one", "metadata": each} for each in (before, after)))
    heats, ours = heat_changes(real, cloud, case, seeds), wfbreak_changes(cloud, case, seeds)
    same_change(heats, ours, by_state=True)
    assert not any("_" in change["path"] for asked in ours.asked for change in asked.body)


def test_access_is_taken_away(real: Judge, cloud: Cloud) -> None:
    """Heat 27 calls its client in a way that this does not know."""
    before = {"access_rules": [_access("10.0.0.1", "rw"), _access("10.0.0.2", "rw")], **_SHARE}
    after = {"access_rules": [_access("10.0.0.2", "ro"), _access("10.0.0.3", "rw")], **_SHARE}
    case = ("OS::Manila::Share", before, after)
    assert "unexpected keyword argument" in (heat_changes(real, cloud, case, SEEDS).refused or "")
    (rules,) = wfbreak_changes(cloud, case, SEEDS).state["rules"].values()
    kept = {(rule["access_to"], rule["access_level"]) for rule in rules.values()}
    assert kept == {("10.0.0.2", "ro"), ("10.0.0.3", "rw")}
