"""What a type makes up and nobody shall read."""

from __future__ import annotations

from wfbreak.actions.generated import ATTRIBUTES, secrets_of
from wfbreak.actions.provider import Created
from wfbreak.types import schema


def test_each_is_an_attribute_of_its_type() -> None:
    """A misspelt name would hide nothing."""
    for kind, names in ATTRIBUTES.items():
        known = schema.find(kind)
        assert known is not None, kind
        assert names <= {*known.attributes}, kind


def test_what_is_in_a_secret_of_barbicans() -> None:
    made = Created("a ref", "a ref", {"decrypted_payload": "s3cret", "status": "ACTIVE"})
    assert secrets_of("OS::Barbican::Secret", made) == {"s3cret"}
