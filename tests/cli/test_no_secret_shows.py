"""Planted secrets are searched for in all that a stack leaves behind, and in all that is printed.

A stack uses hidden values in every way, on an engine that logs all it can. It is run, stopped, its
engine killed, looked at, changed, resumed, cancelled, and fails. Then the database, the logs, every
file of the engine's folder and every line that a command printed are searched for each secret, and
for what was computed of it; a value that is not hidden must be found in the same places.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from engine.process import EngineProcess, TalkativeEngine

from cli.command import Answer, wfbreak
from cli.screen import Terminal
from cli.written import forms
from wfbreak.actions.functions import OUTPUT_ERROR

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

# Letters and digits all through, so that no way of writing text (JSON, YAML, a URL) changes them.
VISIBLE = "visibleQ7giraffe"
CORES = {
    "password": "pwdK3zebra8crossing",
    "word": "wrdK3zebra8crossing",
    "config": "cfgK3zebra8crossing",
    "default": "dftK3zebra8crossing",
    "inner": "innK3zebra8crossing",
    "set": "setK3zebra8crossing",
    "pin": "73519284650",
}
PASSWORD = f"/ä\" {CORES['password']}\n'x%"

TEMPLATE = f"""\
heat_template_version: 2021-04-16
parameters:
  visible: {{type: string}}
  password: {{type: string, hidden: true, constraints: [{{length: {{min: 8}}}}]}}
  words: {{type: comma_delimited_list, hidden: true}}
  config: {{type: json, hidden: true}}
  pin: {{type: number, hidden: true}}
  default: {{type: string, hidden: true, default: {CORES["default"]}}}
resources:
  random: {{type: OS::Heat::RandomString, properties: {{length: 24}}}}
  pair: {{type: OS::Nova::KeyPair, properties: {{name: mine, save_private_key: true}}}}
  handle: {{type: OS::Heat::WaitConditionHandle}}
  shown: {{type: OS::Heat::Value, properties: {{value: {{get_param: visible}}}}}}
  plain: {{type: OS::Heat::Value, properties: {{value: {{get_param: password}}}}}}
  pin: {{type: OS::Heat::Value, properties: {{value: {{get_param: pin}}}}}}
  path: {{type: OS::Heat::Value, properties: {{value: {{get_param: [config, db, pass]}}}}}}
  digest:
    type: OS::Heat::Value
    properties: {{value: {{digest: [sha256, {{get_param: password}}]}}}}
  joined:
    type: OS::Heat::Value
    properties:
      value:
        list_join: ["+", {{get_param: words}}, [{{get_resource: random}}, {{get_param: default}}]]
  text:
    type: OS::Heat::SoftwareConfig
    properties:
      config:
        str_replace:
          template: "password=PW random=RND key=KEY"
          params:
            PW: {{get_attr: [plain, value]}}
            RND: {{get_attr: [random, value]}}
            KEY: {{get_attr: [pair, private_key]}}
  inner:
    type: inner.yaml
    properties:
      hidden: {{get_param: password}}
      given: {{yaql: {{expression: $.data.toUpper(), data: {{get_resource: random}}}}}}
  group:
    type: OS::Heat::ResourceGroup
    properties:
      count: 2
      resource_def:
        type: OS::Heat::Value
        properties: {{value: {{list_join: ["-", ["%index%", {{get_param: password}}]]}}}}
  server:
    type: OS::Nova::Server
    depends_on: [pin, path, handle, shown]
    properties:
      flavor: small
      image: debian
      networks: [{{network: {{get_param: visible}}}}]
      admin_pass: {{get_param: password}}
      user_data: {{get_attr: [text, config]}}
      metadata: {{token: {{get_attr: [handle, token]}}, joined: {{get_attr: [joined, value]}}}}
  last:
    type: OS::Heat::Value
    properties: {{value: {{get_attr: [server, show]}}}}
outputs:
  visible: {{value: {{get_param: visible}}}}
  plain: {{value: {{get_param: password}}}}
  path: {{value: {{get_param: [config, db, pass]}}}}
  digest: {{value: {{get_attr: [digest, value]}}}}
  joined: {{value: {{get_attr: [joined, value]}}}}
  random: {{value: {{get_resource: random}}}}
  key: {{value: {{get_attr: [pair, private_key]}}}}
  inner: {{value: {{get_attr: [inner, made]}}}}
  group: {{value: {{get_attr: [group, value]}}}}
  server: {{value: {{get_attr: [last, value]}}}}
  late: {{value: {{str_split: ["+", {{get_attr: [joined, value]}}, 0]}}}}
  wrong: {{value: {{str_split: ["+", {{get_param: password}}, 7]}}}}
"""

INNER = f"""\
heat_template_version: 2021-04-16
parameters:
  hidden: {{type: string, hidden: true}}
  given: {{type: string}}
  own: {{type: string, hidden: true, default: {CORES["inner"]}}}
resources:
  both:
    type: OS::Heat::Value
    properties:
      value:
        str_replace:
          template: "H G O"
          params: {{H: {{get_param: hidden}}, G: {{get_param: given}}, O: {{get_param: own}}}}
