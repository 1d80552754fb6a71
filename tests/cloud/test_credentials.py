"""With whose rights a stack is made in a cloud: its own application credential's, or its caller's.

As a plain member, on a Mistral with Keystone; what Keystone has and knows is asked of Keystone.
"""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest
import yaml
from cli import command
from mistral_lib import actions
from mistral_lib.actions import context as lib

from cloud.lab.cloud import Cloud
from cloud.lab.identity import MEMBER
from cloud.person import Person
from wfbreak import credentials, keys
from wfbreak.actions.credential import Credential, DeleteCredential
from wfbreak.actions.openstack.cloud import Cloud as Services
from wfbreak.actions.openstack.connection import connect
from wfbreak.actions.openstack.heat import HeatProvider
from wfbreak.actions.provider import CreateRequest, ProviderError
from wfbreak.again import Again
from wfbreak.engine.client import EngineClient
from wfbreak.engine.model import State
from wfbreak.providers import parse
from wfbreak.translate import Request, translate

SOON = 120.0
"""Seconds after the end of an execution in which its application credential has to go."""

ROLES = {"member", "reader"}
"""A member's: the second is implied by the first."""

TEMPLATE = """\
heat_template_version: 2018-08-31
resources:
  first:
    type: OS::Neutron::Net
  second:
    type: OS::Neutron::Net
    depends_on: first
"""

FAILING = """\
heat_template_version: 2018-08-31
resources:
  net:
    type: OS::Neutron::Net
    properties: {qos_policy: there-is-none}
"""

LIMIT = """\
breakpoints:
  - resource: second
    limit: 45
"""


@pytest.fixture(autouse=True)
def key(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has the executors' key, for the actions that it runs itself."""
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(cloud.seal_key))


@pytest.fixture(autouse=True)
def leave_nothing(member: Any) -> Iterator[None]:
    yield
    for net in member.network.networks(project_id=member.current_project_id):
        if "-first-" in net.name or "-second-" in net.name:
            member.network.delete_network(net)


@pytest.fixture
def engine(member: Any) -> EngineClient:
    url = member.session.get_endpoint(service_type="workflowv2")
    return EngineClient(url, member.session)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return write(tmp_path / "nets.yaml", TEMPLATE)


@pytest.fixture
def security(member: Any) -> dict[str, Any]:
    """A request of the member's, as Mistral has it."""
    token = member.session.get_token()
    return {
        "auth_token": token,
        "auth_uri": member.session.auth.auth_url,
        "project_id": member.current_project_id,
    }


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def run(person: Person, *arguments: str | Path, status: int = 5) -> str:
    """``wfbreak run … --provider openstack``: the execution's id."""
    answer = person.wfbreak("run", *arguments, "--provider", "openstack", "-f", "json")
    assert answer.status == status, answer.out + answer.err
    return str(json.loads(answer.out)["execution"])


def run_with_token(cloud: Cloud, token: str, url: str, *arguments: str | Path) -> command.Answer:
    """``wfbreak run`` with a token and nothing else."""
    return command.wfbreak(
        *("--mistral-url", url, "run", *arguments, "--provider", "openstack", "-f", "json"),
        OS_TOKEN=token,
    )


def names(person: Person) -> set[str]:
    """The application credentials of a person, as ``openstack`` lists them."""
    listed = person.openstack("application", "credential", "list", "-f", "json")
    return {credential["Name"] for credential in json.loads(listed)}


def until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(2)
    return True


def context(execution: str, **security: Any) -> Any:
    return lib.ActionContext(
        lib.SecurityContext(**security), lib.ExecutionContext(workflow_execution_id=execution)
    )


def error(result: Any) -> str:
    assert isinstance(result, actions.Result)
    return str(result.error)


def made(engine: EngineClient, execution: str) -> dict[str, Any]:
    """What the execution's task ``credential`` gave."""
    tasks = [task for task in engine.tasks(execution) if task.name == "credential"]
    return dict(engine.results(tasks)["credential"])


