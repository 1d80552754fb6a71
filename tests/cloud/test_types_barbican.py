"""The types of Barbican, beside Heat's, as a plain member."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from cloud.made import wish
from cloud.twins import Twins

SECRETS = """
bare:
  type: OS::Barbican::Secret
text:
  type: OS::Barbican::Secret
  properties: {name: wfb-text, payload: "a täxt", payload_content_type: text/plain}
untyped:
  type: OS::Barbican::Secret
  properties: {payload: '{"a": 1}', secret_type: passphrase}
described:
  type: OS::Barbican::Secret
  properties:
    name: wfb-described
    algorithm: aes
    bit_length: 256
    mode: cbc
    secret_type: symmetric
    expiration: "2090-01-02T03:04:05"
    payload: bm90IHRvIGJlIHNob3du
    payload_content_type: application/octet-stream
    payload_content_encoding: base64
"""

ORDERS = """
key:
  type: OS::Barbican::Order
  properties: {type: key, algorithm: aes, bit_length: 256}
named_key:
  type: OS::Barbican::Order
  properties:
    type: key
    name: wfb-key
    algorithm: aes
    bit_length: 128
    mode: cbc
    expiration: "2090-01-02T03:04:05+02:00"
    payload_content_type: application/octet-stream
pair:
  type: OS::Barbican::Order
  properties: {type: asymmetric, algorithm: rsa, bit_length: 2048}
"""

CONTAINERS = """
one:
  type: OS::Barbican::Secret
  properties: {payload: one}
two:
  type: OS::Barbican::Secret
  properties: {payload: two}
three:
  type: OS::Barbican::Secret
  properties: {payload: three}
empty:
  type: OS::Barbican::GenericContainer
generic:
  type: OS::Barbican::GenericContainer
  properties:
    name: wfb-generic
    secrets:
      - {name: First, ref: {get_resource: one}}
      - {name: second, ref: {get_resource: two}}
certificate:
  type: OS::Barbican::CertificateContainer
  properties:
    certificate_ref: {get_resource: one}
    private_key_ref: {get_resource: two}
    intermediates_ref: {get_resource: three}
rsa:
  type: OS::Barbican::RSAContainer
  properties:
    name: wfb-rsa
    public_key_ref: {get_resource: one}
    private_key_ref: {get_resource: two}
    private_key_passphrase_ref: {get_resource: three}
"""


OWN = frozenset({"name", "Created"})
"""What has no name gets one of wfbreak's, by which it is known again (the attribute ``show`` has it
as Heat does, with none); and the tables' word for a time."""


def twins(member: Any, section: str) -> Twins:
    """What is in a secret comes sealed out of an engine, and is compared by itself; keys are drawn.
    A container's table has several secrets in Barbican's order, which is none."""
    kinds = {name: told["type"] for name, told in yaml.safe_load(section).items()}
    secrets = {f"{n}.decrypted_payload" for n, kind in kinds.items() if kind.endswith("::Secret")}
    orders = {name for name, kind in kinds.items() if kind.endswith("::Order")}
    pairs = {f"{name}.{key}" for name in orders for key in ("private_key", "public_key")}
    return Twins(member, hidden=frozenset({*secrets, *pairs, "generic.show"}), masked=OWN)


@pytest.mark.parametrize("section", [SECRETS, ORDERS, CONTAINERS])
def test_as_heat(member: Any, section: str) -> None:
    twins(member, section).check(section)


@pytest.mark.parametrize(
    ("properties", "payload"),
    [
        ({}, None),
        ({"payload": "a täxt"}, "a täxt"),
        ({"name": "wfb-json", "payload": '{"a": 1}'}, '{"a": 1}'),
    ],
)
def test_what_is_in_a_secret(member: Any, properties: dict[str, Any], payload: str | None) -> None:
    with wish(member, "OS::Barbican::Secret", properties, "decrypted_payload") as secret:
        first, second = secret.once(), secret.once()
    assert first.attributes == second.attributes == {"decrypted_payload": payload}
    assert first.ref == second.ref


def test_a_pair_of_keys(member: Any) -> None:
    properties = {"type": "asymmetric", "algorithm": "rsa", "bit_length": 2048}
    with wish(member, "OS::Barbican::Order", properties, "public_key", "private_key") as order:
        made = order.made().attributes
    private = load_pem_private_key(made["private_key"].encode(), None)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert made["public_key"].split() == public.decode().split()


def test_an_order_is_made_once(member: Any) -> None:
    """Barbican keeps the end of its life in UTC, whatever zone it was told in."""
    properties = {
        "type": "key",
        "name": f"wfb-{uuid.uuid4()}",
        "algorithm": "aes",
        "bit_length": 256,
        "expiration": "2090-01-02T03:04:05+02:00",
    }
    with wish(member, "OS::Barbican::Order", properties) as order:
        first, second = order.made(), order.made()
        listed = member.key_manager.get("/orders", params={"limit": 100}).json()["orders"]
    assert first.ref == second.ref
    assert [o["order_ref"] for o in listed if o["meta"]["name"] == properties["name"]] == [
        first.ref
    ]
