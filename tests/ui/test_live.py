"""The pages of ``wfbreak ui`` in a browser: up to date, for everybody, and safe."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli.command import PASSWORD, run_example, wfbreak
from engine.process import EngineProcess
from graph.pictures import groups
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from ui.browser import DESKTOP, PHONE, find, focused, press, text, visit
from ui.checks import missed_by_keyboard, violations
from ui.live import Live, failing, go, refused, state, until
from ui.serving import TWO, UiProcess, begun

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
        until(inside, lambda: "there is no breakpoint" in find(inside, "#refusal").text)
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