# The executions' own


def test_each_has_one_until_it_ends(
    cloud: Cloud, as_member: Person, member: Any, engine: EngineClient, tmp_path: Path
) -> None:
    """It ends by itself, is cancelled, or deleted from the engine; in ERROR it is there still."""
    template = write(tmp_path / "nets.yaml", TEMPLATE)
    failing = run(as_member, write(tmp_path / "failing.yaml", FAILING), status=4)
    failed_at = time.monotonic()
    done, cancelled, deleted = (
        run(as_member, template, "--break", "second", "--name", name)
        for name in ("nets-done", "nets-cancelled", "nets-deleted")
    )
    ends = {credentials.name_for(execution) for execution in (done, cancelled, deleted)}
    kept = credentials.name_for(failing)
    assert ends | {kept} <= names(as_member)

    user = member.current_user_id
    (found,) = member.identity.application_credentials(user, name=credentials.name_for(done))
    assert found.project_id == member.current_project_id
    assert {role["name"] for role in found.roles} <= ROLES
    assert "'nets-done'" in found.description
    assert done in found.description
    assert found.expires_at is not None
    secret = credentials.secret_for(done, user, found.project_id)
    rows = cloud.dump("mistral")
    assert found.id not in rows
    assert secret not in rows
    assert secret.encode().hex() not in rows.lower()
    assert [program for program, text in cloud.logs().items() if secret in text] == []

    as_member.wfbreak("resume", done)
    as_member.wfbreak("cancel", cancelled)
    as_member.openstack("workflow", "execution", "delete", "--force", deleted)
    assert until(lambda: not names(as_member) & ends, SOON)
    # What deleted them is cleared away, too.
    sent = f"{engine_url(member)}/action_executions?name=wfbreak.delete_credential"
    assert until(lambda: not member.session.get(sent).json()["action_executions"], 30)

    time.sleep(max(0.0, 90 - (time.monotonic() - failed_at)))
    assert kept in names(as_member)
    as_member.openstack("workflow", "execution", "delete", failing)
    assert until(lambda: kept not in names(as_member), SOON)


def test_a_stop_outlives_the_callers_token(
    cloud: Cloud, member: Any, engine: EngineClient, template: Path, tmp_path: Path
) -> None:
    """Nobody resumes: the time limit does, in a request with the token that is no more."""
    caller = cloud.connection(MEMBER)
    token = caller.auth_token
    limit = write(tmp_path / "limit.yaml", LIMIT)
    answer = run_with_token(cloud, token, engine_url(member), template, "--break-file", limit)
    assert answer.status == 5, answer.err
    execution = json.loads(answer.out)["execution"]
    revoke(member, token)
    assert engine.execution(execution).state is State.PAUSED
    assert until(lambda: engine.execution(execution).state is State.SUCCESS, 90)
    assert made(engine, execution)["name"] == credentials.name_for(execution)


def test_it_goes_though_engine_and_executor_were_killed(
    cloud: Cloud, as_member: Person, template: Path
) -> None:
    execution = run(as_member, template, "--break", "second")
    as_member.wfbreak("cancel", execution)
    cloud.kill("mistral-executor")
    cloud.restart("mistral-engine")
    time.sleep(75)
    # The engine has asked for it, and nobody was there.
    assert credentials.name_for(execution) in names(as_member)
    cloud.restart("mistral-engine")
    cloud.start("mistral-executor")
    assert until(lambda: credentials.name_for(execution) not in names(as_member), 2 * SOON)


