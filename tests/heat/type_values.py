"""What Heat makes of a resource's properties when it creates the resource. Part of ``judge``."""

from __future__ import annotations

import json
from typing import Any

import type_schemas


def resolved(kind: str, properties: dict[str, Any], description: str | None) -> dict[str, Any]:
    """``{"values": ...}``, or ``{"refused": message}``.

    As ``Resource.create`` does it: rules first, then everything checked, then each value taken.
    """
    from heat.engine import translation

    find = translation.resolve_and_find
    translation.resolve_and_find = _keep_names
    try:
        resource = type_schemas.instance(kind, properties, description)
        resource.reparse()
        resource.properties.validate()
        values = {name: resource.properties[name] for name in resource.properties}
        return {"values": json.loads(json.dumps(values))}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}
    finally:
        translation.resolve_and_find = find


def _keep_names(value: Any, *arguments: Any, **_named: Any) -> Any:
    """Heat's look-up of names, in a cloud where each name is its own id."""
    if isinstance(value, list) and value:
        return [_keep_names(item) for item in value]
    return value or None
