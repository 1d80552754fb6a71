"""A hidden parameter whose value lies in the cloud's key manager, as a plain member on Mistral.

What lies there is fetched by the action that makes a resource of it, with the rights of the stack,
and stands nowhere but in what is made of it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli import command
from cli.written import forms
from engine.process import TalkativeEngine

from cloud.lab.cloud import Cloud
from cloud.person import Person
from wfbreak import keys

FAILED = 4
STOPPED = 5
BAD_INPUT = 3

TEMPLATE = """\
heat_template_version: 2021-04-16
parameters:
  visible: {type: string}
  password: {type: string, hidden: true, constraints: [{length: {min: 12}}]}
  config: {type: json}
resources:
  before: {type: OS::Heat::Value, properties: {value: {get_param: visible}}}
  volume:
    type: OS::Cinder::Volume
    depends_on: before
    properties:
      size: 1
      metadata:
        shown: {get_param: visible}
        token: {get_param: [config, db, token]}
  inner:
    type: inner.yaml
    depends_on: before
    properties: {given: {get_param: password}}
  server:
    type: OS::Nova::Server
    properties:
      flavor: m1.tiny
      image: debian-12
      networks: [{allocate_network: none}]
      user_data_format: RAW
      user_data:
        str_replace:
          template: "password=PW token=TOKEN inner=INNER"
          params:
            PW: {get_param: password}
            TOKEN: {get_attr: [volume, metadata_values, token]}
            INNER: {get_attr: [inner, made]}
outputs:
  visible: {value: {get_param: visible}}
  password: {value: {get_param: password}}
  inner: {value: {get_attr: [inner, made]}}
"""

INNER = """\
heat_template_version: 2021-04-16
parameters: {given: {type: string}}
resources:
  one:
    type: OS::Heat::Value
    properties: {value: {list_join: ["/", [{get_param: given}, end]]}}
outputs:
  made: {value: {get_attr: [one, value]}}
"""

VALUE = """\
heat_template_version: 2021-04-16
parameters: {password: {type: string, hidden: true, constraints: [{length: {min: 12}}]}}
resources:
  before: {type: OS::Heat::Value, properties: {value: "a"}}
  one:
    type: OS::Heat::Value
    depends_on: before
    properties: {value: {list_join: ["-", [{get_param: password}, x]]}}
"""


@dataclass(frozen=True, slots=True)
class Secret:
    payload: str
    ref: str

    @property
    def ident(self) -> str:
        return self.ref.rpartition("/")[2]


@pytest.fixture
def lay(member: Any) -> Iterator[Callable[[str], Secret]]:
    """Lay a text into the member's key manager."""
    made = []

    def lay(payload: str) -> Secret:
        kept = member.key_manager.create_secret(
            name="planted", payload=payload, payload_content_type="text/plain"
        )
        made.append(Secret(payload, kept.secret_ref))
        return made[-1]

    yield lay
    for secret in made:
        member.key_manager.delete_secret(secret.ident, ignore_missing=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "inner.yaml").write_text(INNER)
    (tmp_path / "value.yaml").write_text(VALUE)
    return tmp_path


def planted() -> str:
    return f"planted{secrets.token_hex(12)}"


def run(
    person: Person, folder: Path, *arguments: str | Path, status: int = 0, **more: str
) -> dict[str, Any]:
    """``wfbreak run``: the stack as it is shown."""
    answer = person.wfbreak("run", *arguments, "-f", "json", cwd=folder, **more)
    assert answer.status == status, answer.out + answer.err
    shown: dict[str, Any] = json.loads(answer.out)
    return shown


def fetched(cloud: Cloud, secret: Secret) -> bool:
    """Whether anybody has asked the key manager for the payload."""
    return f"{secret.ident}/payload" in cloud.logs()["barbican"]


def test_it_is_fetched_where_it_is_needed_and_stands_nowhere_else(
    cloud: Cloud,
    as_member: Person,
    member: Any,
    admin: Any,
    folder: Path,
    lay: Callable[[str], Secret],
) -> None:
    """Through functions, through a nested stack's parameter, and out of a JSON text."""
    password, token = lay(planted()), planted()
    config = lay(json.dumps({"db": {"token": token}}))
    visible = f"visible{secrets.token_hex(12)}"
    printed = []

    def wfbreak(*arguments: str | Path, status: int = 0, **more: str) -> command.Answer:
        answer = as_member.wfbreak("--debug", "-v", *arguments, cwd=folder, **more)
        printed.extend([answer.out, answer.err])
        assert answer.status == status, answer.err
        return answer

    given = ("-P", f"visible={visible}", "--parameter-secret", f"password={password.ident}")
    given = (*given, "--parameter-secret", f"config={config.ref}")
    stop = ("--break", "volume", "--break", "inner/one", "--mode", "all-stop")
    answer = wfbreak("run", "t.yaml", *given, *stop, "-f", "json", status=STOPPED)
    execution = json.loads(answer.out)["execution"]
    try:
        wfbreak("show", execution)
        assert not fetched(cloud, password)
        assert not fetched(cloud, config)
        done = json.loads(wfbreak("resume", execution, "-f", "json").out)
        assert fetched(cloud, password)
        ids = {r["name"]: r["ref"] for r in done["resources"]}
        volume = member.block_storage.get_volume(ids["volume"])
        assert volume.metadata["token"] == token
        shown = admin.compute.get(f"/servers/{ids['server']}", microversion="2.3").json()
        told = base64.b64decode(shown["server"]["OS-EXT-SRV-ATTR:user_data"]).decode()
        inner = f"{password.payload}/end"
        assert told == f"password={password.payload} token={token} inner={inner}"
        outputs = json.loads(wfbreak("outputs", execution, "-f", "json").out)
        assert outputs == {"visible": visible, "password": "******", "inner": "******"}
        key = {keys.KEY_FILE_VARIABLE: str(cloud.seal_key)}
        # What is shown here is meant to be, and is not searched.
        answer = as_member.wfbreak("outputs", execution, "--reveal", "-f", "json", **key)
        revealed = json.loads(answer.out)
        assert revealed["inner"] == inner
        assert f"the secret {password.ident} lies in the cloud's" in str(revealed["password"])
        places = {
            "the database": cloud.dump("mistral").lower().encode(),
            "what was printed": "\n".join(printed).encode(),
            **{name: text.encode() for name, text in cloud.logs().items()},
        }
        for name in ("the database", "what was printed"):
            assert forms(visible)[0] in places[name], name
        shows = [
            name
            for name, content in places.items()
            for text in (password.payload, token)
            for form in forms(text)
            if form in content
        ]
        assert not shows
        # Nor does the secret's id: what travels is sealed.
        assert password.ident not in cloud.dump("mistral")
    finally:
        as_member.wfbreak("cancel", execution)
        deleted = as_member.wfbreak("delete", execution)
    assert deleted.status == 0, deleted.err