outputs:
  made: {{value: {{get_attr: [both, value]}}}}
"""

# What goes wrong, says a text with the secret in it, each in its own place: a service's message, a
# function in an action, a parameter's constraint.
FAILURES = {
    "message": "type: OS::Heat::Value, properties: {type: number, value: {get_param: password}}",
    "function": "type: OS::Heat::Value, properties: {value: {digest: [{get_param: password}, x]}}",
    "constraint": "type: pattern.yaml, properties: {p: {get_resource: random}}",
}
PATTERN = """\
heat_template_version: 2021-04-16
parameters:
  p: {type: string, constraints: [{allowed_values: [a, b]}]}
resources:
  v: {type: OS::Heat::Value, properties: {value: {get_param: p}}}
"""


GIVEN = (
    *("t.yaml", "-P", f"visible={VISIBLE}", "--parameter-file", "password=password.txt"),
    *("-P", f"words=a,{CORES['word']}", "-P", f"pin={CORES['pin']}"),
    *("-P", f"config={json.dumps({'db': {'pass': CORES['config']}})}"),
)


def failing(resource: str) -> str:
    return (
        "heat_template_version: 2021-04-16\n"
        "parameters: {password: {type: string, hidden: true}}\n"
        "resources:\n"
        "  random: {type: OS::Heat::RandomString, properties: {length: 24}}\n"
        f"  broken: {{{resource}}}\n"
    )


@dataclass
class Scene:
    """The engine's folder, and what all commands printed."""

    engine: EngineProcess
    folder: Path
    printed: list[str] = field(default_factory=list)

    def __call__(self, *arguments: str | Path, status: int = 0) -> Answer:
        # What is translated has no business with an engine; the rest prints all it can.
        where = [] if arguments[0] in ("translate", "plan") else ["--state", self.engine.state]
        answer = wfbreak("--debug", "-v", *arguments, *where, cwd=self.folder)
        self.printed += [answer.out, answer.err]
        assert answer.status == status, answer.err
        return answer

    def watch(self, command: str, keys: str, stack: str, *shown: str) -> None:
        """Look at a stack on a terminal; all that is on its screen counts as printed."""
        names = (stack,) if command == "wait" else ()
        where = ("--state", self.engine.state)
        with Terminal(command, *names, *where, cwd=self.folder, columns=132, lines=50) as terminal:
            terminal.until(stack)
            terminal.press(keys)
            for text in shown:
                terminal.until(text)
            self.printed.append(terminal.raw.decode())

    def stack(self, *more: str | Path, status: int) -> str:
        """Run the template; the execution's id."""
        answer = self("run", *GIVEN, "-f", "json", *more, status=status)
        return str(json.loads(answer.out)["execution"])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    (folder / "t.yaml").write_text(TEMPLATE)
    (folder / "inner.yaml").write_text(INNER)
    (folder / "pattern.yaml").write_text(PATTERN)
    (folder / "password.txt").write_text(PASSWORD)
    for name, resource in FAILURES.items():
        (folder / f"{name}.yaml").write_text(failing(resource))
    with TalkativeEngine(folder / "state") as engine:
        yield Scene(engine, folder)


@pytest.fixture(scope="module")
def revealed(scene: Scene) -> dict[str, Any]:
    """All that can be done to a stack; its outputs in the clear."""
    assert "wfbreak.create" in scene("translate", *GIVEN).out
    scene("plan", *GIVEN, "--break", "server")
    execution = scene.stack("--break", "server", status=5)
    for formatter in ("table", "json", "yaml"):
        scene("show", execution, "-f", formatter)
    scene("break", "list", execution)
    scene.engine.kill()
    scene.engine.start()
    scene("show", execution)
    change = f"server.user_data=before {CORES['set']} after"
    scene("resume", execution, "--set", change, "--reason", "because", "-f", "json")
    scene("audit", execution)
    scene("list")
    scene("top", "-f", "json")
    masked = json.loads(scene("outputs", execution, "-f", "json").out)
    assert {name for name, value in masked.items() if value == "******"} == {
        *("plain", "path", "digest", "joined", "random", "key", "inner", "late", "wrong")
    }
    scene("outputs", execution)
    # What is shown here is meant to be, and is not searched.
    shown = wfbreak("outputs", execution, "--reveal", "--state", scene.engine.state, "-f", "json")
    assert shown.status == 0, shown.err
    stack = json.loads(scene("show", execution, "-f", "json").out)["stack"]
    changed = (*GIVEN, "--break", "server")
    scene("update", stack, *changed, "--dry-run", "-f", "json")
    scene("update", stack, *changed, "--on-failure", "stop", status=5)
    scene("show", stack)
    scene.watch("top", "\r", stack, "server:pre-update")
    scene.watch("wait", "", stack, "server:pre-update")
    scene("resume", stack, "-f", "json")
    scene("update", stack, *changed, "--rehearse", "server:fail=broken", status=5)
    scene("rollback", stack)
    scene("delete", stack)
    scene("audit", stack, "-f", "json")
    scene("cancel", scene.stack("--break", "server", "--mode", "all-stop", status=5))
    for name, words in (
        ("message", "could not convert string to float: '******'"),
        ("function", "digest: the algorithm '******' is not one of"),
        ("constraint", "p: the given value (hidden)"),
    ):
        given = ["--parameter-file", "password=password.txt", "-f", "json"]
        failed = scene("run", f"{name}.yaml", *given, status=4)
        told = json.loads(failed.out)
        assert words in told["reason"], told["reason"]
        scene("show", told["execution"])
    outputs: dict[str, Any] = json.loads(shown.out)
    return outputs


