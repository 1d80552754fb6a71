"""The schema of a task's policy is checked once, not whenever a policy is applied.

Before each start and after each end of a task Mistral holds its ``retry`` against a small JSON
Schema, by a function that holds the schema itself against the schema of all schemata before
(mistral/engine/base.py, TaskPolicy._validate; jsonschema.validate): a tenth of what a task costs.
"""

from __future__ import annotations

import functools
from typing import Any

_validators: dict[type, Any] = {}


@functools.cache
def install() -> None:
    """Have this process's engine do so."""
    from mistral.engine import base

    base.TaskPolicy._validate = _validate


def _validate(policy: Any) -> None:
    from jsonschema import exceptions
    from mistral import exceptions as mistral
    from mistral_lib.utils import inspect_utils

    kind = type(policy)
    fields = inspect_utils.get_public_fields(policy)
    error = exceptions.best_match(_validator(kind).iter_errors(fields))
    if error is not None:
        raise mistral.InvalidModelException(
            f"Invalid data type in {kind.__name__}: {error}. Value(s) can be shown after "
            "YAQL evaluating. If you use YAQL here, please correct it."
        )


def _validator(kind: type) -> Any:
    from jsonschema import validators

    if kind not in _validators:
        schema = kind._schema  # type: ignore[attr-defined]
        validator = validators.validator_for(schema)
        validator.check_schema(schema)
        _validators[kind] = validator(schema)
    return _validators[kind]
