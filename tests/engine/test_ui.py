"""What answers at the addresses of ``wfbreak ui``, on a real engine."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wfbreak import audit, stacks
from wfbreak.cli.begin import begin
from wfbreak.engine.client import EngineClient
from wfbreak.engine.connect import EngineOptions
from wfbreak.engine.model import Execution, State
from wfbreak.status import BreakpointState
from wfbreak.translate import Request, translate
from wfbreak.translate.stages import Mode
from wfbreak.ui import app, memory, safety
from wfbreak.ui.reaching import Engine

from .support import tasks_of, wait

pytestmark = pytest.mark.engine

SECRET = "swordfish-swordfish"
TEMPLATE = f"""\
heat_template_version: 2021-04-16
parameters:
  word: {{type: string, hidden: true, default: {SECRET}}}
resources:
  a: {{type: OS::Heat::Value, properties: {{value: {{get_param: word}}}}}}
  b: {{type: OS::Heat::TestResource, properties: {{value: b, fail: FAIL}}}}
  last: {{type: OS::Heat::Value, properties: {{value: {{get_attr: [a, value]}}}}, depends_on: b}}
outputs: {{word: {{value: {{get_attr: [a, value]}}}}}}
"""
ENDED = (State.SUCCESS, State.PAUSED, State.ERROR)
HOST = "http://127.0.0.1:1"


class Browser:
    """Asks as a browser does that has opened the printed address."""

    def __init__(self, made: Any, token: str) -> None:
        self.token = token
        self.raw = made.test_client()
        self.texts: list[str] = []

    def get(self, path: str, **more: Any) -> Any:
        return self._kept(self.raw.get(path, base_url=HOST, **more))

    def enter(self) -> Browser:
        assert self.get(f"/?token={self.token}").status_code == 200
        return self

    def post(self, path: str, page: str, **fields: Any) -> Any:
        """Send a form of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found is not None
        given = {"csrf_token": found[1], **fields}
        return self._kept(self.raw.post(path, base_url=HOST, data=given))

    def _kept(self, answer: Any) -> Any:
        self.texts += [answer.text, str(answer.headers)]
        return answer


class Scene:
    """Stacks of an engine, and the pages that show them."""

    def __init__(self, client: EngineClient, folder: Path) -> None:
        self.client, self.folder = client, folder

    def stack(self, *breaks: str, fail: bool = False, mode: Mode = Mode.NON_STOP) -> Execution:
        path = self.folder / "t.yaml"
        path.write_text(TEMPLATE.replace("FAIL", str(fail).lower()))
        made = translate(Request(str(path), breaks=breaks, mode=mode))
        return wait(self.client, begin(self.client, made, "run", None), *ENDED)

    def settled(self, execution: Execution) -> Execution:
        return wait(self.client, self.client.execution(execution.id), *ENDED)

    def told(self, execution: Execution, event: str) -> list[audit.Event]:
        now = self.client.execution(execution.id)
        status = stacks.read_status(self.client, now)
        trail = audit.trail(now, status, tasks_of(self.client, now), {})
        return [each for each in trail if each.event == event]

    def stops(self, execution: Execution) -> dict[str, tuple[BreakpointState, bool]]:
        status = stacks.read_status(self.client, self.client.execution(execution.id))
        return {b.name: (b.state, b.is_armed) for b in status.breakpoints}


@pytest.fixture
def scene(engine: EngineClient, tmp_path: Path) -> Scene:
    return Scene(engine, tmp_path)


