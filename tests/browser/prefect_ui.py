"""The Prefect UI as a person uses it: a deployment's form filled in, a flow run's pages read."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser.devtools import Tab

PATIENCE = 60.0

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
        """Type into a text field of the form, found by its label."""
        found = _FIELD % json.dumps(field)
        await self.tab.until(f"!!({found})", PATIENCE)
        await self.tab.value(f"({found}).focus()")
        await self.tab.send("Input.insertText", text=words)
        await self.tab.until(f"({found}).value === {json.dumps(words)}", PATIENCE)

    async def submit(self) -> None:
        """Press Submit, and wait until the UI leaves the form behind."""
        await self.tab.value("document.querySelector('form button[type=submit]').click()")
        await self.tab.until("!location.pathname.endsWith('/run')", PATIENCE)

    async def show(self, path: str, *words: str, picture: Path | None = None) -> str:
        """Open a page and wait for its words; answers all that can be read on it."""
        await self.tab.open(self.url + path)
        for word in words:
            told = f"document.body?.innerText.includes({json.dumps(word)})"
            await self.tab.until(told, PATIENCE)
        if picture is not None:
            await self.tab.picture(picture, whole=True)
        return await self.tab.text("body")
