"""Barbican's types as Heat makes them: by its own code, on a service of ours."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from heat.both_make import by_heat, by_wfbreak, same, untried
from heat.conftest import Judge
from heat.services import Cloud, Collection, Missing, Refusal, Seed, Service


class Things(Collection):
    """Barbican answers with a URL, and shows no payload where it shows the rest."""

    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        made = {**super().made(told, ident, url), self.id: url}
        if "payload" in told:
            made["content_types"] = {"default": told["payload_content_type"]}
        return made

    def made_answer(self, item: dict[str, Any]) -> Any:
        return {self.id: item[self.id]}

    def one(self, item: dict[str, Any]) -> Any:
        return {k: v for k, v in item.items() if not k.startswith("payload")}

    def many(self, items: list[dict[str, Any]]) -> Any:
        return super().many([self.one(item) for item in items])

    def part(self, item: dict[str, Any], path: str) -> str | bytes | dict[str, Any]:
        if path != "/payload" or "payload" not in item:
            raise Missing
        payload: str = item["payload"]
        return base64.b64decode(payload) if "payload_content_encoding" in item else payload


_ID = "11111111-2222-4333-8444-55555555555{}"
_REF = f"http://keys.test/v1/{{}}/{_ID}"


class Orders(Things):
    """A key is put into a secret, a pair of keys into a container."""

    def made(self, told: dict[str, Any], ident: str, url: str) -> dict[str, Any]:
        kind, held = ("secret", 1) if told["type"] == "key" else ("container", 5)
        return {**super().made(told, ident, url), f"{kind}_ref": _REF.format(f"{kind}s", held)}


MADE = {"created": "2026-01-02T03:04:05"}

BARBICAN = Service(
    "key-manager",
    "v1",
    (
        Things(
            "/secrets",
            "",
            "secrets",
            id="secret_ref",
            page=100,
            shows={**MADE, "status": "ACTIVE"},
        ),
        Orders(
            "/orders",
            "",
            "orders",
            id="order_ref",
            shows={**MADE, "status": "ACTIVE"},
            making={"status": "PENDING"},
        ),
        Things(
            "/containers",
            "",
            "containers",
            id="container_ref",
            shows={
                **MADE,
                "status": "ACTIVE",
                "consumers": [{"name": "it", "URL": "http://it.test"}],
            },
        ),
    ),
    microversions=("1.0", "1.1"),
)


def secret(number: int, payload: str) -> Seed:
    item = {
        "secret_ref": _REF.format("secrets", number),
        "name": f"secret {number}",
        "payload": payload,
        "content_types": {"default": "text/plain"},
    }
    return Seed("key-manager/v1/secrets", item)


PAIR = {
    "container_ref": _REF.format("containers", 5),
    "type": "rsa",
    "secret_refs": [
        {"name": "public_key", "secret_ref": _REF.format("secrets", 1)},
        {"name": "private_key", "secret_ref": _REF.format("secrets", 2)},
    ],
}

SEEDS = [
    secret(1, "one"),
    secret(2, "two"),
    secret(3, "three"),
    secret(4, "four"),
    Seed("key-manager/v1/containers", PAIR),
]

ENCODED = base64.b64encode(b"whatever").decode()

CASES: list[tuple[str, dict[str, Any]]] = [
    ("Secret", {}),
    ("Secret", {"name": "one", "payload": '{"a": 1}'}),
    (
        "Secret",
        {
            "name": "one",
            "algorithm": "aes",
            "bit_length": 256,
            "mode": "cbc",
            "secret_type": "symmetric",
            "expiration": "2090-01-02T03:04:05",
            "payload": ENCODED,
            "payload_content_type": "application/octet-stream",
            "payload_content_encoding": "base64",
        },
    ),
    ("Secret", {"payload": "a text", "payload_content_type": "text/plain"}),
    ("Order", {"type": "key", "algorithm": "aes", "bit_length": 256}),
    (
        "Order",
        {
            "type": "key",
            "name": "one",
            "algorithm": "aes",
            "bit_length": 256,
            "mode": "cbc",
            "expiration": "2090-01-02T03:04:05+02:00",
            "payload_content_type": "application/octet-stream",
        },
    ),
    ("Order", {"type": "asymmetric", "algorithm": "rsa", "bit_length": 2048}),
    (
        "Order",
        {
            "type": "asymmetric",
            "name": "one",
            "algorithm": "rsa",
            "bit_length": 2048,
            "mode": "cbc",
            "pass_phrase": "hush",
            "expiration": "2090-01-02T03:04:05Z",
            "payload_content_type": "application/octet-stream",
        },
    ),
    ("GenericContainer", {}),
    (
        "GenericContainer",
        {
            "name": "one",
            "secrets": [
                {"name": "First", "ref": _REF.format("secrets", 1)},
                {"name": "second", "ref": _REF.format("secrets", 2)},
            ],
        },
    ),
    (
        "CertificateContainer",
        {
            "certificate_ref": _REF.format("secrets", 1),
            "private_key_ref": _REF.format("secrets", 2),
        },
    ),
    (
        "CertificateContainer",
        {
            "name": "one",
            "certificate_ref": _REF.format("secrets", 1),
            "private_key_ref": _REF.format("secrets", 2),
            "private_key_passphrase_ref": _REF.format("secrets", 3),
            "intermediates_ref": _REF.format("secrets", 4),
        },
    ),
    (
        "RSAContainer",
        {"public_key_ref": _REF.format("secrets", 1), "private_key_ref": _REF.format("secrets", 2)},
    ),
    (
        "RSAContainer",
        {
            "name": "one",
            "public_key_ref": _REF.format("secrets", 1),
            "private_key_ref": _REF.format("secrets", 2),
            "private_key_passphrase_ref": _REF.format("secrets", 3),
        },
    ),
]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud([BARBICAN]) as cloud:
        yield cloud


@pytest.mark.parametrize(("kind", "properties"), CASES)
def test_as_heat(real: Judge, cloud: Cloud, kind: str, properties: dict[str, Any]) -> None:
    name = f"OS::Barbican::{kind}"
    heats = by_heat(real, cloud, name, properties, SEEDS)
    same(heats, by_wfbreak(cloud, name, properties, SEEDS), is_named=True)


def test_keys_that_were_ordered(real: Judge, cloud: Cloud) -> None:
    made = by_heat(real, cloud, "OS::Barbican::Order", CASES[6][1], SEEDS)
    assert (made.attributes["public_key"], made.attributes["private_key"]) == ("one", "two")


def test_nothing_is_left_out() -> None:
    assert untried("Barbican", [(f"OS::Barbican::{k}", p) for k, p in CASES]) == set()


@pytest.mark.parametrize(
    "changed",
    [
        {"payload": "another"},
        {"algorithm": "des"},
        {"expiration": "2090-01-02T03:04:06"},
    ],
)
def test_anothers_secret_of_the_name_is_not_taken(cloud: Cloud, changed: dict[str, Any]) -> None:
    own = {"name": "one", "algorithm": "aes", "payload": "mine"}
    own["expiration"] = "2090-01-02T03:04:05"
    theirs = {
        **own,
        **changed,
        "secret_type": "opaque",
        "secret_ref": _REF.format("secrets", 1),
        "content_types": {"default": "text/plain"},
    }
    seeds = [Seed("key-manager/v1/secrets", theirs)]
    ours = by_wfbreak(cloud, "OS::Barbican::Secret", own, seeds)
    assert [asked.method for asked in ours.asked] == ["POST"]
    assert ours.id != theirs["secret_ref"]


def test_more_secrets_of_a_name_than_a_page_has(real: Judge, cloud: Cloud) -> None:
    others = [
        Seed(
            "key-manager/v1/secrets",
            {
                "secret_ref": f"http://keys.test/v1/secrets/{_ID[:-4]}{number:03}",
                "name": "one",
                "secret_type": "opaque",
            },
        )
        for number in range(120)
    ]
    given: Any = ("OS::Barbican::Secret", {"name": "one", "payload": "a text"}, others)
    same(by_heat(real, cloud, *given), by_wfbreak(cloud, *given))


def test_no_refusal_shows_what_is_secret(cloud: Cloud) -> None:
    told = {"code": 400, "title": "Bad Request", "description": "not 'hush-hush', please"}
    refusals = [Refusal("POST", 400, told)]
    properties = {"payload": "hush-hush"}
    ours = by_wfbreak(cloud, "OS::Barbican::Secret", properties, SEEDS, refusals)
    assert ours.refused == "Bad Request: not '******', please"
