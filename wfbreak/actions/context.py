"""What the engine tells an action of where it runs: the execution, the project, what it may open.

An action gets Mistral's context: of the execution, by the engine's own knowledge, and of whoever
caused this step, a person's request or, after a crash, the engine alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wfbreak import secrets


def execution_id(context: Any) -> str:
    """The id of the workflow execution that the action belongs to; empty outside of one."""
    execution = getattr(context, "execution", None)
    return str(getattr(execution, "workflow_execution_id", None) or "")


def project_id(context: Any) -> str | None:
    """The project in whose name the action runs; None if in none."""
    found = getattr(getattr(context, "security", None), "project_id", None)
    return str(found) if found else None


def user_name(context: Any) -> str | None:
    """The user of the cloud whose request caused this step; None if nobody's did, or the engine
    asks for no names."""
    found = getattr(getattr(context, "security", None), "user_name", None)
    return str(found) if found else None


def box_of(context: Any, fetch: Callable[[str], str] | None = None) -> secrets.Box:
    """What opens and seals for the action; ``fetch`` is how it asks the key manager.

    The execution is the one that a value was sealed for, or it stays shut. So is the project,
    except where there is none and no token either: an engine without authentication, or one that
    goes on by itself (mistral/services/action_heartbeat_checker.py). A token without a project
    opens nothing. Nor does a request with ``X-Target-*`` headers (mistral/context.py): Mistral
    takes its project from them as they are.
    """
    security = getattr(context, "security", None)
    project = project_id(context)
    if project is None and getattr(security, "auth_token", None):
        project = ""
    place = secrets.Place(execution_id(context), project)
    if getattr(security, "is_target", False):
        return secrets.Box(place, _refused)
    return secrets.Box(place, fetch=fetch)


def _refused() -> None:
    raise secrets.SealError("nothing is opened or sealed for a request with X-Target-* headers")
