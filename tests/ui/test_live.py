"""``wfbreak ui`` as people use it: in a browser, each control by pointer and by keyboard alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli.command import PASSWORD, run_example, wfbreak
from engine.process import EngineProcess
from graph.pictures import groups
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from ui.browser import DESKTOP, PHONE, visit
from ui.checks import missed_by_keyboard, violations
from ui.serving import TWO, UiProcess, begun
from ui.test_report import find, focused, press, text

PATIENCE = 20


@dataclass(frozen=True)
class Live:
    """The command, its engine, and a folder with the stacks' templates."""

    ui: UiProcess
    engine: EngineProcess
    folder: Path

    def stack(self, template: str, *options: str) -> str:
        return begun(self.folder, template, self.engine.state, *options)

    def wfbreak(self, *arguments: str) -> Any:
        answer = wfbreak(*arguments, "--state", self.engine.state, cwd=self.folder)
        assert answer.out, answer.err
        return answer

    def shown(self, execution: str) -> Any:
        return json.loads(self.wfbreak("show", execution, "-f", "json").out)

    def trail(self, execution: str) -> list[Any]:
        found: list[Any] = json.loads(self.wfbreak("audit", execution, "-f", "json").out)
        return found

    def page(self, execution: str) -> str:
        return f"{self.ui.root}/stacks/{execution}"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    state = folder / "state"
    with (
        EngineProcess(state) as engine,
        UiProcess("--state", state, "--sources", str(folder)) as ui,
    ):
        yield Live(ui, engine, folder)


@pytest.fixture
def inside(browser: Any, live: Live) -> Any:
    """The browser, let in."""
    visit(browser, live.ui.address)
    until(browser, lambda: text(browser, "h1") == "Stacks")
    return browser


def until(browser: Any, what: Callable[[], Any]) -> Any:
    from selenium.common.exceptions import (
        JavascriptException,
        NoSuchElementException,
        StaleElementReferenceException,
    )

    ignored = (NoSuchElementException, StaleElementReferenceException, JavascriptException)
    return WebDriverWait(browser, PATIENCE, ignored_exceptions=ignored).until(lambda _: what())


def failing(*rehearsed: str) -> list[str]:
    """Options with which resources fail."""
    options = ["--provider", "OS::Heat::*=rehearse"]
    return [*options, *(part for each in rehearsed for part in ("--rehearse", each))]


def go(browser: Any, address: str) -> None:
    """Open a page, and note what it announces."""
    browser.get(address)
    browser.execute_script(
        "window.heard = []; const news = document.querySelector('#news');"
        "new MutationObserver(() => news.textContent && heard.push(news.textContent))"
        ".observe(news, {childList: true, characterData: true, subtree: true})"
    )


def heard(browser: Any, words: str) -> bool:
    """Whether the page has announced what has these words."""
    return any(words in said for said in browser.execute_script("return window.heard"))


def state(browser: Any) -> str:
    return text(browser, "h1 .state")


def refused(browser: Any) -> str:
    return text(browser, "#refused")


Use = Callable[..., None]


@pytest.fixture(params=["pointer", "keyboard"])
def use(request: pytest.FixtureRequest, inside: Any) -> Use:
    """Use a control: press a button, tick a box, open what is closed; or fill in ``words``."""

    def by_pointer(selector: str, words: str | None = None) -> None:
        element = find(inside, selector)
        if words is not None and element.tag_name == "select":
            Select(element).select_by_visible_text(words)
            return
        element.click()
        if words is not None:
            element.clear()
            element.send_keys(words)

    def keys(what: str) -> None:
        # To whatever has the focus: the page may put another thing in its place at any time.
        ActionChains(inside).send_keys(what).perform()

    def by_keyboard(selector: str, words: str | None = None) -> None:
        find(inside, "body").send_keys(Keys.HOME)
        inside.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
        for _ in range(400):
            keys(Keys.TAB)
            if focused(inside, f"e => e.matches({json.dumps(selector)})"):
                break
        else:
            pytest.fail(f"the keyboard does not lead to {selector}")
        kind = focused(inside, "e => e.type ?? e.tagName")
        if words is None:
            keys(Keys.SPACE if kind == "checkbox" else Keys.ENTER)
        elif kind == "select-one":
            keys(words)
        else:
            all_of_it = ActionChains(inside).key_down(Keys.CONTROL).send_keys("a")
            all_of_it.key_up(Keys.CONTROL).send_keys(words).perform()

    return by_pointer if request.param == "pointer" else by_keyboard


# Coming in


