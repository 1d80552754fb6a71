"""A real Chromium without a screen, which no page makes talk to a network, and what one reads."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
DESKTOP, PHONE = (1280, 900), (375, 740)


@contextmanager
def chromium() -> Iterator[Any]:
    """A driver of a Chromium of its own, with an empty profile.

    :raises RuntimeError: if it is not installed: these tests do not pass without.
    """
    found = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    if missing := [name for name, path in found.items() if path is None]:
        raise RuntimeError(f"{', '.join(missing)} not found: make test-ui installs them as root")
    options = webdriver.ChromeOptions()
    options.binary_location = str(found["chromium"])
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(found["chromedriver"]))
        try:
            yield driver
        finally:
            driver.quit()


def look(
    driver: Any,
    page: Path,
    size: tuple[int, int] = DESKTOP,
    *,
    dark: bool = False,
    anchor: str = "",
) -> None:
    """Open a file anew, as it is on such a screen."""
    visit(driver, page.as_uri() + anchor, size, dark=dark)


def visit(
    driver: Any, address: str, size: tuple[int, int] = DESKTOP, *, dark: bool = False
) -> None:
    """Open an address anew, as it is on such a screen."""
    features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get("about:blank")
    driver.get(address)


def picture(driver: Any, path: Path, *, whole: bool = True) -> None:
    """What is on the screen, or the whole page, as PNG."""
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole})
    path.write_bytes(base64.b64decode(shot["data"]))


def printed(driver: Any) -> bytes:
    """The page on paper (A4), as PDF."""
    paper = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": False}
    return base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", paper)["data"])


def find(browser: Any, selector: str) -> Any:
    return browser.find_element(By.CSS_SELECTOR, selector)


def text(browser: Any, selector: str) -> str:
    """What a person reads there."""
    return str(
        browser.execute_script("return document.querySelector(arguments[0]).innerText", selector)
    )


def press(browser: Any, *keys: str) -> None:
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def focused(browser: Any, script: str = "e => e.id") -> Any:
    return browser.execute_script(f"return ({script})(document.activeElement)")
