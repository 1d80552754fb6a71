"""``wfbreak ui`` as people use it: in a browser, each control by pointer and by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ui.browser import find, focused, text, visit
from ui.live import Live, failing, go, heard, refused, state, until
from ui.serving import TWO

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