def test_what_is_revealed_is_right(revealed: dict[str, Any]) -> None:
    random = revealed["random"]
    digest = hashlib.sha256(PASSWORD.encode("latin-1")).hexdigest()  # as Heat does
    joined = f"a+{CORES['word']}+{random}+{CORES['default']}"
    assert len(random) == 24
    assert revealed["visible"] == VISIBLE
    assert revealed["plain"] == PASSWORD
    assert revealed["path"] == CORES["config"]
    assert revealed["digest"] == digest
    assert revealed["joined"] == joined
    assert revealed["late"] == "a"
    assert revealed["inner"] == f"{PASSWORD} {random.upper()} {CORES['inner']}"
    assert revealed["group"] == [f"0-{PASSWORD}", f"1-{PASSWORD}"]
    server = revealed["server"]
    assert server["user_data"] == f"before {CORES['set']} after"
    assert server["admin_pass"] == PASSWORD
    assert server["metadata"]["joined"] == joined
    assert server["metadata"]["token"].startswith("rehearsal-")
    assert revealed["wrong"] == {
        OUTPUT_ERROR: "output wrong: str_split: the index 7 is not between 0 and 0"
    }


def planted(scene: Scene, revealed: dict[str, Any]) -> dict[str, str]:
    """Each text that must not show, by what it is."""
    keys = (scene.engine.state / "seal.key").read_text().splitlines()
    halves = [line for line in keys if line and line[0] not in "#-"]
    assert len(halves) == 2
    return {
        **CORES,
        "digest": revealed["digest"],
        "random": revealed["random"],
        "random in capitals": revealed["random"].upper(),
        "token": revealed["server"]["metadata"]["token"],
        "generated key": revealed["key"],
        **{f"private half {number}": half for number, half in enumerate(halves)},
    }


def left_behind(scene: Scene) -> dict[str, bytes]:
    """Everything, by where it is: files as they are, and the text of the database."""
    state = scene.engine.state
    found = {
        path.name: path.read_bytes()
        for path in state.rglob("*")
        if path.is_file() and path.name != "seal.key"
    }
    with sqlite3.connect(state / "mistral.sqlite") as database:
        # As it writes them, JSON in a column may escape what is not ASCII.
        found["the database's text"] = "\n".join(database.iterdump()).encode()
    found["what was printed"] = "\n".join(scene.printed).encode()
    return found


def test_no_secret_shows(scene: Scene, revealed: dict[str, Any]) -> None:
    places = left_behind(scene)
    assert {"mistral.sqlite", "engine.log", "mistral.conf"} <= set(places)
    shown = [
        f"{name} is in {place}"
        for name, secret in planted(scene, revealed).items()
        for place, content in places.items()
        if any(form in content for form in forms(secret))
    ]
    assert not shown


def test_what_is_not_hidden_is_found_where_a_secret_would_be(
    scene: Scene, revealed: dict[str, Any]
) -> None:
    places = left_behind(scene)
    # What was written last is in the log beside the database.
    places["mistral.sqlite"] += places.get("mistral.sqlite-wal", b"")
    for place in ("mistral.sqlite", "the database's text", "engine.log", "what was printed"):
        assert forms(VISIBLE)[0] in places[place], place
    hidden = base64.b64encode(f"before {CORES['set']} after".encode())
    assert any(form in hidden for form in forms(CORES["set"]))
    # The logs are those that say most.
    assert places["engine.log"].count(b" DEBUG ") > 100
    assert places["what was printed"].count(b"REQ: curl") > 20


def test_another_executions_token_stays_shut(scene: Scene, revealed: dict[str, Any]) -> None:
    """Whoever has read a sealed value cannot have it opened in a stack of their own."""
    client = scene.engine.client
    theirs = next(e for e in client.executions() if e.state.value == "SUCCESS" and e.is_stack)
    token = client.execution(theirs.id).output["plain"]
    (scene.folder / "mine.yaml").write_text(
        "heat_template_version: 2021-04-16\n"
        "parameters: {stolen: {type: json}}\n"
        "resources: {v: {type: OS::Heat::Value, properties: {value: {get_param: stolen}}}}\n"
        "outputs: {v: {value: {get_attr: [v, value]}}}\n"
    )
    answer = scene("run", "mine.yaml", "-P", f"stolen={json.dumps(token)}", "-f", "json", status=4)
    assert f"sealed for the execution {theirs.id} is not opened in" in answer.out
