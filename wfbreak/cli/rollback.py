"""Take a stack back to what it was: after a failure by itself if it was told to, or when asked."""

from __future__ import annotations

from wfbreak import audit, chain, live, stacks, tags, translate
from wfbreak.cli.begin import begin, upload_and_start
from wfbreak.cli.former import Former, former
from wfbreak.decide import Decision, DecisionRefused
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import Execution, State
from wfbreak.engine.succession import is_over
from wfbreak.status import as_written, document
from wfbreak.tags import Kind
from wfbreak.translate.reverting import revert


def roll_back(client: EngineClient, name: str, event: str, reason: str | None) -> Execution:
    """Start the way back of a stack, by its name or its execution's id: to what the last execution
    before made that came to its end, or, if there is none, to nothing.

    :raises DecisionRefused: if the stack is as it was made, and there is nothing before that, or
        only what was imported.
    """
    before = former(client, name, even_gone=True)
    stack = before.execution.workflow_name
    target = _target(client, before.execution)
    if target is None:
        if before.execution.state is State.SUCCESS:
            raise DecisionRefused(
                f"there is nothing before the execution {before.execution.id}: wfbreak delete "
                f"{stack} takes the stack away"
            )
        if _is_adopted(client, before.execution):
            raise DecisionRefused(
                f"the stack {stack} was imported, and what it was before only Heat knew: mend the "
                "template and update it"
            )
        gone = translate.delete(translate.Deletion(stack, before.stock))
        return begin(client, gone, event, reason, before=before)
    return _to(client, before, target, event, reason)


def is_wanted(execution: Execution) -> bool:
    """Whether an execution has failed that shall be taken back then."""
    return execution.state is State.ERROR and live.is_taken_back(execution.params.get("env"))


def _is_adopted(client: EngineClient, execution: Execution) -> bool:
    """Whether the stack's first execution took over what it had not made."""
    first = [execution, *stacks.predecessors(client.executions(), execution)][-1]
    return tags.kind(first.tags) is Kind.UPDATE


def _target(client: EngineClient, execution: Execution) -> Execution | None:
    for earlier in stacks.predecessors(client.executions(), execution):
        if earlier.state is State.SUCCESS and not is_over(earlier):
            return client.execution(earlier.id)
    return None


def _to(
    client: EngineClient, before: Former, target: Execution, event: str, reason: str | None
) -> Execution:
    workflow = client.workflow(target.workflow_id)
    body = as_written(workflow)
    back = revert(
        workflow.name, document(workflow), body, before.stock, f"what {target.id} has made"
    )
    # The texts of a document are its own.
    own = {name for item in body.get("input", ()) if isinstance(item, dict) for name in item}
    inputs = {name: value for name, value in target.input.items() if name not in own}
    env = audit.record(event, reason, Decision({}, facts={"to": target.id}), client.user)
    ident = chain.successor(before.execution.id)
    return upload_and_start(client, back, inputs, env, ident, before=before)