def test_it_is_made_though_its_executor_dies_while_keystone_is_slow(
    cloud: Cloud, as_member: Person, member: Any, template: Path
) -> None:
    """The engine's own try after that has no token: it is lent one."""
    translation = translate(Request(str(template), providers=(parse("openstack"),)))
    client = EngineClient(member.session.get_endpoint(service_type="workflowv2"), member.session)
    workflow = client.upload(translation.text(), f"test-{translation.digest()}")
    keystone = ("-f", "--", f"--http-socket [^ ]*:{cloud.settings.ports.keystone} ")
    subprocess.run(["pkill", "-STOP", *keystone], check=True)
    try:
        execution = client.start(workflow, {})
        time.sleep(2)
        cloud.kill("mistral-executor")
    finally:
        subprocess.run(["pkill", "-CONT", *keystone], check=True)
    cloud.start("mistral-executor")
    deadline = time.monotonic() + SOON
    while not (found := client.execution(execution.id)).state.is_final:
        assert time.monotonic() < deadline
        time.sleep(1)
    assert found.state is State.SUCCESS, found.state_info
    tasks = {task.name: task for task in client.tasks(execution.id)}
    assert {"credential", "first", "second"} <= tasks.keys()  # all belong to the project
    made = tasks["credential"]
    assert client.results([made])["credential"]["credential"]
    tried = client._client.action_executions
    results = [tried.get(action.id).output for action in tried.list(made.id)]
    assert any("Heartbeat" in result for result in results)


def test_an_embedded_engine_has_its_users_rights(
    cloud: Cloud, as_member: Person, template: Path, tmp_path: Path
) -> None:
    """It has no Keystone, so no caller but its user, and makes no credential."""
    before = names(as_member)
    arguments = ("--state", tmp_path / "state", "run", template, "--provider", "openstack")
    variables = {"OS_CLIENT_CONFIG_FILE": str(cloud.clouds_yaml)}
    answer = command.wfbreak(*arguments, OS_CLOUD=as_member.account.entry, **variables)
    assert answer.status == 0, answer.out + answer.err
    assert names(as_member) == before
    answer = command.wfbreak(*arguments, **variables)
    assert answer.status == 4
    assert "set OS_CLOUD" in answer.out


def test_whoever_resumes_goes_on_where_it_is_gone(
    as_member: Person, member: Any, template: Path
) -> None:
    """Deleted by hand, say, or expired: the token of the request does."""
    execution = run(as_member, template, "--break", "second")
    as_member.openstack("application", "credential", "delete", credentials.name_for(execution))
    done = as_member.wfbreak("resume", execution)
    assert done.status == 0, done.out


def test_who_comes_with_one_goes_on_with_the_token(
    cloud: Cloud, as_member: Person, member: Any, engine: EngineClient, template: Path
) -> None:
    """Of a restricted one none can be made; of an unrestricted one none is."""
    user = member.current_user_id
    for unrestricted in (False, True):
        own = member.identity.create_application_credential(
            user, f"own-{uuid.uuid4()}", unrestricted=unrestricted
        )
        try:
            caller = openstack.connect(
                auth_type="v3applicationcredential",
                auth_url=member.session.auth.auth_url,
                application_credential_id=own.id,
                application_credential_secret=own.secret,
                load_envvars=False,
                load_yaml_config=False,
            )
            answer = run_with_token(cloud, caller.auth_token, engine_url(member), template)
            assert answer.status == 0, answer.out + answer.err
            execution = json.loads(answer.out)["execution"]
            result = made(engine, execution)
            assert result["credential"] is None
            assert "came with an application credential" in result["note"]
            assert credentials.name_for(execution) not in names(as_member)
        finally:
            member.identity.delete_application_credential(user, own)


# What others could try


@pytest.fixture
def colleague(cloud: Cloud, admin: Any, member: Any) -> Iterator[EngineClient]:
    """Another member of the same project; Mistral as he sees it."""
    password = uuid.uuid4().hex
    user = admin.identity.create_user(
        name=f"colleague-{uuid.uuid4()}", password=password, domain_id="default"
    )
    role = admin.identity.find_role("member")
    admin.identity.assign_project_role_to_user(member.current_project_id, user, role)
    connection = openstack.connect(
        auth_url=member.session.auth.auth_url,
        username=user.name,
        password=password,
        project_id=member.current_project_id,
        user_domain_id="default",
        load_envvars=False,
        load_yaml_config=False,
    )
    try:
        yield EngineClient(engine_url(connection), connection.session)
    finally:
        admin.identity.delete_user(user)


