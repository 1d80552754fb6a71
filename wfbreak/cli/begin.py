"""Start an execution of a stack: the same for its creation, its updates and its deletion."""

from __future__ import annotations

import hashlib
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from wfbreak import audit, chain, live
from wfbreak.cli.former import Former
from wfbreak.engine import signalling, succession
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution
from wfbreak.engine.sealing import Sealer
from wfbreak.translate import Translation
from wfbreak.translate.document import Document, dump

_PATIENCE = 60.0
"""Seconds to wait for a moment in which nothing of the former execution is under way."""

_POLL = 0.3
"""Seconds."""

_DESCRIBED = 255
"""How many characters Mistral keeps of an execution's description (its database's column)."""

_READING = "Tasks are named as their resources; NAME:pre-… and NAME:post-… are breakpoints."


def begin(
    client: EngineClient,
    translation: Translation,
    event: str,
    reason: str | None,
    *,
    before: Former | None = None,
    env: Mapping[str, Any] | None = None,
    notify: Iterable[str] = (),
) -> Execution:
    """Upload a translation's workflow and start it, in the place of the execution ``before``.

    :raises Conflict: if somebody else was first, or the stack's name is taken.
    """
    # What is sealed is bound to the execution. Before anything is uploaded: it may be refused.
    ident = str(uuid.uuid4()) if before is None else chain.successor(before.execution.id)
    seal = Sealer(client, ident)
    inputs = {name: seal(value) for name, value in translation.inputs.items()}
    inputs |= {name: seal.refer(secret) for name, secret in translation.secrets.items()}
    own = live.merged(env or {}, audit.record(event, reason, user=client.user))
    return upload_and_start(
        client, translation.document, inputs, own, ident, before=before, notify=notify
    )


def upload_and_start(
    client: EngineClient,
    document: Document,
    inputs: Mapping[str, Any],
    env: Mapping[str, Any],
    ident: str,
    *,
    before: Former | None,
    notify: Iterable[str] = (),
) -> Execution:
    """Upload a document and start its execution ``ident``.

    :raises Conflict: if somebody else was first, or the stack's name is taken.
    """
    text = dump(document)
    if signalling.ASKED in text:
        signalling.upload(client)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    workflow = client.upload(text, f"wfbreak-{digest}")
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            execution = succession.start(
                client,
                workflow,
                inputs,
                env,
                execution_id=ident,
                description=_description(document[workflow.name], env),
                former=(before.execution, before.tasks) if before is not None else None,
                notify=notify,
            )
        except succession.Conflict as error:
            # What is tried again and again stands between two tries, and can be taken over then.
            if succession.UNDER_WAY not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_POLL)
            continue
        print(f"execution {execution.id}", file=sys.stderr)
        return execution


def _description(body: Mapping[str, Any], env: Mapping[str, Any]) -> str:
    """What a workflow UI shows above all else of an execution: what it is, whose, why, and, where
    it fits, how its tasks are to be read."""
    what = str(body["description"]).strip().splitlines()[-1]
    (entry,) = live.part(env, live.AUDIT).values()
    why = " ".join(str(entry.get("why", "")).split())
    said = f"{what} Begun ({entry['event']}) by {entry['who']}{f': {why}' if why else ''}."
    if len(said) > _DESCRIBED:
        return f"{said[: _DESCRIBED - 1]}…"
    read = f"{said} {_READING}"
    return read if len(read) <= _DESCRIBED else said
