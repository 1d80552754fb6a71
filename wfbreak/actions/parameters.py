"""``wfbreak.parameters``: the first task of a workflow whose values are given when it starts.

What a template's parameters accept is checked while translating, as far as the values are known
then. The others come as the workflow's input, and whoever starts it may give anything: so they are
checked here, before the first resource, by the same rules. Later tasks read this task's result.

Except for one that lies in the cloud's key manager: it is fetched, and then checked, by the action
that makes a resource of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mistral_lib import actions

from wfbreak import secrets
from wfbreak.actions.context import box_of, project_id
from wfbreak.hot.constraints import ParameterDefinitionError
from wfbreak.hot.given_parameters import typed
from wfbreak.hot.parameters import ParameterValueError, from_plain

PROJECT_ID: Final = "OS::project_id"


class Parameters(actions.Action):  # type: ignore[misc]  # the library has no types
    """Converts and checks the values of the parameters.

    :param declared: each parameter's declaration as HOT writes it (``to_plain`` of
        ``wfbreak.hot.parameters``), with a ``source`` (``FILE:LINE:COLUMN``) for messages. A
        default may be sealed.
    :param values: what was given, by name; null counts as not given. A value may be sealed.
    :param pseudo: the pseudo parameters to add that only the engine knows: ``OS::project_id``.
    :param nested: whether they are a nested template's, whose values are a resource's properties.
    """

    def __init__(
        self,
        declared: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        pseudo: Sequence[str] | None = None,
        nested: bool = False,
    ) -> None:
        super().__init__()
        self.nested = nested
        self.pseudo = pseudo
        self.declared = declared
        self.values = values

    def run(self, context: Any) -> Any:
        """Each parameter's typed value by name, or an error with a line for each that is wrong.

        The value of a hidden parameter is sealed, whether it came so or not.
        """
        declared, values = self.declared or {}, self.values or {}
        wrong = [f"{name}: there is no such parameter" for name in values if name not in declared]
        typed: dict[str, Any] = {}
        box = box_of(context)
        for name, plain in declared.items():
            try:
                typed[name] = _value(name, plain, values.get(name), self.nested, box)
            except (ValueError, secrets.SealError) as error:
                where = f" ({plain['source']})" if plain.get("source") else ""
                wrong.append(f"{name}: {error}{where}")
            except Exception as error:
                # The engine would log it with its traceback, and it may show what was opened.
                wrong.append(f"{name}: {type(error).__name__}")
        if wrong:
            return actions.Result(error="\n".join(wrong))
        if PROJECT_ID in (self.pseudo or ()):
            typed[PROJECT_ID] = project_id(context)
        return typed


def _value(name: str, plain: Mapping[str, Any], given: Any, nested: bool, box: secrets.Box) -> Any:
    """The parameter's typed value, sealed if it is hidden or came sealed; what will compute it
    where it lies in a key manager.

    :raises ValueError: if there is none, or it is wrong.
    :raises SealError: if it cannot be opened or must be sealed and there is no key.
    """
    raw = plain.get("default") if given is None and not nested else given
    if secrets.holds_reference(raw):
        told = {key: plain[key] for key in ("type", "constraints") if key in plain}
        later = secrets.later("parameter", [name, told, raw, nested])
        return secrets.positioned(later, plain["source"]) if plain.get("source") else later
    opened, texts = secrets.unseal_deep(raw, box)
    # A value that came sealed is never shown, whatever its declaration says.
    schema = from_plain(name, {**plain, "default": None, "hidden": plain.get("hidden") or texts})
    try:
        value = typed(schema, opened, nested)
    except ParameterDefinitionError as error:
        raise ParameterValueError(f"is badly declared: {error}") from None
    return box.seal(value) if schema.hidden else value
