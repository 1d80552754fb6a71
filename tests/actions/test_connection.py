"""With whose rights an action talks to a cloud, as far as that is decided without one."""

from __future__ import annotations

import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mistral_lib.actions import context as lib

from wfbreak import again, credentials, keys, options, secrets
from wfbreak.actions.create import Create
from wfbreak.actions.credential import Credential, DeleteCredential
from wfbreak.actions.making import connector
from wfbreak.actions.openstack.connection import _Connections, connect
from wfbreak.actions.provider import ProviderError
from wfbreak.again import Again
from wfbreak.credentials import ApplicationCredential, CredentialError

NOWHERE = "http://127.0.0.1:9/identity"
"""Nothing listens at the port for discarding."""


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The executor's keys; its clouds are none."""
    path = tmp_path / "key"
    keys.create_keys(path)
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(path))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    for name in ("OS_CLOUD", "OS_AUTH_URL"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture
def noauth() -> Iterator[None]:
    """Mistral's configuration without Keystone."""
    from mistral import config

    config.CONF.set_override("auth_enable", False, group="pecan")
    yield
    config.CONF.clear_override("auth_enable", group="pecan")


def context(execution: str = "execution-1", **security: Any) -> Any:
    return lib.ActionContext(
        lib.SecurityContext(**security), lib.ExecutionContext(workflow_execution_id=execution)
    )


def credential(execution: str = "execution-1") -> ApplicationCredential:
    return ApplicationCredential(
        id="0123",
        secret="very-secret",
        name=credentials.name_for(execution),
        auth_url=NOWHERE,
        user_id="user",
        project_id="project",
        execution_id=execution,
    )


def error(result: Any) -> str:
    assert result.is_error()
    return str(result.error)


# The executor's own rights


def test_they_are_not_for_an_engine_with_keystone() -> None:
    """An action that the engine repeats by itself comes without a token."""
    with pytest.raises(ProviderError, match="the executor's own rights are not for that"):
        connect(context(), None)


@pytest.mark.usefixtures("noauth")
def test_they_are_not_for_a_caller_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "elsewhere")
    with pytest.raises(ProviderError) as failed:
        connect(context(auth_token="token", auth_uri=NOWHERE), None)
    assert failed.value.again is Again.UNREACHABLE
    assert NOWHERE in str(failed.value)


@pytest.mark.usefixtures("noauth")
@pytest.mark.parametrize(
    "said", [{"auth_token": "notused", "auth_uri": NOWHERE}, {"auth_token": "anything"}]
)
def test_what_clients_without_keystone_send_is_no_token(said: dict[str, str]) -> None:
    with pytest.raises(ProviderError, match="set OS_CLOUD"):
        connect(context(**said), None)
    assert "without a token" in Credential("s").run(context(**said))["note"]


def test_an_engine_with_keystone_has_to_know_its_address() -> None:
    with pytest.raises(ProviderError, match="does not know Keystone's address"):
        connect(context(auth_token="token"), None)


@pytest.mark.usefixtures("noauth")
def test_without_any_one_is_told_what_to_set() -> None:
    with pytest.raises(ProviderError, match=r"set OS_CLOUD to one of its clouds\.yaml"):
        connect(context(), None)


@pytest.mark.usefixtures("noauth")
def test_a_cloud_that_is_not_in_the_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "elsewhere")
    with pytest.raises(ProviderError, match="elsewhere"):
        connect(context(), None)


def test_what_cannot_be_reached_is_tried_again() -> None:
    with pytest.raises(ProviderError) as failed:
        connect(context(auth_token="token", auth_uri=NOWHERE), None)
    assert failed.value.again is not None
    with pytest.raises(ProviderError) as failed:
        connect(context(), credential())
    assert failed.value.again is not None


# A sealed application credential


def test_it_is_opened_for_its_execution() -> None:
    sealed = credentials.sealed(credential())
    assert credentials.opened(sealed, "execution-1", "project") == credential()
    assert "very-secret" not in repr(credential())
    assert "very-secret" not in str(sealed)


@pytest.mark.parametrize("execution", ["execution-2", ""])
def test_it_is_shut_for_any_other(execution: str) -> None:
    with pytest.raises(CredentialError, match="another execution"):
        credentials.opened(credentials.sealed(credential()), execution, "project")


def test_it_is_shut_in_another_project() -> None:
    sealed = credentials.sealed(credential())
    assert credentials.opened(sealed, "execution-1", None) == credential()
    with pytest.raises(CredentialError, match="another project"):
        credentials.opened(sealed, "execution-1", "project-2")


def test_a_request_with_target_headers_has_its_token_alone() -> None:
    """Mistral believes what project they name, and that is a way into others' executions."""
    target = context(auth_token="token", auth_uri=NOWHERE, project_id="project", is_target=True)
    made = Credential("s").run(target)
    assert made["credential"] is None
    assert "X-Target" in made["note"]
    way = connector("openstack", credentials.sealed(credential()), target)
    assert way is not None
    assert way.args == (target, None)


