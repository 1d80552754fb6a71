"""``wfbreak ui`` beside a real engine, for tests in a browser: what they do and read there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.command import wfbreak
from engine.process import EngineProcess
from selenium.webdriver.support.ui import WebDriverWait

from ui.browser import text
from ui.serving import UiProcess, begun

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