def test_a_colleague_cannot_use_what_he_sees(
    as_member: Person, colleague: EngineClient, template: Path, engine: EngineClient
) -> None:
    """He pastes another execution's into a workflow of his own, as the credential of a resource,
    as a property of one, and into what ends it."""
    execution = run(as_member, template, "--break", "second")
    sealed = made(colleague, execution)["credential"]
    assert sealed
    attacks: dict[str, tuple[str, dict[str, Any], str]] = {
        "resource": (
            "wfbreak.create",
            {
                "resource": "net",
                "type": "OS::Neutron::Net",
                "provider": "openstack",
                "credential": sealed,
            },
            "that of another execution",
        ),
        "property": (
            "wfbreak.create",
            {
                "resource": "value",
                "type": "OS::Heat::Value",
                "properties": {"value": sealed},
                "attributes": ["value"],
            },
            "cannot be opened",
        ),
    }
    for name, (action, inputs, refusal) in attacks.items():
        task = {"action": action, "input": inputs}
        document = yaml.safe_dump({"version": "2.0", f"attack-{name}": {"tasks": {"it": task}}})
        his = colleague.start(colleague.upload(document, f"attack-{uuid.uuid4()}"), {})
        assert until(lambda his=his: colleague.execution(his.id).state is State.ERROR, 60)
        (task_,) = colleague.tasks(his.id)
        assert refusal in str(task_.state_info) + str(colleague.results([task_])), task_
        colleague.delete(colleague.execution(his.id))
    assert as_member.wfbreak("resume", execution).status == 0


def test_a_member_has_no_more_than_a_members_rights(as_member: Person, tmp_path: Path) -> None:
    """The executor's service user may make flavors; a member may not, nor may the stack."""
    template = write(
        tmp_path / "net.yaml",
        "heat_template_version: 2018-08-31\nresources:\n  net:\n    type: OS::Neutron::Net\n"
        "    properties: {shared: true}\n",
    )
    answer = as_member.wfbreak("run", template, "--provider", "openstack", "-f", "json")
    assert answer.status == 4, answer.out
    (failed,) = json.loads(answer.out)["resources"]
    assert "not allowed" in failed["error"], failed


# The actions themselves


def test_an_action_that_runs_twice_makes_one(member: Any, security: dict[str, Any]) -> None:
    execution = str(uuid.uuid4())
    there = context(execution, **security)
    first, second = (Credential("s").run(there) for _ in range(2))
    opened = [
        credentials.opened(result["credential"], execution, None) for result in (first, second)
    ]
    assert opened[0] == opened[1]
    user, name = member.current_user_id, credentials.name_for(execution)
    assert [found.id for found in member.identity.application_credentials(user, name=name)] == [
        opened[0].id
    ]
    connection = connect(there, opened[0])
    assert connection is connect(there, opened[1])
    assert connection.current_user_id == user
    # As the engine sends it when the execution is over: no token, no execution.
    over = lib.ActionContext(lib.SecurityContext(), lib.ExecutionContext())
    for _ in range(2):
        assert DeleteCredential(execution, first["credential"]).run(over) == {"deleted": name}
    assert list(member.identity.application_credentials(user, name=name)) == []
    # A service refuses what was kept (invalidate is what a 401 does); the next try has the token.
    connection.session.invalidate()
    with pytest.raises(ProviderError) as refused:
        Services(connection).get("identity", "/auth/projects")
    assert refused.value.again is Again.STALE
    assert connect(there, opened[0]).session.auth is not connection.session.auth
    assert Services(connect(there, opened[0])).get("identity", "/auth/projects")["projects"]