def test_the_address_leads_in_and_is_gone(inside: Any, live: Live) -> None:
    until(inside, lambda: inside.current_url == f"{live.ui.root}/")
    cookies = inside.get_cookies()
    assert [(c["httpOnly"], c["sameSite"]) for c in cookies if c["name"].startswith("wfbreak-")]
    assert all(c["httpOnly"] and c["sameSite"] == "Strict" for c in cookies)
    assert inside.execute_script("return document.cookie") == ""
    assert inside.execute_script("return document.referrer") == ""


def test_without_it_nobody_comes_in(browser: Any, live: Live) -> None:
    browser.delete_all_cookies()
    visit(browser, f"{live.ui.root}/")
    assert text(browser, "h1") == "No entry"
    assert "Open the address that wfbreak ui printed" in text(browser, "#refusal")


# The list


def test_the_list_is_filtered(inside: Any, live: Live, use: Use) -> None:
    names = [live.shown(live.stack(TWO, "--break", "a"))["stack"] for _ in range(2)]
    live.stack(TWO)
    until(inside, lambda: all(name in text(inside, "table") for name in names))
    row = text(inside, f"tr:has(a[href$='{live.shown(names[0])['execution']}'])")
    assert "a:pre-create (set by --break a)" in row
    assert "run by" in row
    assert "1 of 3" in row
    use("#name", names[0])
    until(inside, lambda: names[1] not in text(inside, "main"))
    assert names[0] in text(inside, "table")
    assert f"name={names[0]}" in inside.current_url
    use("#state", "SUCCESS")
    until(inside, lambda: "is so" in text(inside, "main"))
    inside.refresh()
    assert "is so" in text(inside, "main")
    assert find(inside, "#name").get_attribute("value") == names[0]


def test_the_list_updates_itself(inside: Any, live: Live) -> None:
    inside.execute_script("window.same = 1")
    ident = live.stack(TWO, "--break", "a")
    row = f"#s-{ident}"
    until(inside, lambda: "PAUSED" in text(inside, row))
    live.wfbreak("resume", ident)
    until(inside, lambda: "SUCCESS" in text(inside, row))
    assert inside.execute_script("return window.same") == 1


# What can be decided


def test_resume(inside: Any, live: Live, use: Use) -> None:
    ident = live.stack(TWO, "--break", "a", "--break", "last")
    go(inside, live.page(ident))
    assert state(inside) == "PAUSED"
    use("#reason", "it is fine <so>")
    use("#resume-all")
    until(inside, lambda: heard(inside, "goes on past a:pre-create."))
    until(inside, lambda: "last:pre-create" in text(inside, "#go-on"))
    assert find(inside, "#reason").get_attribute("value") == ""
    use("#resume-all")
    until(inside, lambda: state(inside) == "SUCCESS")
    (resumed, *_) = [event for event in live.trail(ident) if event["event"] == "resume"]
    assert resumed["why"] == "it is fine <so>"
    assert resumed["who"] == live.trail(ident)[0]["who"]
    assert "it is fine <so>" in text(inside, ".events")
    assert "nothing to decide" in text(inside, "#decide")


def test_resume_some(inside: Any, live: Live, use: Use) -> None:
    ident = live.stack(TWO, "--break", "a", "--break", "b")
    go(inside, live.page(ident))
    use("#resume-chosen")
    until(inside, lambda: refused(inside) == "Choose a breakpoint first.")
    use("[name=breakpoint][value='b:pre-create']")
    use("#resume-chosen")
    until(inside, lambda: heard(inside, "held: a:pre-create"))
    assert refused(inside) == ""
    until(inside, lambda: state(inside) == "PAUSED" and "b:pre" not in text(inside, "#go-on"))
    states = {b["name"]: b["state"] for b in live.shown(ident)["breakpoints"]}
    assert states == {"a:pre-create": "stopped", "b:pre-create": "released"}


def test_resume_until(inside: Any, live: Live, use: Use) -> None:
    ident = live.stack(TWO, "--break", "a", "--break", "last", "--break", "last:post-create")
    go(inside, live.page(ident))
    use("#until", "last:post-create")
    use("#resume-until")
    until(inside, lambda: "last:post-create" in text(inside, "#go-on .choices"))
    assert live.shown(ident)["state"] == "PAUSED"


