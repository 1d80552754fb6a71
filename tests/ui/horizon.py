"""Horizon's pages of Mistral, as one who has logged in goes through them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from ui.browser import picture

_PATIENCE = 60
"""Seconds for a page."""

_ROWS = """
const rows = document.querySelectorAll(arguments[0] + " tbody tr[data-object-id]")
return Array.from(rows).map(row => ({
  ident: row.dataset.objectId,
  cells: Array.from(row.cells).map(cell => ({text: cell.innerText.trim(), title: cell.title})),
}))
"""
# A row that runs is fetched anew every 2.5 s; what was found in it before is no more.
_BUTTONS = """
const buttons = Array.from(document.querySelectorAll(
  `tr[data-object-id="${arguments[0]}"] [id^="executions__row"][id*="__action_"]`))
const said = button => button.textContent.trim()
"""
_ACTIONS = f"{_BUTTONS} return buttons.map(said)"
_PRESS = f"{_BUTTONS} buttons.find(button => said(button) === arguments[1]).click()"
_HEADS = """
return Array.from(document.querySelectorAll(arguments[0] + " thead th")).map(
  head => head.innerText.trim())
"""


@dataclass(frozen=True)
class Row:
    """A line of a table: by the columns' heads what is in each, and what is shown over it."""

    ident: str
    text: dict[str, str]
    hover: dict[str, str]


class Dashboard:
    """A browser that looks at the Horizon at ``address``."""

    def __init__(self, driver: Any, address: str) -> None:
        self._driver = driver
        self._address = address

    def log_in(self, user: str, password: str) -> None:
        driver = self._driver
        driver.get(f"{self._address}auth/login/")
        driver.find_element(By.ID, "id_username").send_keys(user)
        driver.find_element(By.ID, "id_password").send_keys(password)
        driver.find_element(By.ID, "loginBtn").click()
        WebDriverWait(driver, _PATIENCE).until(
            lambda _: driver.find_elements(By.PARTIAL_LINK_TEXT, user)
        )

    def executions(self) -> dict[str, Row]:
        """The page of the executions, by their ids."""
        self._open("mistral/executions/")
        return {row.ident: row for row in self._rows("#executions")}

    def execution(self, ident: str) -> dict[str, str]:
        """What the page of an execution says, by what stands before it."""
        self._open(f"mistral/executions/{ident}/detail")
        return self._said()

    def tasks(self, execution: str) -> list[Row]:
        """The tasks of an execution, in the page's order."""
        self._open(f"mistral/tasks/{execution}/execution")
        return self._rows("#tasks")

    def task(self, ident: str) -> dict[str, str]:
        """What the page of a task says."""
        self._open(f"mistral/tasks/{ident}/detail")
        return self._said()

    def action_executions(self, task: str) -> list[Row]:
        """What a task has done."""
        self._open(f"mistral/action_executions/{task}/task")
        return self._rows("#actionexecutions")

    def action_execution(self, ident: str) -> dict[str, str]:
        """What the page of such a thing says."""
        self._open(f"mistral/action_executions/{ident}/detail")
        return self._said()

    def workflow(self, name: str) -> str:
        """The page of a workflow, as it is linked; or what one finds instead."""
        self._open(f"mistral/workflows/{name}/detail")
        return self.text

    def actions(self, execution: str) -> list[str]:
        """What can be done with an execution, on the page of all."""
        self.executions()
        return list(self._driver.execute_script(_ACTIONS, execution))

    def open_menu(self, execution: str) -> None:
        """The page of the executions, with the menu of one open."""
        self.executions()
        menu = f'tr[data-object-id="{execution}"] .dropdown-toggle'
        self._driver.find_element(By.CSS_SELECTOR, menu).click()

    def press(self, execution: str, action: str, *, confirm: bool = False) -> list[str]:
        """Choose an action from an execution's menu; what the page answers."""
        self.executions()
        self._driver.execute_script(_PRESS, execution, action)
        if confirm:
            sure = (By.CSS_SELECTOR, ".modal-dialog a.btn-danger, .modal-dialog a.btn-primary")
            WebDriverWait(self._driver, _PATIENCE).until(
                lambda _: [b for b in self._driver.find_elements(*sure) if b.is_displayed()]
            )[0].click()
        return WebDriverWait(self._driver, _PATIENCE).until(lambda _: self._alerts())

    @property
    def text(self) -> str:
        """What a person reads on the page, all of it."""
        return str(self._driver.execute_script("return document.body.innerText"))

    @property
    def source(self) -> str:
        """The page as it came."""
        return str(self._driver.page_source)

    def picture(self, path: Path, *, whole: bool = True) -> None:
        picture(self._driver, path, whole=whole)

    def _open(self, path: str) -> None:
        self._driver.get(f"{self._address}{path}")

    def _rows(self, table: str) -> list[Row]:
        # Rows are fetched anew and again while something runs: all is read at once.
        heads = self._driver.execute_script(_HEADS, table)
        found = []
        for row in self._driver.execute_script(_ROWS, table):
            cells = dict(zip(heads[-len(row["cells"]) :], row["cells"], strict=True))
            found.append(
                Row(
                    row["ident"],
                    {head: cell["text"] for head, cell in cells.items()},
                    {head: cell["title"] for head, cell in cells.items() if cell["title"]},
                )
            )
        return found

    def _said(self) -> dict[str, str]:
        script = """
          return Array.from(document.querySelectorAll(".detail dt")).map(
            dt => [dt.innerText.trim(), dt.nextElementSibling.innerText.trim()])
        """
        return dict(self._driver.execute_script(script))

    def _alerts(self) -> list[str]:
        found = self._driver.find_elements(By.CSS_SELECTOR, ".alert")
        return [alert.text for alert in found if alert.text]
