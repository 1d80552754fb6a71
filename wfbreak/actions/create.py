"""``wfbreak.create``: one resource of a stack, as a task of a workflow.

The engine may run an action twice (it repeats what it did not see end), so this one is
level-triggered: its result depends on its input and on the execution's id alone. Whatever in the
input is sealed is opened here, fetched from the cloud's key manager where it lies there, handed to
the provider in the clear, and sealed again wherever the result shows it; so is what the resource
makes up itself, a password or a private key.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mistral_lib import actions

from wfbreak import credentials, live, secrets
from wfbreak.actions import generated
from wfbreak.actions.context import box_of, execution_id
from wfbreak.actions.making import connector, failed, fetcher, provider_of
from wfbreak.actions.provider import AttributePath, CreateRequest, ProviderError, Rehearsal


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
    :param deletion_policy: ``Retain`` or ``Snapshot``; it is kept here for the day of deletion.
    :param rehearsal: resource names or patterns, each with ``seconds``, ``fail``, ``fail_times``
        and ``attributes``. Meant for the execution's env:
        ``{"__actions": {"wfbreak.create": {"rehearsal": {...}}}}``.
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
        changes: Mapping[str, Any] | None = None,
        since: str | None = None,
        signals: Mapping[str, Any] | None = None,
        signal_workflow: str | None = None,
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
        self.changes = changes
        self.since = since
        self.signals = signals
        self.signal_workflow = signal_workflow

    def run(self, context: Any) -> Any:
        """``{"ref": TEXT, "physical_id": TEXT, "attributes": {NAME: VALUE}}``, or an error."""
        texts: frozenset[str] = frozenset()
        try:
            provider = provider_of(self.provider)
            own = (self.changes or {}).get(self.resource) or {}
            inputs = [live.changed(self.properties or {}, own), self.metadata]
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
            created = provider.create(request)
            texts |= generated.secrets_of(self.type, created)
            if secrets.holds_sealed([created.ref, created.physical_id, created.attributes]):
                # Whoever made it up would have the next action open or fetch it.
                raise ProviderError("what is reported of it holds a sealed value of someone else's")
            attributes = created.attributes.items()
            return {
                "ref": secrets.reseal_deep(created.ref, texts, box),
                "physical_id": secrets.reseal_deep(created.physical_id, texts, box),
                "attributes": {n: secrets.reseal_deep(v, texts, box) for n, v in attributes},
            }
        except (
            ProviderError,
            credentials.CredentialError,
            secrets.SealError,
            live.ChangeError,
        ) as error:
            again = error.again if isinstance(error, ProviderError) else None
            return failed(self, secrets.mask_text(str(error), texts), again)
        except Exception as error:
            # The engine would log it with its traceback, and it may show what was opened.
            return failed(self, secrets.mask_text(f"{type(error).__name__}: {error}", texts))


def _paths(attributes: Any) -> tuple[AttributePath, ...]:
    if not attributes:
        return ()
    items = [attributes] if isinstance(attributes, str) else attributes
    return tuple(
        tuple(item) if isinstance(item, (list, tuple)) else (str(item),) for item in items if item
    )


def rehearsal_for(resource: str, options: Any) -> Rehearsal:
    """The options for a resource: those of its name, else of the first pattern that fits.

    :raises ProviderError: if they are not of the form that :class:`Create` documents.
    """
    if not options:
        return Rehearsal()
    if not isinstance(options, Mapping):
        raise ProviderError("the rehearsal's options must be a map of resource names")
    chosen = options.get(resource)
    if chosen is None:
        fitting = (name for name in options if fnmatch.fnmatchcase(resource, str(name)))
        chosen = options.get(next(fitting, None))
    if not chosen:
        return Rehearsal()
    wrong = f"the rehearsal's options for {resource} must be a map of"
    if not isinstance(chosen, Mapping):
        raise ProviderError(f"{wrong} seconds, fail, fail_times and attributes")
    try:
        times = chosen.get("fail_times")
        return Rehearsal(
            seconds=float(chosen.get("seconds") or 0),
            fail=None if chosen.get("fail") in (None, False) else str(chosen["fail"]),
            fail_times=None if times is None else int(times),
            attributes=dict(chosen.get("attributes") or {}),
        )
    except (TypeError, ValueError) as error:
        raise ProviderError(f"{wrong} seconds, fail, fail_times and attributes: {error}") from None