def test_step(inside: Any, live: Live, use: Use) -> None:
    ident = live.stack(TWO, "--mode", "step")
    go(inside, live.page(ident))
    use("#count", "2")
    use("#reason", "by two")
    use("#step")
    until(inside, lambda: heard(inside, "by 2 resources"))
    until(inside, lambda: "2 of 3 resources" in text(inside, "#short"))
    until(inside, lambda: state(inside) == "PAUSED")
    (stepped,) = [event for event in live.trail(ident) if event["event"] == "step"]
    assert (stepped["why"], stepped["details"]) == ("by two", "steps: 2")


def test_arm_and_disarm(inside: Any, live: Live, use: Use) -> None:
    def armed() -> dict[str, bool]:
        return {b["name"]: b["armed"] for b in live.shown(ident)["breakpoints"]}

    ident = live.stack(TWO, "--break", "a", "--break", "last", "--break", "last:post-create")
    go(inside, live.page(ident))
    ahead = {"last:pre-create", "last:post-create"}
    use("#reason", "not needed")
    use("[aria-label='Disarm last:post-create']")
    until(inside, lambda: heard(inside, "last:post-create: disarmed."))
    find(inside, "[aria-label='Arm last:post-create']")
    assert armed() == {"a:pre-create": True, "last:pre-create": True, "last:post-create": False}
    (changed,) = [event for event in live.trail(ident) if event["event"] == "break"]
    assert changed["why"] == "not needed"
    use("[aria-label='Arm last:post-create']")
    until(inside, lambda: heard(inside, "last:post-create: armed."))
    use("#pattern", "last*")
    use("#disarm")
    until(inside, lambda: heard(inside, "last*: disarmed."))
    assert {name for name, is_armed in armed().items() if not is_armed} == ahead
    use("#pattern", "nothing*")
    use("#arm")
    until(inside, lambda: "there is no breakpoint 'nothing*'" in refused(inside))
    assert find(inside, "#pattern").get_attribute("value") == "nothing*"


def test_retry_and_skip(inside: Any, live: Live, use: Use) -> None:
    ident = live.stack(TWO, *failing("a:fail=no", "a:fail_times=1", "b:fail=never"))
    go(inside, live.page(ident))
    until(inside, lambda: state(inside) == "ERROR")
    assert "no" in text(inside, "#short")
    use("[name=failed][value=a]")
    use("#reason", "once more")
    use("#retry-chosen")
    until(inside, lambda: heard(inside, "a is run again."))
    until(inside, lambda: state(inside) == "ERROR" and not failed(inside, "a"))
    use("#retry-all")
    until(inside, lambda: heard(inside, "b is run again."))
    until(inside, lambda: state(inside) == "ERROR")
    use("[name=failed][value=b]")
    use("#id", "made-by-hand")
    use("#skip")
    until(inside, lambda: heard(inside, "b is taken as done."))
    until(inside, lambda: state(inside) == "SUCCESS")
    kinds = [(event["event"], event["why"]) for event in live.trail(ident) if event["who"]]
    assert [kind for kind, _ in kinds] == ["run", "retry", "retry", "skip"]
    assert ("retry", "once more") in kinds


def failed(browser: Any, name: str) -> list[Any]:
    return list(browser.find_elements(By.CSS_SELECTOR, f"[name=failed][value={name}]"))


def test_cancel(inside: Any, live: Live, use: Use) -> None:
    ident = live.stack(TWO, "--break", "a")
    go(inside, live.page(ident))
    use("#cancelling summary")
    use("#cancel")  # not yet: it wants to be sure
    assert state(inside) == "PAUSED"
    use("#cancel-reason", "no more")
    use("#sure")
    use("#cancel")
    until(inside, lambda: heard(inside, "is cancelled"))
    until(inside, lambda: state(inside) == "CANCELLED")
    assert live.shown(ident)["reason"].endswith(": no more")
    assert not inside.find_elements(By.CSS_SELECTOR, "#decide button")


def test_return_in_a_field_decides_nothing(inside: Any, live: Live) -> None:
    ident = live.stack(TWO, "--break", "a", "--break", "last")
    go(inside, live.page(ident))
    for field in ("#reason", "#pattern", "#reason"):
        find(inside, field).send_keys("x", Keys.ENTER)
    assert live.shown(ident)["state"] == "PAUSED"
    assert len(live.trail(ident)) == 2


def test_what_cannot_be_is_not_offered(inside: Any, live: Live) -> None:
    ident = live.stack(TWO, *failing("a:fail=no"))
    go(inside, live.page(ident))
    button = find(inside, "#resume-all")
    assert not button.is_enabled()
    why = find(inside, f"#{button.get_attribute('aria-describedby')}").text
    assert why.endswith("is ERROR, not PAUSED.")
    assert not inside.find_elements(By.CSS_SELECTOR, "#step")


