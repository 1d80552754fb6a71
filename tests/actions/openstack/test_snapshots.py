"""Who is asked for a snapshot before a deletion, and who refuses it."""

from __future__ import annotations

import types

import pytest

from wfbreak.actions.delete import Delete
from wfbreak.actions.openstack.heat import HeatProvider
from wfbreak.actions.provider import DeleteRequest, ProviderError
from wfbreak.actions.rehearse import RehearseProvider
from wfbreak.existing import Existing


@pytest.mark.parametrize(("policy", "keeps"), [("Snapshot", True), ("Delete", False)])
def test_the_policy_asks_for_it(monkeypatch: pytest.MonkeyPatch, policy: str, keeps: bool) -> None:
    asked: list[DeleteRequest] = []
    monkeypatch.setattr(RehearseProvider, "delete", lambda _, request: asked.append(request))
    there = Existing("v", "OS::Cinder::Volume", "e-id", physical_id="id", deletion_policy=policy)
    started = types.SimpleNamespace(workflow_execution_id="execution-1")
    action = Delete("v", "OS::Cinder::Volume", there.to_plain())
    result = action.run(types.SimpleNamespace(execution=started, security=None))
    assert result == {"deleted": "id"}
    assert [request.keeps for request in asked] == [keeps]


def test_heat_refuses_it() -> None:
    request = DeleteRequest("e", "s", "v", "OS::Cinder::Volume", keeps=True)
    with pytest.raises(ProviderError, match="deletion policy is Snapshot"):
        HeatProvider().delete(request)