def test_a_deleted_secret_fails_with_its_own_words(
    cloud: Cloud, as_member: Person, member: Any, folder: Path, lay: Callable[[str], Secret]
) -> None:
    """It is fetched with nothing before the resource is made that needs it."""
    secret = lay(planted())
    given = ("value.yaml", "--parameter-secret", f"password={secret.ident}", "--break", "one")
    stopped = run(as_member, folder, *given, status=STOPPED)
    member.key_manager.delete_secret(secret.ident)
    answer = as_member.wfbreak("resume", stopped["execution"], "-f", "json")
    assert answer.status == FAILED
    assert f"key manager has no secret {secret.ident}: it was deleted, has expired" in answer.out
    assert not fetched(cloud, secret)


def test_another_project_cannot_use_it(
    cloud: Cloud, as_other_member: Person, folder: Path, lay: Callable[[str], Secret]
) -> None:
    secret = lay(planted())
    given = ("value.yaml", "--parameter-secret", f"password={secret.ref}")
    failed = run(as_other_member, folder, *given, status=FAILED)
    assert f"does not give the secret {secret.ident} to this stack's project" in failed["reason"]
    assert secret.payload not in cloud.dump("mistral")


def test_a_constraint_is_checked_when_it_is_there(
    cloud: Cloud, as_member: Person, folder: Path, lay: Callable[[str], Secret]
) -> None:
    secret = lay("shortword")
    given = ("value.yaml", "--parameter-secret", f"password={secret.ident}")
    failed = run(as_member, folder, *given, status=FAILED)
    assert (
        "password: the given value (hidden) has a length of 9, not at least 12" in failed["reason"]
    )
    assert secret.payload not in json.dumps(failed)
    assert secret.payload not in cloud.dump("mistral")


@contextlib.contextmanager
def without_key_manager(admin: Any) -> Iterator[None]:
    """The catalogue does not name it in the block."""
    (service,) = admin.identity.services(type="key-manager")
    endpoints = list(admin.identity.endpoints(service_id=service.id))
    try:
        for endpoint in endpoints:
            admin.identity.update_endpoint(endpoint, is_enabled=False)
        yield
    finally:
        for endpoint in endpoints:
            admin.identity.update_endpoint(endpoint, is_enabled=True)


def test_a_cloud_without_a_key_manager_is_told(as_member: Person, admin: Any, folder: Path) -> None:
    with without_key_manager(admin):
        given = ("value.yaml", "--parameter-secret", f"password={uuid.uuid4()}")
        failed = run(as_member, folder, *given, status=FAILED)
    assert "cannot be fetched: the cloud's catalogue has no key manager" in failed["reason"]


def test_an_address_elsewhere_is_not_asked(
    as_member: Person, folder: Path, lay: Callable[[str], Secret]
) -> None:
    """Of an address only the id counts; the catalogue says where it is."""
    secret = lay(planted())
    elsewhere = f"http://127.0.0.1:1/v1/secrets/{secret.ident}"
    run(as_member, folder, "value.yaml", "--parameter-secret", f"password={elsewhere}")


def test_an_embedded_engine_has_its_users_key_manager(
    cloud: Cloud, as_member: Person, folder: Path, tmp_path: Path, lay: Callable[[str], Secret]
) -> None:
    """Its log says all that there is to say, the requests to the key manager among it. In a
    rehearsal it has none, and that is told before anything runs."""
    secret = lay(planted())
    given = ("run", "value.yaml", "--parameter-secret", f"password={secret.ident}")
    clouds = {"OS_CLIENT_CONFIG_FILE": str(cloud.clouds_yaml), "OS_CLOUD": as_member.account.entry}
    with TalkativeEngine(tmp_path / "state", clouds) as engine:
        where = ("--state", engine.state)
        done = command.wfbreak(*where, *given, "--provider", "openstack", cwd=folder)
        assert done.status == 0, done.out + done.err
        rehearsed = command.wfbreak(*where, *given, cwd=folder)
    assert rehearsed.status == BAD_INPUT
    assert "a rehearsal has no key manager to fetch password from" in rehearsed.err
    assert fetched(cloud, secret)
    left = {path.name: path.read_bytes() for path in engine.state.rglob("*") if path.is_file()}
    assert f"/v1/secrets/{secret.ident}".encode() in left["engine.log"]
    assert [n for n, content in left.items() for f in forms(secret.payload) if f in content] == []
