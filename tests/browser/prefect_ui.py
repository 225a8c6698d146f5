"""The Prefect UI as a person uses it: a deployment's form filled in, a flow run's pages read."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from tests.browser.devtools import Tab

PATIENCE = 60.0
ANSWERS_WITHIN, PRESSES = 20.0, 3

_FIELD = """
(() => {
  const label = [...document.querySelectorAll("form label")]
    .find((one) => one.innerText.trim().startsWith(%s));
  return label?.parentElement?.querySelector("textarea")
    ?? label?.closest("div")?.parentElement?.querySelector("textarea");
})()
"""


class PrefectPages:
    """One tab that walks through a server's UI."""

    def __init__(self, tab: Tab, url: str) -> None:
        self.tab = tab
        self.url = url

    async def open_form(self, deployment: str) -> None:
        """The page on which a deployment is started with parameters of one's own."""
        await self.tab.open(f"{self.url}/deployments/deployment/{deployment}/run")
        await self.tab.until("!!document.querySelector('form button[type=submit]')", PATIENCE)

    async def fill(self, field: str, words: str) -> None:
        """Have a text field of the form, found by its label, hold these words."""
        found = _FIELD % json.dumps(field)
        await self.tab.until(f"!!({found})", PATIENCE)
        if await self.tab.value(f"({found}).value") == words:
            return
        await self.tab.value(f"({found}).focus()")
        await self.tab.send("Input.insertText", text=words)
        await self.tab.until(f"({found}).value === {json.dumps(words)}", PATIENCE)

    async def submit(self, **said: str) -> None:
        """Fill in what a form asks, press Submit, and wait until the UI leaves the form behind.

        A server whose SQLite is locked for a moment answers 503; the page
        says so and keeps the form. A person presses again, and so does this, a few times.

        Raises: AssertionError with what the page shows, if the form stays.
        """
        for _ in range(PRESSES):
            for field, words in said.items():
                await self.fill(field, words)
            await self.tab.value("document.querySelector('form button[type=submit]').click()")
            with contextlib.suppress(AssertionError):
                await self.tab.until("!location.pathname.endsWith('/run')", ANSWERS_WITHIN)
                return
        raise AssertionError(f"the form stays: {self.tab.console}\n{await self.tab.text('body')}")

    async def show(self, path: str, *words: str, picture: Path | None = None) -> str:
        """Open a page and wait for its words; answers all that can be read on it."""
        await self.tab.open(self.url + path)
        for word in words:
            told = f"document.body?.innerText.includes({json.dumps(word)})"
            await self.tab.until(told, PATIENCE)
        if picture is not None:
            await self.tab.picture(picture, whole=True)
        return await self.tab.text("body")
