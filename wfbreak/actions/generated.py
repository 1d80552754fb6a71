"""What a resource makes up by itself and nobody else shall read: passwords, private keys, tokens.

A hidden parameter is known as a secret from the start. These values appear only when the resource
does, in attributes that a template reads like any others. Heat shows them to whoever may see the
stack; here they would stand in the engine's database, so ``wfbreak.create`` seals them. The
attributes are those of ``heat/engine/resources`` in openstack-heat 27.0.1. URLs that let who has
them signal (of scaling policies, say) are made to be handed out, and are none.
"""

from __future__ import annotations

from wfbreak import secrets
from wfbreak.actions.provider import Created

ATTRIBUTES: dict[str, frozenset[str]] = {
    "AWS::IAM::AccessKey": frozenset({"SecretAccessKey"}),
    "OS::Barbican::Order": frozenset({"private_key"}),
    "OS::Barbican::Secret": frozenset({"decrypted_payload"}),
    "OS::Heat::RandomString": frozenset({"value"}),
    "OS::Heat::WaitConditionHandle": frozenset({"token", "curl_cli"}),
    "OS::Nova::KeyPair": frozenset({"private_key"}),
    "OS::Zaqar::SignedQueueURL": frozenset({"signature", "query_str"}),
}

_REFERENCES = frozenset({"OS::Heat::RandomString"})
"""Types whose ``get_resource`` is the secret itself (random_string.py, ``get_reference_id``)."""


def secrets_of(kind: str, created: Created) -> frozenset[str]:
    """The texts in a resource's reference and attributes that are secret by its type."""
    names = ATTRIBUTES.get(kind, frozenset())
    values = [value for name, value in created.attributes.items() if name in names]
    if kind in _REFERENCES:
        values.append(created.ref)
    return frozenset(text for value in values for text in secrets.texts(value))
