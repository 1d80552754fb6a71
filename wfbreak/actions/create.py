"""``wfbreak.create``: one resource of a stack, as a task of a workflow.

The engine may run an action twice (it repeats what it did not see end), so this one is
level-triggered: its result depends on its input and on the execution's id alone. Whatever in the
input is sealed is opened here, fetched from the cloud's key manager where it lies there, handed to
the provider in the clear, and sealed again wherever the result shows it; so is what the resource
makes up itself, a password or a private key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mistral_lib import actions

from wfbreak import credentials, live, secrets
from wfbreak.actions import generated
from wfbreak.actions.context import box_of, execution_id
from wfbreak.actions.making import (
    connector,
    failed,
    fetcher,
    not_begun,
    provider_of,
    rehearsal_for,
)
from wfbreak.actions.provider import (
    AttributePath,
    Created,
    CreateRequest,
    Provider,
    ProviderError,
    ReplaceNeeded,
    UpdateRequest,
)
from wfbreak.again import RESTRICTED
from wfbreak.existing import Existing, ExistingError
from wfbreak.types.changes import Change


class Create(actions.Action):  # type: ignore[misc]  # the library has no types
    """Creates a resource and returns its reference, id and attributes.

    :param resource: its name in the template, after its parent's for a nested one.
    :param type: its type, with the environment's mappings applied.
    :param properties: its properties, resolved.
    :param needs: the tasks that come right before it, by the template.
    :param attributes: what the template reads of it: a list of names, of paths (lists that begin
        with a name), or ``"*"`` for all.
    :param metadata: its metadata, resolved.
    :param stack: the stack's name.
    :param source: where it stands in the template, ``FILE:LINE:COLUMN``, for messages.
    :param provider: which provider makes it: ``rehearse``, ``openstack`` or ``heat``.
    :param credential: the execution's application credential, sealed: what ``wfbreak.credential``
        gave; null where there is none.
    :param external_id: the id of a resource that exists already and is taken as it is.
    :param existing: what exists of it from an earlier execution of the stack
        (:class:`wfbreak.existing.Existing`), to be changed into this or replaced by it.
    :param restricted: what must not be done to what exists: ``update``, ``replace``.
    :param deletion_policy: ``Retain`` or ``Snapshot``; it is kept here for the day of deletion.
    :param rehearsal: resource names or patterns, each with ``seconds``, ``fail``, ``fail_times``
        and ``attributes``. Meant for the execution's env:
        ``{"__actions": {"wfbreak.create": {"rehearsal": {...}}}}``.
    :param skipped: resources that a person takes as done, each with the ``id`` of what exists in
        its place, or null; in the env likewise.
    :param goes: false where nothing new begins, because something has failed (``wfbreak_goes()``).
    :param since: when the task was first tried, ISO 8601 (``wfbreak_since()``), for what waits.
    :param signals: the execution's signals (``wfbreak_signals()``), for a wait condition.
    :param signal_workflow: the id of the workflow by which a machine signals
        (``wfbreak_signal_workflow()``), for a wait condition's handle.
    :param changes: for resources, the properties that were changed at a stop, by paths; in the
        env likewise.
    """

    def __init__(
        self,
        resource: str,
        type: str,  # the template's own word
        properties: Mapping[str, Any] | None = None,
        attributes: list[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        stack: str | None = None,
        source: str | None = None,
        provider: str = "rehearse",
        credential: Any = None,
        external_id: str | None = None,
        deletion_policy: str | None = None,
        needs: Any = None,
        rehearsal: Mapping[str, Any] | None = None,
        skipped: Mapping[str, Any] | None = None,
        goes: bool = True,
        changes: Mapping[str, Any] | None = None,
        since: str | None = None,
        signals: Mapping[str, Any] | None = None,
        signal_workflow: str | None = None,
        existing: Mapping[str, Any] | None = None,
        restricted: list[str] | None = None,
    ) -> None:
        super().__init__()
        self.resource = resource
        self.type = type
        self.properties = properties
        self.attributes = attributes
        self.metadata = metadata
        self.stack = stack
        self.source = source
        self.provider = provider
        self.credential = credential
        self.external_id = external_id
        self.deletion_policy = deletion_policy
        self.needs = needs
        self.rehearsal = rehearsal
        self.skipped = skipped
        self.goes = goes
        self.changes = changes
        self.since = since
        self.signals = signals
        self.signal_workflow = signal_workflow
        self.existing = existing
        self.restricted = restricted

    def run(self, context: Any) -> Any:
        """``{"ref": TEXT, "physical_id": TEXT, "attributes": {NAME: VALUE}}``, or an error. Of what
        exists already also ``change``: what was done with it."""
        if (skip := (self.skipped or {}).get(self.resource)) is not None:
            return self._skipped(skip.get("id"))
        if not self.goes:
            return not_begun(self)
        texts: frozenset[str] = frozenset()
        try:
            provider = provider_of(self.provider)
            own = (self.changes or {}).get(self.resource) or {}
            before = Existing.from_plain(self.existing) if self.existing else None
            inputs: list[Any] = [live.changed(self.properties or {}, own), self.metadata]
            if before is not None:
                inputs += [getattr(before, name) for name in _OPENED]
            connect = connector(self.provider, self.credential, context)
            box = box_of(context, fetcher(connect))
            opened, texts = secrets.unseal_deep(inputs, box)
            request = CreateRequest(
                execution_id=execution_id(context),
                stack=self.stack or "stack",
                resource=self.resource,
                type=self.type,
                properties=opened[0] or {},
                metadata=opened[1] or {},
                attributes=_paths(self.attributes),
                external_id=self.external_id,
                rehearsal=rehearsal_for(self.resource, self.rehearsal),
                connect=connect,
                since=datetime.fromisoformat(self.since) if self.since else None,
                signals=self.signals or {},
                signal_workflow=self.signal_workflow,
                derive=box.derive,
            )
            change = None
            if before is None:
                created = provider.create(request)
            else:
                created, change = self._brought(
                    provider,
                    request,
                    replace(before, **dict(zip(_OPENED, opened[2:], strict=True))),
                    box,
                )
            texts |= generated.secrets_of(self.type, created)
            if secrets.holds_sealed([created.ref, created.physical_id, created.attributes]):
                # Whoever made it up would have the next action open or fetch it.
                raise ProviderError("what is reported of it holds a sealed value of someone else's")
            attributes = created.attributes.items()
            said = {} if change is None else {"change": change.value}
            return {
                **said,
                "ref": secrets.reseal_deep(created.ref, texts, box),
                "physical_id": secrets.reseal_deep(created.physical_id, texts, box),
                "attributes": {n: secrets.reseal_deep(v, texts, box) for n, v in attributes},
            }
        except (
            ProviderError,
            credentials.CredentialError,
            secrets.SealError,
            live.ChangeError,
            ExistingError,
        ) as error:
            again = error.again if isinstance(error, ProviderError) else None
            return failed(self, secrets.mask_text(str(error), texts), again)
        except Exception as error:
            # The engine would log it with its traceback, and it may show what was opened.
            return failed(self, secrets.mask_text(f"{type(error).__name__}: {error}", texts))

    def _skipped(self, ident: str | None) -> dict[str, Any]:
        """What is taken as done, by a person's word: what has this id, or else what there was."""
        there = self.existing or {}
        known = ident if ident is not None else there.get("physical_id")
        ref = ident if ident is not None else there.get("ref")
        return {"skipped": True, "id": ident, "ref": ref, "physical_id": known, "attributes": {}}

    def _brought(
        self, provider: Provider, request: CreateRequest, before: Existing, box: secrets.Box
    ) -> tuple[Created, Change]:
        """What exists, changed into what is wanted, or else another in its place. That is made in
        this execution's name, so that the two can be told apart."""
        restricted = self.restricted or ()
        try:
            if (before.type, before.provider.value) != (self.type, self.provider):
                raise ReplaceNeeded("it is of another type or another provider's")
            same = {n: v for n, v in request.properties.items() if n in before.unknown}
            if before.physical_id is None or bool(request.external_id) != before.external:
                raise ReplaceNeeded("it is not this stack's")
            updated = provider.update(
                UpdateRequest(
                    replace(
                        request,
                        execution_id=before.created_by or request.execution_id,
                        stack=before.stack,
                        derive=(box.of(before.created_by) if before.created_by else box).derive,
                    ),
                    before.physical_id,
                    {**before.properties, **same},
                    before.metadata,
                    before.attempted,
                    is_restricted="update" in restricted,
                )
            )
        except ReplaceNeeded as why:
            if "replace" in restricted:
                raise ProviderError(f"it may not be replaced {RESTRICTED}: {why}") from None
            return provider.create(request), Change.REPLACED
        return updated.created, updated.change


_OPENED = ("physical_id", "properties", "metadata", "attempted")
"""What of that which exists may be sealed."""


def _paths(attributes: Any) -> tuple[AttributePath, ...]:
    if not attributes:
        return ()
    items = [attributes] if isinstance(attributes, str) else attributes
    return tuple(
        tuple(item) if isinstance(item, (list, tuple)) else (str(item),) for item in items if item
    )
