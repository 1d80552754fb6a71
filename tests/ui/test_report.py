"""The report as people read it: in a browser, with every control, and by the keyboard alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from ui.browser import DESKTOP, PHONE, find, focused, look, press, printed, text
from ui.checks import missed_by_keyboard, violations
from ui.conftest import HOSTILE, Pages


def arrived(browser: Any, selector: str) -> Any:
    """What a link has led to, once the page has dealt with it: that is a moment later."""
    WebDriverWait(browser, 20).until(
        lambda _: browser.find_elements(By.CSS_SELECTOR, f"{selector}:target.chosen")
    )
    return find(browser, f"{selector}:target")


def names(browser: Any) -> list[str]:
    """The resources that are shown."""
    shown = browser.find_elements(By.CSS_SELECTOR, "details.resource:not([hidden]) summary bdi")
    return [each.text for each in shown][::2]


# What a reader learns


def test_the_questions_are_answered_by_the_page_alone(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    short = text(browser, "#short")
    answers = dict(re.findall(r"^(.+\?)\n(.+)$", short, re.MULTILINE))
    assert answers["What is it waiting for?"] == (
        "For somebody to resume it. It stands at member1:post-create, after member1 is created."
    )
    assert re.match(
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ, for .+ when this was written\.$", answers["Since when?"]
    )
    assert answers["Who set it?"].startswith(
        "member1:post-create was set by --break member1:post-create. The stack was started (run) by"
    )
    assert answers["Who set it?"].endswith("because: a first look.")
    assert answers["What exists?"].startswith("20 of 20 resources: app_net, app_subnet, ")
    assert answers["What will happen when I resume?"].endswith(
        "Then the stack is done: there is no breakpoint ahead."
    )
    assert answers["How do I resume it?"] == f"wfbreak resume {pages.execution}"
    pauses = text(browser, ".pauses")
    assert re.search(
        r"Paused for .*at db:pre-create, to .*: resume by .*\(the database is fine\)", pauses
    )


def test_of_three_hundred_the_same(browser: Any, pages: Pages) -> None:
    look(browser, pages.large)
    short = text(browser, "#short")
    assert "It stands at net:pre-create, before net is created." in short
    assert "0 of 303 resources: none." in short
    assert "Then it stops at web/7/server:pre-create" in short
    assert len(browser.find_elements(By.CSS_SELECTOR, "details.resource")) == 303
    assert len(browser.find_elements(By.CSS_SELECTOR, "svg .node")) < 25


# Every control


def test_colours(browser: Any, pages: Pages) -> None:
    def paper() -> str:
        return str(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))

    def box() -> str:
        return str(
            browser.execute_script(
                "return getComputedStyle(document.querySelector('.s-done .box')).fill"
            )
        )

    look(browser, pages.stopped)
    light = paper(), box()
    Select(find(browser, "#theme")).select_by_value("dark")
    dark = paper(), box()
    assert not set(light) & set(dark)
    Select(find(browser, "#theme")).select_by_value("")
    assert (paper(), box()) == light
    look(browser, pages.stopped, dark=True)
    assert (paper(), box()) == dark
    Select(find(browser, "#theme")).select_by_value("light")
    assert (paper(), box()) == light


def test_the_graph_s_size(browser: Any, pages: Pages) -> None:
    def width() -> int:
        return int(browser.execute_script("return document.querySelector('svg').clientWidth"))

    look(browser, pages.stopped, PHONE)
    find(browser, "[data-zoom='1']").click()
    whole = width()
    assert whole > 1000
    assert find(browser, "#zoom-said").text == "100 %"
    find(browser, "[data-zoom='in']").click()
    assert width() == round(whole * 1.25)
    find(browser, "[data-zoom='out']").click()
    find(browser, "[data-zoom='out']").click()
    assert width() == round(whole / 1.25)
    find(browser, "[data-zoom='fit']").click()
    assert width() <= 375


def test_which_resources_are_shown(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    assert len(names(browser)) == 20
    field = find(browser, "#filter-text")
    field.send_keys("nova SERVER")
    assert names(browser) == ["db", "web1", "web2"]
    assert find(browser, "#filter-said").text == "3 of 20"
    find(browser, "#open-all").click()
    opened = browser.find_elements(By.CSS_SELECTOR, "details.resource[open]")
    assert len(opened) == 3
    find(browser, "#close-all").click()
    assert not browser.find_elements(By.CSS_SELECTOR, "details.resource[open]")
    field.clear()
    field.send_keys("no such thing")
    assert names(browser) == []
    look(browser, pages.large)
    Select(find(browser, "#filter-state")).select_by_visible_text("blocked")
    assert find(browser, "#filter-said").text == "303 of 303"


def test_from_the_graph_to_the_template_and_back(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    box = find(browser, "svg [data-id='db']")
    to_row, to_line = box.find_elements(By.CSS_SELECTOR, "a")
    to_line.click()
    line = arrived(browser, ".lines li")
    assert line.find_element(By.CSS_SELECTOR, "code").text.strip() == "db:"
    line.find_element(By.CSS_SELECTOR, ".marks a").click()
    assert arrived(browser, ".node").get_attribute("id") == box.get_attribute("id")
    assert "chosen" in line.get_attribute("class")
    to_row.click()
    row = arrived(browser, "details.resource")
    assert row.get_attribute("open") == "true"
    assert "OS::Nova::Server" in row.text
    assert "******" in row.text  # the password, in what it was made with
    places = {a.text: a for a in row.find_elements(By.CSS_SELECTOR, ".facts a")}
    places["web.yaml:94:3"].click()
    assert arrived(browser, ".lines li").get_attribute("id") == line.get_attribute("id")
    to_row.click()
    arrived(browser, "details.resource")
    places["its box"].click()
    assert arrived(browser, ".node").get_attribute("id") == box.get_attribute("id")
    # In all of its parts it stands out.
    chosen = browser.find_elements(By.CSS_SELECTOR, ".chosen")
    assert {each.get_attribute("id") for each in chosen} == {
        each.get_attribute("id") for each in (box, row, line)
    }


def test_a_breakpoint_leads_to_the_line_that_set_it(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    (card, *_) = browser.find_elements(By.CSS_SELECTOR, "#stops article")
    assert "db:pre-create" in card.text
    assert "6: db, db_attachment, web1, web2, member1, member2" in card.text.replace("\n", " ")
    card.find_element(By.LINK_TEXT, "env.yaml:7:14").click()
    line = arrived(browser, ".lines li")
    assert line.find_element(By.CSS_SELECTOR, "code").text.strip() == "hooks: pre-create"


def test_what_is_drawn_as_one(browser: Any, pages: Pages) -> None:
    look(browser, pages.large)
    boxes = browser.find_elements(By.CSS_SELECTOR, "svg .node")
    (ports,) = [b for b in boxes if "web/*/port" in (b.text or "")]
    ports.find_elements(By.CSS_SELECTOR, "a")[0].click()
    row = arrived(browser, ".bundles li")
    assert row.is_displayed()
    row.find_element(By.LINK_TEXT, "web/42/port").click()
    assert "web/42/port" in arrived(browser, "details.resource[open]").text


def test_a_link_shows_what_a_filter_has_hidden(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    find(browser, "#filter-text").send_keys("network")
    find(browser, "svg [data-id='db'] a").click()
    assert arrived(browser, "details.resource").is_displayed()


# The keyboard alone


def test_every_control_is_reached_and_seen(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    assert missed_by_keyboard(browser) == []


def test_the_way_of_a_keyboard(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    find(browser, "body").send_keys(Keys.TAB)
    assert focused(browser, "e => e.textContent") == "To the report"
    press(browser, Keys.ENTER)
    WebDriverWait(browser, 20).until(
        lambda _: browser.execute_script("return location.hash") == "#main"
    )
    # To the graph's buttons, and the graph.
    for _ in range(60):
        press(browser, Keys.TAB)
        if focused(browser, "e => e.dataset.zoom") == "in":
            break
    press(browser, Keys.SPACE)
    assert find(browser, "#zoom-said").text != "100 %"
    for _ in range(60):
        press(browser, Keys.TAB)
        if focused(browser, "e => e.closest('.node')?.dataset.id") == "db":
            break
    assert "OS::Nova::Server" in focused(browser, "e => e.getAttribute('aria-label')")
    press(browser, Keys.ENTER)
    # What the box led to is open, and the focus is there.
    row = arrived(browser, "details.resource")
    assert row.get_attribute("open") == "true"
    assert focused(browser, "e => e.tagName") == "SUMMARY"
    press(browser, Keys.TAB)
    assert focused(browser, "e => e.textContent") == "web.yaml:94:3"
    press(browser, Keys.ENTER)
    assert "db:" in arrived(browser, ".lines li").text
    assert focused(browser, "e => e.closest('.marks') && e.textContent") == "db"
    press(browser, Keys.ENTER)
    arrived(browser, ".node")
    assert focused(browser, "e => e.closest('.node')?.dataset.id") == "db"


def test_the_filter_and_the_colours_by_keyboard(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    browser.execute_script("document.querySelector('#resources h2').tabIndex = -1")
    browser.execute_script("document.querySelector('#resources h2').focus()")
    press(browser, Keys.TAB, "router")
    assert names(browser) == ["router", "router_app", "router_db"]
    press(browser, Keys.TAB, "d")
    assert focused(browser, "e => e.value") == "done"
    press(browser, Keys.TAB, Keys.ENTER)
    assert len(browser.find_elements(By.CSS_SELECTOR, "details.resource[open]")) == 3
    press(browser, Keys.TAB, Keys.SPACE)
    assert not browser.find_elements(By.CSS_SELECTOR, "details.resource[open]")
    press(browser, Keys.TAB, Keys.ENTER)
    assert len(browser.find_elements(By.CSS_SELECTOR, "details.resource[open]")) == 1
    browser.execute_script("document.querySelector('#theme').focus()")
    press(browser, "d")
    assert browser.execute_script("return document.documentElement.className") == "dark"


# Everybody


@pytest.mark.parametrize("page", ["stopped", "large", "hostile"])
@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False)])
def test_axe_finds_nothing(
    browser: Any, pages: Pages, page: str, size: tuple[int, int], dark: bool
) -> None:
    look(browser, getattr(pages, page), size, dark=dark)
    opened = "details" if page != "large" else "details.resource:nth-of-type(-n+20), .bundles"
    browser.execute_script(
        "for (const e of document.querySelectorAll(arguments[0])) e.open = true", opened
    )
    assert violations(browser) == []


def test_a_phone(browser: Any, pages: Pages) -> None:
    for page in (pages.stopped, pages.large, pages.hostile):
        look(browser, page, PHONE)
        browser.execute_script(
            "for (const e of document.querySelectorAll('details')) e.open = true"
        )
        assert browser.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
        small = browser.execute_script(
            "return [...document.querySelectorAll('nav a,button,select,input,summary')]"
            ".filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 24)"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == []


def test_paper(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped, dark=True)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not browser.find_elements(By.CSS_SELECTOR, "details:not([open])")
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.find_elements(By.CSS_SELECTOR, "details:not([open])")
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    assert (
        browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert not find(browser, "nav").is_displayed()
    assert not find(browser, "#filter").is_displayed()
    scrolled = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')].filter("
        "e => getComputedStyle(e).overflowY !== 'visible').length"
    )
    assert scrolled == 0
    assert browser.execute_script(
        "return document.querySelector('svg').getBoundingClientRect().width <= innerWidth"
    )
    assert printed(browser).startswith(b"%PDF-")


def test_without_scripts(browser: Any, pages: Pages) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, pages.stopped)
        assert "It stands at member1:post-create" in find(browser, "#short").text
        assert not find(browser, "#filter").is_displayed()
        assert not find(browser, ".theme").is_displayed()
        row = browser.find_elements(By.CSS_SELECTOR, "details.resource")[0]
        row.find_element(By.CSS_SELECTOR, "summary").click()
        assert row.get_attribute("open") == "true"
        find(browser, "svg [data-id='db'] a[href^='#f']").click()
        assert find(browser, ".lines li:target code").text.strip() == "db:"
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


# Safety


def test_it_asks_nothing_of_any_network_and_no_script_fails(browser: Any, pages: Pages) -> None:
    for page in (pages.stopped, pages.large, pages.hostile):
        look(browser, page)
        browser.get_log("performance")
        browser.get_log("browser")
        browser.refresh()
        browser.execute_script(
            "for (const e of document.querySelectorAll('details')) e.open = true;"
        )
        find(browser, "svg .node a").click()
        sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        asked = [
            m["params"]["request"]["url"]
            for m in sent
            if m["method"] == "Network.requestWillBeSent"
        ]
        assert asked
        assert {url.partition("#")[0] for url in asked} == {page.as_uri()}
        assert browser.get_log("browser") == []


def test_its_policy_lets_nothing_in(browser: Any, pages: Pages) -> None:
    look(browser, pages.stopped)
    done = browser.execute_async_script(
        "const done = arguments[0]; const s = document.createElement('script');"
        "s.textContent = 'window.strange = 1'; document.body.append(s);"
        "const i = new Image(); i.onerror = () => done([window.strange ?? null, 'refused']);"
        "i.onload = () => done(['loaded']); i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='"
    )
    assert done == [None, "refused"]


def test_texts_are_texts(browser: Any, pages: Pages) -> None:
    look(browser, pages.hostile)
    assert browser.find_elements(By.CSS_SELECTOR, "img, main script, iframe") == []
    assert len(browser.find_elements(By.CSS_SELECTOR, "script")) == 1
    body = text(browser, "body")
    assert f"({HOSTILE})" in body  # the breakpoint's message
    assert f"because: {HOSTILE}." in body
    assert f"description: {json.dumps(HOSTILE)}" in body
    assert find(browser, "#filter-said").text == "2 of 2"  # the page's own script ran
