"""``wfbreak.delete``: the end of one resource, as a task of a workflow.

Like ``wfbreak.create`` it may run again at any time: what is gone already is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mistral_lib import actions

from wfbreak.actions.making import connector, failed, provider_of
from wfbreak.actions.provider import DeleteRequest, ProviderError
from wfbreak.credentials import CredentialError


class Delete(actions.Action):  # type: ignore[misc]  # the library has no types
    """Deletes a resource that an execution has made.

    :param resource: its name in the template.
    :param type: its type.
    :param created_by: the id of the execution that made it.
    :param physical_id: its id; without one it is looked for by its mark.
    :param properties: the properties that it was made with, without what was sealed.
    :param stack: the stack's name.
    :param source: where it stands in the template, ``FILE:LINE:COLUMN``, for messages.
    :param provider: which provider made it.
    :param credential: the execution's application credential, sealed.
    :param needs: the tasks that come right before it.
    """

    def __init__(
        self,
        resource: str,
        type: str,  # the template's own word
        created_by: str,
        physical_id: str | None = None,
        properties: Mapping[str, Any] | None = None,
        stack: str | None = None,
        source: str | None = None,
        provider: str = "rehearse",
        credential: Any = None,
        needs: Any = None,
    ) -> None:
        super().__init__()
        self.resource = resource
        self.type = type
        self.created_by = created_by
        self.physical_id = physical_id
        self.properties = properties
        self.stack = stack
        self.source = source
        self.provider = provider
        self.credential = credential
        self.needs = needs

    def run(self, context: Any) -> Any:
        """``{"deleted": PHYSICAL ID}``, or an error."""
        try:
            provider_of(self.provider).delete(
                DeleteRequest(
                    execution_id=self.created_by,
                    stack=self.stack or "stack",
                    resource=self.resource,
                    type=self.type,
                    properties=self.properties or {},
                    physical_id=self.physical_id,
                    connect=connector(self.provider, self.credential, context),
                )
            )
        except ProviderError as error:
            return failed(self, str(error), error.again)
        except CredentialError as error:
            return failed(self, str(error))
        return {"deleted": self.physical_id}
