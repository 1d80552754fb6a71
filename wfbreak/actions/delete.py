"""``wfbreak.delete``: the end of one resource, as a task of a workflow.

Like ``wfbreak.create`` it may run again at any time: what is gone already is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mistral_lib import actions

from wfbreak import secrets
from wfbreak.actions.making import connector, failed, not_begun, provider_of, rehearsal_for
from wfbreak.actions.provider import DeleteRequest, ProviderError
from wfbreak.credentials import CredentialError
from wfbreak.existing import Existing, ExistingError


class Delete(actions.Action):  # type: ignore[misc]  # the library has no types
    """Deletes a resource of a stack that an earlier execution has made.

    :param resource: its name in the template.
    :param type: its type.
    :param existing: what exists (:class:`wfbreak.existing.Existing`). Without an id in it, it is
        looked for by its mark. Its properties are not opened: what is sealed says nothing of where
        it is.
    :param task: its task's name: there may be several of one resource.
    :param when: false where it turned out that it stays.
    :param stack: the stack's name.
    :param source: where it stands in the template, ``FILE:LINE:COLUMN``, for messages.
    :param provider: which provider made it.
    :param credential: the execution's application credential, sealed.
    :param needs: the tasks that come right before it.
    :param rehearsal: how rehearsed deletions behave, as for ``wfbreak.create``; ``goes`` likewise.
    :param skipped: by the tasks' names, what a person takes as done; meant for the env.
    """

    def __init__(
        self,
        resource: str,
        type: str,  # the template's own word
        existing: Mapping[str, Any],
        task: str | None = None,
        when: bool = True,
        stack: str | None = None,
        source: str | None = None,
        provider: str = "rehearse",
        credential: Any = None,
        needs: Any = None,
        rehearsal: Mapping[str, Any] | None = None,
        skipped: Mapping[str, Any] | None = None,
        goes: bool = True,
    ) -> None:
        super().__init__()
        self.resource = resource
        self.type = type
        self.existing = existing
        self.task = task
        self.when = when
        self.stack = stack
        self.source = source
        self.provider = provider
        self.credential = credential
        self.needs = needs
        self.rehearsal = rehearsal
        self.skipped = skipped
        self.goes = goes

    def run(self, context: Any) -> Any:
        """``{"deleted": PHYSICAL ID}``, with null where it stays or its id is not known; or an
        error."""
        if (self.skipped or {}).get(self.task or self.resource) is not None:
            return {"deleted": None, "skipped": True}
        if not self.goes:
            return not_begun(self)
        if not self.when:
            return {"deleted": None, "stays": True}
        try:
            existing = Existing.from_plain(self.existing)
            # An id that is sealed is a secret's: then it is found by its mark.
            known = existing.physical_id if isinstance(existing.physical_id, str) else None
            provider_of(self.provider).delete(
                DeleteRequest(
                    execution_id=existing.created_by,
                    stack=existing.stack,
                    resource=existing.resource,
                    type=existing.type,
                    properties=secrets.without(existing.properties),
                    physical_id=known,
                    rehearsal=rehearsal_for(self.resource, self.rehearsal),
                    connect=connector(self.provider, self.credential, context),
                    keeps=existing.deletion_policy == "Snapshot",
                )
            )
        except ProviderError as error:
            return failed(self, str(error), error.again)
        except (CredentialError, ExistingError) as error:
            return failed(self, str(error))
        return {"deleted": known}