def test_one_with_a_lost_secret_is_made_anew(
    member: Any, security: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = str(uuid.uuid4())
    there = context(execution, **security)
    first = Credential("s").run(there)
    keys.create_keys(tmp_path / "other")
    monkeypatch.setenv(keys.KEY_FILE_VARIABLE, str(tmp_path / "other"))
    second = Credential("s").run(there)
    assert second["name"] == first["name"]
    user = member.current_user_id
    (found,) = member.identity.application_credentials(user, name=first["name"])
    assert credentials.opened(second["credential"], execution, None).id == found.id
    assert DeleteCredential(execution, second["credential"]).run(there) == {"deleted": found.name}
    assert list(member.identity.application_credentials(user, name=first["name"])) == []


def test_a_trust_makes_none(cloud: Cloud, admin: Any, member: Any) -> None:
    user, project = member.current_user_id, member.current_project_id
    body = {
        "trustor_user_id": user,
        "trustee_user_id": user,
        "project_id": project,
        "impersonation": True,
        "roles": [{"name": "member"}],
    }
    trust = member.identity.post("/OS-TRUST/trusts", json={"trust": body}).json()["trust"]
    auth = member.config.get_auth_args()
    trusted = openstack.connect(
        auth_url=member.session.auth.auth_url,
        username=auth["username"],
        password=auth["password"],
        user_domain_id=auth["user_domain_id"],
        trust_id=trust["id"],
        load_envvars=False,
        load_yaml_config=False,
    )
    try:
        told = {"auth_token": trusted.auth_token, "auth_uri": member.session.auth.auth_url}
        result = Credential("s").run(context(str(uuid.uuid4()), **told))
        assert result["credential"] is None
        assert "came with a trust" in result["note"]
        assert connect(context("e", **told), None).current_user_id == user
    finally:
        member.identity.delete(f"/OS-TRUST/trusts/{trust['id']}")


def test_a_token_that_is_no_more_is_told_as_such(
    cloud: Cloud, member: Any, security: dict[str, Any]
) -> None:
    token = cloud.connection(MEMBER).auth_token
    revoke(member, token)
    there = context(str(uuid.uuid4()), **security | {"auth_token": token})
    with pytest.raises(ProviderError, match="expired or was revoked: run the task again"):
        connect(there, None)
    assert "expired or was revoked" in error(Credential("s").run(there))


def test_heat_is_asked_with_the_callers_token(member: Any, security: dict[str, Any]) -> None:
    """Keystone makes no trust for an application credential, and Heat needs one for a stack."""
    execution = str(uuid.uuid4())
    there = context(execution, **security)
    result = Credential("s").run(there)
    own = credentials.opened(result["credential"], execution, None)

    def request(resource: str) -> CreateRequest:
        return CreateRequest(
            execution_id=execution,
            stack="s",
            resource=resource,
            type="OS::Heat::RandomString",
            connect=lambda **how: connect(there, own, **how),
        )

    def create(resource: str) -> bool:
        try:
            return bool(HeatProvider().create(request(resource)).ref)
        except ProviderError as waiting:
            if waiting.again is None:
                raise
            return False

    try:
        assert until(lambda: create("one"), 90)
        there.security.auth_token = "gone"
        with pytest.raises(ProviderError, match="Heat is asked with your token"):
            HeatProvider().create(request("two"))
    finally:
        DeleteCredential(execution, result["credential"]).run(context("", **security))
        for stack in member.orchestration.stacks():
            if stack.name.startswith("s-one"):
                member.orchestration.delete_stack(stack)


def engine_url(connection: Any) -> str:
    return str(connection.session.get_endpoint(service_type="workflowv2"))


def revoke(connection: Any, token: str) -> None:
    """``openstack token revoke``."""
    url = f"{connection.session.auth.auth_url}/auth/tokens"
    connection.session.delete(url, headers={"X-Subject-Token": token})