# The page as it is now


def test_the_page_updates_itself_and_keeps_what_is_a_person_s(inside: Any, live: Live) -> None:
    files = ("-e", "env.yaml", "-P", f"db_password={PASSWORD}")
    answer = wfbreak(
        *("run", "web.yaml", *files, "-f", "json", "--state", live.engine.state),
        *("--break", "member1:post-create"),
    )
    ident = json.loads(answer.out)["execution"]
    go(inside, live.page(ident))
    inside.execute_script("window.same = document.querySelector('#reason')")
    # A note that the page had for a moment goes, and nothing goes with it.
    inside.execute_script(
        "window.colours = document.querySelector('#theme');"
        "document.querySelector('.back').insertAdjacentHTML('afterend', '\\n<p id=lacks>x</p>\\n')"
    )
    find(inside, "#filter-text").send_keys("router")
    find(inside, "[data-zoom='1']").click()
    row = inside.find_elements(By.CSS_SELECTOR, "details.resource:not([hidden])")[0]
    row.find_element(By.CSS_SELECTOR, "summary").click()
    find(inside, "#reason").send_keys("half a sen")
    inside.execute_script("scrollBy(0, 321)")
    where = "return Math.round(document.querySelector('#reason').getBoundingClientRect().top)"
    seen = inside.execute_script(where)
    wfbreak("resume", ident, "--state", live.engine.state)
    until(inside, lambda: "member1:post-create" in text(inside, "#go-on"))
    assert not inside.find_elements(By.CSS_SELECTOR, "#lacks")
    assert find(inside, "#theme").is_displayed()
    assert inside.execute_script("return document.querySelector('#theme') === window.colours")
    assert focused(inside, "e => e === window.same")
    press(inside, "tence")
    assert find(inside, "#reason").get_attribute("value") == "half a sentence"
    assert row.get_attribute("open") == "true"
    assert find(inside, "#filter-said").text == "3 of 20"
    assert find(inside, "#zoom-said").text == "100 %"
    assert abs(inside.execute_script(where) - seen) <= 2  # as well as lines can be kept
    said = inside.execute_script("return heard")
    assert said[-1].endswith("is PAUSED at member1:post-create")
    assert len(said) <= 2  # that it goes on, that it stands
    # It is the page that is given to whoever opens it now.
    kept = parts(inside)
    inside.refresh()
    assert parts(inside) == kept


def parts(browser: Any) -> list[str]:
    """What the page says, without for how long that is so."""
    found = [text(browser, part) for part in ("header", "#short", "#decide", "#time", "#stops")]
    return [re.sub(r"\d\S+Z|(less than )?\d+ (s|min)\b", "", each) for each in found]


def test_the_engine_may_go_and_come(browser: Any, live: Live, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with EngineProcess(folder) as engine:
        ident = begun(tmp_path, TWO, folder, "--break", "a")
        with UiProcess("--state", folder) as ui:
            visit(browser, ui.address)
            until(browser, lambda: ident in browser.page_source)
            browser.get(f"{ui.root}/stacks/{ident}")
            engine.stop()
            # The command brings an engine up itself, and others use that.
            answer = wfbreak("resume", ident, "--state", folder)
            assert answer.status == 0, answer.err
            until(browser, lambda: state(browser) == "SUCCESS")
            ui.end()
            until(browser, lambda: "wfbreak ui does not answer" in refused(browser))


# Everybody


@pytest.fixture(scope="module")
def pages(live: Live) -> dict[str, str]:
    """Addresses of what is looked at."""
    files = ("--break", "member1:post-create")
    ran = json.loads(run_example(live.engine.state, "-f", "json", *files).out)
    groups(live.folder, 100)
    wfbreak(
        *("run", "groups.yaml", "--break", "net", "--break", "web/7/server"),
        *("--name", "large", "--state", live.engine.state),
        cwd=live.folder,
    )
    return {
        "list": f"{live.ui.root}/",
        "stopped": live.page(ran["execution"]),
        "large": live.page("large"),
        "failed": live.page(live.stack(TWO, *failing("a:fail=no"))),
        "stepping": live.page(live.stack(TWO, "--mode", "step")),
        "refusal": live.page("nothing"),
    }


LOOKED_AT = ("list", "stopped", "large", "failed", "stepping", "refusal")


@pytest.mark.parametrize("page", LOOKED_AT)
@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False)])
def test_axe_finds_nothing(
    inside: Any, pages: dict[str, str], page: str, size: tuple[int, int], dark: bool
) -> None:
    visit(inside, pages[page], size, dark=dark)
    opened = "details" if page != "large" else "#cancelling, .bundles"
    inside.execute_script(
        "for (const e of document.querySelectorAll(arguments[0])) e.open = true", opened
    )
    assert violations(inside) == []


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_in_what_is_said(
    inside: Any, live: Live, pages: dict[str, str], dark: bool
) -> None:
    visit(inside, live.page(live.stack(TWO, "--break", "a", "--break", "last")), dark=dark)
    find(inside, "[aria-label='Disarm last:pre-create']").click()
    until(inside, lambda: "disarmed" in text(inside, "#news"))
    find(inside, "#arm").click()
    until(inside, lambda: "Say which" in refused(inside))
    assert violations(inside) == []


