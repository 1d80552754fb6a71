"""Actions that nobody has defined in an embedded engine's database are not looked for there.

At a task's start and again at its end Mistral asks three providers for the task's action. Two of
them look into the database, for an ad-hoc and for a dynamic action of that name, in the workflow's
namespace and in none: six statements a task, where wfbreak's own actions are in the third. An
embedded engine is alone with its database, so it knows when somebody defines one.
"""

from __future__ import annotations

import functools
from typing import Any

_absent: set[tuple[Any, ...]] = set()
"""Who looks, for what, in which project; all that was looked for in vain since the last change."""

_MANY = 10_000


@functools.cache
def install() -> None:
    """Have this process's engine remember. Only for one that has its database alone."""
    from mistral.actions import adhoc, dynamic_action
    from mistral.db.v2.sqlalchemy import models
    from sqlalchemy import event

    for model in (models.ActionDefinition, models.DynamicActionDefinition):
        for happened in ("after_insert", "after_update"):
            event.listen(model, happened, _forget)
    for provider in (adhoc.AdHocActionProvider, dynamic_action.DynamicActionProvider):
        provider.find = _remembering(provider.find)


def _forget(*_: object) -> None:
    _absent.clear()


def _remembering(find: Any) -> Any:
    @functools.wraps(find)
    def remembering(provider: Any, action_name: str, namespace: str | None = None) -> Any:
        from mistral import context
        from mistral.services import security

        sees_all = context.has_ctx() and bool(context.ctx().is_admin)
        asked = (type(provider), action_name, namespace, security.get_project_id(), sees_all)
        if asked in _absent:
            return None
        found = find(provider, action_name, namespace)
        if found is None:
            if len(_absent) >= _MANY:
                _absent.clear()
            _absent.add(asked)
        return found

    return remembering
