"""What every page is held to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python import __file__ as axe_package
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

_AXE = (Path(axe_package).parent / "axe.min.js").read_text()

_CONTROLS = """
return [...document.querySelectorAll('a,button,select,input,summary,[tabindex="0"]')]
  .filter(e => { const d = e.closest('details:not([open])');
    const title = e.matches('summary') && e.parentElement === d;
    return e.getClientRects().length && !e.matches(':disabled') && (!d || title) })
  .map((e, n) => (e.dataset.stop = n, e.outerHTML.slice(0, 80)))
"""

_FOCUSED = """
const e = document.activeElement;
const s = getComputedStyle(e), b = e.querySelector && e.querySelector('.box');
const l = e.querySelector && e.querySelector('.line-link');
const seen = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)
  || (b && getComputedStyle(b).strokeWidth === '4px')
  || (l && getComputedStyle(l).fontWeight === '700');
return [e.dataset.stop ?? null, seen]
"""


def violations(browser: Any) -> list[Any]:
    """What axe-core finds in the page as it stands."""
    browser.execute_script(_AXE)
    browser.set_script_timeout(60)
    found: list[Any] = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
        ".then(r => done(r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html)])),"
        " e => done([String(e)]))"
    )
    return found


def missed_by_keyboard(browser: Any) -> list[str]:
    """The controls that the tabulator does not reach from the top, or on which nobody sees it."""
    wanted = browser.execute_script(_CONTROLS)
    assert wanted
    reached = set()
    browser.find_element(By.CSS_SELECTOR, "body").send_keys(Keys.TAB)
    for _ in range(len(wanted) + 5):
        stop, is_seen = browser.execute_script(_FOCUSED)
        if stop is None:
            break
        if is_seen:
            reached.add(int(stop))
        browser.switch_to.active_element.send_keys(Keys.TAB)
    return [control for number, control in enumerate(wanted) if number not in reached]
