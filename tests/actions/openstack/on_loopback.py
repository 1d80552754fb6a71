"""The openstack provider at work on little services of a loopback cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import openstack
import pytest
from heat.services import Asked, Cloud

from wfbreak.actions.openstack.provider import OpenStackProvider
from wfbreak.actions.provider import Created, CreateRequest, DeleteRequest, ProviderError
from wfbreak.again import Again


class Stack:
    """One execution's resources in a cloud. ``trusting`` is what each connection was asked for."""

    def __init__(self, cloud: Cloud, connection: Any, execution: str = "ex") -> None:
        self.cloud = cloud
        self.execution = execution
        self.trusting: list[bool] = []
        self._connection = connection
        self._provider = OpenStackProvider()

    def other(self) -> Stack:
        """That of another execution."""
        return Stack(self.cloud, self._connection, "another")

    def create(self, kind: str, properties: Mapping[str, Any], **more: Any) -> Created:
        """Made, tried as often as the engine would; the attributes are those named in ``show``."""
        names = tuple((name,) for name in more.pop("show", ()))
        given: Any = (self.execution, "stack", "one", kind, properties)
        request = CreateRequest(*given, attributes=names, connect=self._connect, **more)
        return _in_the_end(lambda: self._provider.create(request))

    def delete(self, kind: str, properties: Mapping[str, Any], ident: str | None = None) -> None:
        given: Any = (self.execution, "stack", "one", kind, properties, ident)
        request = DeleteRequest(*given, connect=self._connect)
        _in_the_end(lambda: self._provider.delete(request))

    def refusal(self, kind: str, properties: Mapping[str, Any]) -> str:
        with pytest.raises(ProviderError) as caught:
            self.create(kind, properties)
        return str(caught.value)

    @contextmanager
    def asking(self) -> Iterator[list[Asked]]:
        """What is asked to be changed meanwhile."""
        self.cloud.asked = asked = []
        yield asked

    def _connect(self, *, makes_trusts: bool = False) -> Any:
        self.trusting.append(makes_trusts)
        return self._connection


def connection(cloud: Cloud) -> Any:
    return openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_url=f"{cloud.url}/identity/v3",
        username="user",
        password="password",
        project_name="project",
        user_domain_id="default",
        project_domain_id="default",
        region_name="here",
    )


def _in_the_end(attempt: Any) -> Any:
    for _ in range(9):
        try:
            return attempt()
        except ProviderError as error:
            if error.again is not Again.PENDING:
                raise
    raise AssertionError("it does not come to an end")
