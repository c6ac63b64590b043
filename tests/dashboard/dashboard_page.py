"""The page in a real browser, in the words of a test: open, read, press, wait until."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait

WAIT_SECONDS = 20
DESKTOP, PHONE = (1280, 900), (360, 780)


class Page:
    """One browser tab. ``until`` waits for a condition; nothing here sleeps."""

    def __init__(self, browser: Chrome) -> None:
        self._browser = browser
        self.expected_errors: tuple[str, ...] = ()
        self._width = DESKTOP[0]

    def look(self, size: tuple[int, int] = DESKTOP, scheme: str = "light", sharp: bool = False) -> None:
        """The window's size, the colour scheme that the person prefers, and whether a pixel is four."""
        width, height = size
        self._width = width
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if sharp else 1, "mobile": width < 600}
        self._browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self._browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, url: str, place: str = "", shows: str = "live") -> None:
        """Load the page anew and wait until it says ``shows``."""
        self._browser.get("about:blank")
        self._browser.get(f"{url}/{place}")
        self.until_text(shows)

    def block(self, *patterns: str) -> None:
        """Let no request through whose address matches; without patterns, all go through again."""
        self._browser.execute_cdp_cmd("Network.enable", {})
        self._browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": list(patterns)})

    def go(self, place: str) -> None:
        """Follow a link within the page."""
        self.run("location.hash = arguments[0]", place)

    def run(self, script: str, *values: object) -> Any:
        return self._browser.execute_script(script, *values)

    def call(self, module: str, expression: str, *values: object) -> Any:
        """The JSON value (or promise of one) of a JavaScript ``expression`` over exports ``m`` and values ``v``."""
        script = f"""const [module, v, done] = arguments;
            import(module).then((m) => {expression}).then(
                (value) => done(JSON.stringify(value)), (error) => done(JSON.stringify(String(error))))"""
        return json.loads(self._browser.execute_async_script(script, module, list(values)))

    def text(self, selector: str = "body") -> str:
        """What a person can read in the first element that matches; empty if there is none."""
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def texts(self, selector: str) -> list[str]:
        return list(self.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText)", selector))

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """The first truthy answer of ``condition``; fails with ``what`` and the page's text."""
        waiting = WebDriverWait(self._browser, WAIT_SECONDS, poll_frequency=0.05)
        return waiting.until(lambda _: condition(), f"{what}; the page says:\n{self.text()}")

    def until_text(self, text: str, selector: str = "body") -> None:
        self.until(lambda: text in self.text(selector), f"{selector} should say {text!r}")

    def press(self, *keys: str) -> None:
        """Keys into whatever has the focus."""
        ActionChains(self._browser).send_keys(*keys).perform()

    def focused(self) -> str:
        """The text of what has the focus."""
        return str(self.run("return document.activeElement.innerText"))

    def click(self, selector: str, number: int = 0) -> None:
        self.run("document.querySelectorAll(arguments[0])[arguments[1]].click()", selector, number)

    def overflow(self) -> list[str]:
        """Elements that make the page scroll sideways (a phone zooms out instead, so innerWidth does not tell)."""
        if self.run("return document.documentElement.scrollWidth") <= self._width:
            return []
        script = """return [...document.querySelectorAll('body *')]
            .filter((e) => e.getBoundingClientRect().right > arguments[0] + 1)
            .map((e) => e.tagName + '.' + e.className)"""
        return list(self.run(script, self._width)) or ["the document itself"]

    def screenshot(self, file: Path, height: int | None = None) -> None:
        """A picture of the page, or of its first ``height`` pixels."""
        options: dict[str, Any] = {"captureBeyondViewport": True}
        if height is not None:
            width = self.run("return innerWidth")
            options["clip"] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        picture = self._browser.execute_cdp_cmd("Page.captureScreenshot", options)
        file.write_bytes(base64.b64decode(picture["data"]))

    def complaints(self) -> list[str]:
        """What the browser's console holds: errors, refused resources, broken security policy."""
        lines = [entry["message"] for entry in self._browser.get_log("browser")]  # type: ignore[no-untyped-call]
        return [line for line in lines if not any(known in line for known in self.expected_errors)]