@pytest.fixture
def stranger(
    engine: EngineClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    monkeypatch.setattr(memory, "_PATIENCE", 60.0)  # all of it, however busy the machine is
    with Engine(EngineOptions(mistral_url=engine.url)) as asked:
        made, behind, token = app.make(asked, safety.Names("127.0.0.1"), app.Shown(tmp_path), 1)
        yield Browser(made, token)
        behind.end()


@pytest.fixture
def browser(stranger: Browser) -> Browser:
    return stranger.enter()


def page_of(execution: Execution) -> str:
    return f"/stacks/{execution.id}"


def refusal(answer: Any) -> str:
    found = re.search(r'id="refusal"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None, answer.text[-500:]
    return html.unescape(found[1])


# Who comes in


@pytest.mark.parametrize(
    "path", ["/", "/changes", "/stacks/x", "/favicon.ico", "/stacks/x/changes"]
)
def test_without_the_token_nothing_is_shown(stranger: Browser, path: str) -> None:
    for address in (path, f"{path}?token=", f"{path}?token=wrong"):
        answer = stranger.get(address)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    assert stranger.raw.post(path, base_url=HOST).status_code == 403


def test_the_token_is_for_a_cookie_of_this_server(stranger: Browser) -> None:
    answer = stranger.get(f"/?token={stranger.token}")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("wfbreak-1=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert stranger.token not in cookie + answer.text
    assert stranger.get("/").status_code == 200


def test_a_cookie_of_another_process_is_none(engine: EngineClient, browser: Browser) -> None:
    with Engine(EngineOptions(mistral_url=engine.url)) as asked:
        made, _, _ = app.make(asked, safety.Names("127.0.0.1"), app.Shown(), 1)
        cookie = browser.raw.get_cookie("wfbreak-1", domain="127.0.0.1")
        assert cookie is not None
        answer = made.test_client().get("/", base_url=HOST, headers={"Cookie": str(cookie)})
        assert answer.status_code == 403


def test_a_strangers_name_is_refused(browser: Browser) -> None:
    for host in ("evil.example.org", "evil.example.org:1", "127.0.0.1.evil.example.org"):
        for path in ("/", f"/?token={browser.token}"):
            answer = browser.get(path, headers={"Host": host})
            assert answer.status_code == 403
            assert "Stacks" not in answer.text
    assert browser.get("/", headers={"Host": "localhost:9000"}).status_code == 403  # its cookie
    assert (
        browser.get(f"/?token={browser.token}", headers={"Host": "localhost:9"}).status_code == 200
    )


@pytest.mark.parametrize("origin", ["http://evil.example.org", "null", "http://127.0.0.1:2"])
def test_a_page_from_elsewhere_is_refused(browser: Browser, origin: str) -> None:
    for asked in (browser.raw.get, browser.raw.post):
        assert asked("/", base_url=HOST, headers={"Origin": origin}).status_code == 403
    own = {"Origin": "http://127.0.0.1:1"}
    assert browser.get("/", headers=own).status_code == 200


def test_a_form_without_a_script_has_no_origin(browser: Browser) -> None:
    said = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.get("/", headers=said).status_code == 200
    said["Sec-Fetch-Site"] = "same-site"
    assert browser.get("/", headers=said).status_code == 403


def test_a_form_without_its_token_does_nothing(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    for given in ({}, {"csrf_token": "made-up"}):
        for deed in ("resume", "step", "retry", "skip", "arm", "disarm", "cancel"):
            fields = {"which": "all", "sure": "yes", "place": "a:pre-create", **given}
            answer = browser.raw.post(f"{page_of(execution)}/{deed}", base_url=HOST, data=fields)
            assert answer.status_code == 403
            assert "open the page anew" in refusal(answer)
    assert scene.client.execution(execution.id).state is State.PAUSED
    assert not scene.told(execution, "break")


def test_looking_changes_nothing(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    before = scene.client.execution(execution.id)
    for deed in ("resume", "step", "retry", "skip", "arm", "disarm", "cancel"):
        assert browser.get(f"{page_of(execution)}/{deed}?which=all&sure=yes").status_code == 405
    browser.get(page_of(execution))
    assert scene.client.execution(execution.id) == before


def test_what_every_answer_says(stranger: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    answers = [stranger.get("/"), stranger.enter().get("/"), stranger.get("/stacks/none")]
    answers += [stranger.get(page_of(execution)), stranger.get(f"{page_of(execution)}/changes")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline", policy)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers


# What is shown


def test_the_list(browser: Browser, scene: Scene) -> None:
    stopped, done = scene.stack("a"), scene.stack()
    text = browser.get("/").text
    for execution in (stopped, done):
        assert f'href="/stacks/{execution.id}"' in text
    assert "a:pre-create (set by --break a)" in text
    only = browser.get(f"/?name={stopped.workflow_name}&state=PAUSED").text
    assert stopped.id in only
    assert done.id not in only
    assert stopped.id not in browser.get(f"/?name={stopped.workflow_name}&state=ERROR").text


def test_a_stack_by_its_name(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    assert execution.id in browser.get(f"/stacks/{execution.workflow_name}").text
    assert browser.get("/stacks/no-such").status_code == 404
    assert browser.get(f"/stacks/{'0' * 36}").status_code == 404
    assert browser.get("/nothing/here").status_code == 404


def test_what_is_hidden_is_in_no_answer(browser: Browser, scene: Scene) -> None:
    for execution in (scene.stack("last"), scene.stack(), scene.stack(fail=True)):
        browser.get(page_of(execution))
        browser.get("/")
        browser.post(f"{page_of(execution)}/arm", "/stacks/" + scene.stack("b").id, pattern="x")
        browser.get(f"{page_of(execution)}/changes")
    texts = "\n".join(browser.texts)
    assert "******" in texts
    assert SECRET not in texts
    assert browser.token not in texts


def test_a_page_that_waits_is_told(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    one, everything = f"{page_of(execution)}/changes", "/changes"
    seen = {path: browser.get(f"{path}?since=").json["version"] for path in (one, everything)}
    scene.client.amend(execution, {"x": {"y": 1}})
    told = browser.get(f"{one}?since={seen[one]}").json["version"]
    assert told != seen[one]
    scene.client.cancel(execution, "no more")
    assert browser.get(f"{one}?since={told}").json["version"] != told
    now = browser.get(f"{everything}?since={seen[everything]}").json["version"]
    assert now != seen[everything]


def test_the_version_of_a_page_is_that_of_its_changes(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    for page, path in ((page_of(execution), f"{page_of(execution)}/changes"), ("/", "/changes")):
        found = re.search(r'data-version="(\w+)"', browser.get(page).text)
        assert found is not None
        assert browser.get(f"{path}?since=").json["version"] == found[1]


# What is decided


def test_resume(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a", "b")
    page = page_of(execution)
    answer = browser.post(
        f"{page}/resume", page, which="chosen", breakpoint="a:pre-create", reason=" so  it is "
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "goes on past a:pre-create; held: b:pre-create" in browser.get(page).text
    (event,) = scene.told(execution, "resume")
    assert (event.who, event.why) == (audit.whoami(), "so it is")
    assert scene.settled(execution).state is State.PAUSED
    assert browser.post(f"{page}/resume", page, which="all").status_code == 303
    assert wait(scene.client, execution, State.SUCCESS)


def test_step(browser: Browser, scene: Scene) -> None:
    execution = scene.stack(mode=Mode.STEP)
    page = page_of(execution)
    for count, status in (("0", 409), ("x", 400), ("-1", 400), ("9" * 9, 400), ("²", 400)):
        assert browser.post(f"{page}/step", page, count=count).status_code == status
    assert browser.post(f"{page}/step", page, count="1").status_code == 303
    assert [event.details for event in scene.told(execution, "step")] == ["steps: 1"]


def test_arm_and_disarm(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a", "last")
    page = page_of(execution)
    browser.post(f"{page}/disarm", page, place="last:pre-create", reason="no need")
    assert scene.stops(execution)["last:pre-create"] == (BreakpointState.AHEAD, False)
    browser.post(f"{page}/arm", page, pattern="la* last:pre-create")
    assert scene.stops(execution)["last:pre-create"] == (BreakpointState.AHEAD, True)
    assert [event.why for event in scene.told(execution, "break")] == ["no need", ""]
    nothing = browser.post(f"{page}/arm", page, pattern=" ")
    assert (nothing.status_code, "Say which" in refusal(nothing)) == (400, True)
    assert browser.post(f"{page}/arm", page, pattern="nope").status_code == 409


def test_retry_and_skip(browser: Browser, scene: Scene) -> None:
    execution = scene.stack(fail=True)
    page = page_of(execution)
    assert browser.post(f"{page}/retry", page, which="all").status_code == 303
    assert scene.settled(execution).state is State.ERROR
    answer = browser.post(f"{page}/skip", page, failed="a")
    assert (answer.status_code, refusal(answer)) == (409, "'a' has not failed (failed: b)")
    assert browser.post(f"{page}/skip", page).status_code == 400
    answer = browser.post(f"{page}/skip", page, failed="b", id="other", reason="made by hand")
    assert answer.status_code == 303
    assert wait(scene.client, execution, State.SUCCESS)
    (event,) = scene.told(execution, "skip")
    assert (event.why, "id: other" in event.details) == ("made by hand", True)


def test_cancel(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    page = page_of(execution)
    assert browser.post(f"{page}/cancel", page).status_code == 400
    assert browser.post(f"{page}/cancel", page, sure="yes", reason="no").status_code == 303
    now = scene.client.execution(execution.id)
    assert now.state is State.CANCELLED
    assert now.state_info == f"cancelled by {audit.whoami()}: no"
    assert [event.why for event in scene.told(execution, "cancel")] == ["no"]
    assert "nothing to decide" in browser.get(page).text


def test_what_the_stack_has_gone_past_is_refused_in_words(browser: Browser, scene: Scene) -> None:
    other = scene.stack("a")
    execution = scene.stack()
    for deed, fields in (
        ("resume", {"which": "all"}),
        ("retry", {"which": "all"}),
        ("arm", {"pattern": "a"}),
        ("cancel", {"sure": "yes"}),
    ):
        answer = browser.post(f"{page_of(execution)}/{deed}", page_of(other), **fields)
        assert answer.status_code == 409
        assert re.search(r"is SUCCESS|has ended: SUCCESS", refusal(answer))
        assert f'href="/stacks/{execution.id}"' in answer.text


def test_forms_that_no_page_gives(browser: Browser, scene: Scene) -> None:
    execution = scene.stack("a")
    page = page_of(execution)
    for deed, fields, status in (
        ("resume", {}, 400),
        ("resume", {"which": "chosen"}, 400),
        ("resume", {"which": "until"}, 400),
        ("resume", {"which": "all", "reason": "x" * 501}, 400),
        ("resume", {"which": "chosen", "breakpoint": "none"}, 409),
        ("resume", {"which": "all", "more": "x" * 300_000}, 413),
        ("explode", {"which": "all"}, 404),
    ):
        assert browser.post(f"{page}/{deed}", page, **fields).status_code == status, (deed, fields)
    assert scene.client.execution(execution.id).state is State.PAUSED


def test_of_an_engine_that_is_gone_it_is_said(tmp_path: Path) -> None:
    asked = Engine(EngineOptions(mistral_url="http://127.0.0.1:9"))
    made, _, token = app.make(asked, safety.Names("127.0.0.1"), app.Shown(), 1)
    browser = Browser(made, token).enter()
    for path in ("/", "/stacks/x", "/changes", f"/stacks/{'0' * 36}/changes"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert refusal(answer).startswith("no Mistral answers at http://127.0.0.1:9/v2")
