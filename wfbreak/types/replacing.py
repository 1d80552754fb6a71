"""Where a type says itself, in Heat, that a resource is replaced though its properties may change.

``needs_replace``, ``needs_replace_with_prop_diff`` and ``_needs_update`` of Heat's resources; the
properties are as :func:`wfbreak.types.values.resolve` gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

_POLICIES: Final = {
    "flavor": "flavor_update_policy",
    "image": "image_update_policy",
    "user_data": "user_data_update_policy",
}
"""What becomes of a server where one of these differs (heat/.../nova/server.py)."""


def is_replaced(
    kind: str,
    differing: Collection[str],
    after: Mapping[str, Any],
    *before: Mapping[str, Any],
) -> bool:
    """Whether another resource is made where the properties with these names differ; for some
    types, also where none does."""
    match kind:
        case "OS::Heat::TestResource":
            return "value" in differing and bool(after.get("update_replace"))
        case "OS::Heat::UpdateWaitConditionHandle":
            return True
        case "OS::Neutron::Port":
            return after.get("replacement_policy") == "REPLACE_ALWAYS"
        case "OS::Nova::Server":
            return any(
                _policy(policy, after, *before) == "REPLACE"
                for name, policy in _POLICIES.items()
                if name in differing
            )
    return False


def _policy(name: str, *properties: Mapping[str, Any]) -> Any:
    return next((each[name] for each in properties if each.get(name)), None)