@pytest.mark.parametrize("page", ["list", "stopped", "failed", "stepping", "refusal"])
def test_every_control_is_reached_and_seen(inside: Any, pages: dict[str, str], page: str) -> None:
    visit(inside, pages[page])
    inside.execute_script("for (const e of document.querySelectorAll('#cancelling')) e.open = true")
    assert missed_by_keyboard(inside) == []


@pytest.mark.parametrize("page", LOOKED_AT)
def test_a_phone(inside: Any, pages: dict[str, str], page: str) -> None:
    visit(inside, pages[page], PHONE)
    inside.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    assert inside.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    small = inside.execute_script(
        "return [...document.querySelectorAll('nav a,.back a,.stacks a,button,select,summary,"
        "input:not([type=checkbox]),label:has([type=checkbox])')]"
        ".filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 24)"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []


def test_three_hundred_resources(inside: Any, pages: dict[str, str]) -> None:
    inside.get(pages["large"])
    assert len(inside.find_elements(By.CSS_SELECTOR, "details.resource")) == 303
    assert len(inside.find_elements(By.CSS_SELECTOR, "svg .node")) < 25
    assert "net:pre-create" in text(inside, "#go-on")


def test_without_scripts(inside: Any, live: Live) -> None:
    ident = live.stack(TWO, "--break", "a", "--break", "last", "--break", "last:post-create")
    inside.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        inside.get(live.page(ident))
        assert "load it anew" in find(inside, "noscript").text
        find(inside, "#reason").send_keys("by hand", Keys.ENTER)
        assert find(inside, "h1 .state").text == "PAUSED"
        find(inside, "#resume-all").click()
        until(inside, lambda: "goes on" in find(inside, "#done").text)
        assert inside.current_url == live.page(ident)

        def stands() -> bool:
            inside.get(live.page(ident))
            return "last:pre-create" in find(inside, "#go-on .choices").text

        until(inside, stands)
        find(inside, "#pattern").send_keys("nothing")
        find(inside, "#disarm").click()
        until(inside, lambda: find(inside, "h1").text != "")
        assert "there is no breakpoint" in find(inside, "#refusal").text
        find(inside, "main a").click()
        until(inside, lambda: inside.current_url == live.page(ident))
        inside.get(f"{live.ui.root}/?name={live.shown(ident)['stack']}")
        assert len(inside.find_elements(By.CSS_SELECTOR, "tbody tr")) == 1
    finally:
        inside.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    (resumed,) = [event for event in live.trail(ident) if event["event"] == "resume"]
    assert resumed["why"] == "by hand"


# Safety


def test_nothing_is_asked_of_others_and_no_script_fails(
    inside: Any, live: Live, pages: dict[str, str]
) -> None:
    for page in LOOKED_AT[:-1]:
        inside.get_log("performance")
        inside.get_log("browser")
        inside.get(pages[page])
        sent = [json.loads(entry["message"])["message"] for entry in inside.get_log("performance")]
        asked = [
            m["params"]["request"]["url"]
            for m in sent
            if m["method"] == "Network.requestWillBeSent"
        ]
        assert asked
        assert {url.startswith(f"{live.ui.root}/") for url in asked} == {True}
        assert inside.get_log("browser") == []
        assert PASSWORD not in inside.page_source


def test_texts_are_texts(inside: Any, live: Live) -> None:
    hostile = "</script><img src=x onerror=alert(1)>\"'&amp;"
    ident = live.stack(TWO, "--break", "a", "--break", "last", "--reason", hostile)
    go(inside, live.page(ident))
    find(inside, "#pattern").send_keys(hostile.replace(" ", ""))
    find(inside, "#arm").click()
    until(inside, lambda: "<img" in refused(inside))
    assert inside.find_elements(By.CSS_SELECTOR, "img, main script, iframe") == []
    assert hostile in text(inside, "#short")