@pytest.mark.parametrize(
    "pasted", ["gAAAA", {}, {"wfbreak:sealed": "gAAAA"}, {"id": "0123", "secret": "x"}, [1], 7]
)
def test_nothing_else_is_taken_for_one(pasted: Any) -> None:
    with pytest.raises(CredentialError):
        credentials.opened(pasted, "execution-1", None)


def test_what_a_person_sealed_is_not_taken_for_one() -> None:
    """Anybody can seal with the public key; an application credential takes the private one."""
    ring = keys.load_keys()
    assert ring is not None
    own = {"id": "0123", "secret": "x", "execution_id": "execution-1", "auth_url": NOWHERE}
    sealed = secrets.seal(own, ring.sealing, secrets.Place("execution-1"))
    with pytest.raises(CredentialError, match="cannot be opened"):
        credentials.opened(sealed, "execution-1", "project")


def test_no_resource_can_be_told_its_secret() -> None:
    """Not even in its own execution, whose properties others can change at a stop."""
    sealed = credentials.sealed(credential())
    create = Create("value", "OS::Heat::Value", {"value": sealed}, ["value"])
    assert "cannot be opened" in error(create.run(context()))
    changes = {"value": {"value": sealed}}
    create = Create("value", "OS::Heat::Value", {"value": "x"}, ["value"], changes=changes)
    assert "cannot be opened" in error(create.run(context()))


@pytest.mark.parametrize("provider", ["openstack", "heat"])
def test_a_pasted_one_is_refused(provider: str) -> None:
    sealed = credentials.sealed(credential("execution-2"))
    kind = "OS::Neutron::Net"
    create = Create("net", kind, {}, provider=provider, credential=sealed)
    text = error(create.run(context(auth_token="token", auth_uri=NOWHERE)))
    assert "that of another execution, execution-2" in text
    delete = DeleteCredential("execution-1", sealed)
    assert "that of another execution, execution-2" in error(delete.run(context()))


def test_keys_that_are_rotated_open_it_still(key_file: Path) -> None:
    sealed = credentials.sealed(credential())
    secret = credentials.secret_for("execution-1", "user", "project")
    keys.rotate_keys(key_file)
    assert credentials.opened(sealed, "execution-1", "project") == credential()
    assert credentials.secret_for("execution-1", "user", "project") != secret


def test_its_secret_is_that_of_one_user_project_and_execution() -> None:
    wanted = [
        ("e", "u", "p"),
        ("e2", "u", "p"),
        ("e", "u2", "p"),
        ("e", "u", "p2"),
        ("e/u", "", "p"),
    ]
    told = {credentials.secret_for(*one) for one in wanted}
    assert len(told) == len(wanted)
    assert credentials.secret_for("e", "u", "p") in told


# None can be made


def test_without_a_token_it_is_tried_again() -> None:
    """Mistral's own tries have none, until they are lent one (wfbreak/engine/behalf.py)."""
    text = error(Credential("s").run(context()))
    assert again.read(text) is Again.NOBODY


def test_without_a_keystone_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "has_keystone", lambda: False)
    made = Credential("s").run(context())
    assert made["credential"] is None
    assert "without a token" in made["note"]


def test_without_a_key_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.KEY_FILE_VARIABLE)
    made = Credential("s").run(context(auth_token="token", auth_uri=NOWHERE))
    assert made["credential"] is None
    assert "no key" in made["note"]


# Connections are kept


def connection(closed: list[str], name: str) -> Any:
    session = types.SimpleNamespace(close=lambda: closed.append(name))
    return types.SimpleNamespace(session=session, name=name)


def test_the_one_that_was_not_used_for_longest_is_closed() -> None:
    closed: list[str] = []
    kept = _Connections(2)
    for name in ("a", "b", "a", "c"):
        assert kept.get((name,), lambda name=name: connection(closed, name)).name == name
    assert closed == ["b"]
    assert len(kept) == 2


def test_many_that_ask_at_once_have_one() -> None:
    made: list[str] = []
    kept = _Connections(2)
    barrier = threading.Barrier(8)
    found: list[Any] = []

    def make() -> Any:
        made.append("a")
        return connection([], "a")

    def ask() -> None:
        barrier.wait()
        found.append(kept.get(("a",), make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["a"]
    assert len(found) == 8
    assert all(one is found[0] for one in found)


def test_one_that_cannot_be_made_is_tried_again() -> None:
    kept = _Connections(2)

    def fail() -> Any:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        kept.get(("a",), fail)
    assert kept.get(("a",), lambda: connection([], "a")).name == "a"


def test_mistrals_sample_configuration_has_the_options() -> None:
    listed = [option.name for _, group in options.listed() for option in group]
    assert {"cloud", "region_name", "interface", "credential_days", "seal_key_file"} == set(listed)
