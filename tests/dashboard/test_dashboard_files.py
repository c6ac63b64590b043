"""The files of the page: nothing from elsewhere, nothing inline, vendored files as they were published."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from walras_auction.dashboard import reasons

STATIC = reasons.FILE.parent.parent
OWN = sorted(
    file for file in STATIC.rglob("*") if file.suffix in (".js", ".css", ".html") and "vendor" not in file.parts
)
VENDORED = re.findall(
    r"^\| (\S+) \|.*\[(\S+)\].*`([0-9a-f]{64})` \|$", (STATIC / "vendor" / "README.md").read_text(), re.M
)


def test_the_reasons_of_the_page_are_those_of_the_house() -> None:
    assert reasons.FILE.read_text(encoding="utf-8") == reasons.render()


@pytest.mark.parametrize(("name", "licence", "digest"), VENDORED)
def test_vendored_files_are_unchanged_and_licensed(name: str, licence: str, digest: str) -> None:
    assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest
    assert "opyright" in (STATIC / "vendor" / licence).read_text()


def test_every_vendored_file_is_listed() -> None:
    present = {file.name for file in (STATIC / "vendor").iterdir() if file.suffix not in (".md", ".LICENSE")}
    assert {name for name, _, _ in VENDORED} == present


@pytest.mark.parametrize("file", OWN, ids=lambda file: str(file.relative_to(STATIC)))
def test_own_files_load_nothing_from_elsewhere_and_write_no_markup(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.findall(r"https?://", text)
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|cssText", text)


class _Inline(HTMLParser):
    """Collects what a strict content security policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.found += [name for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag in ("script", "style") and data.strip():
            self.found.append(self._tag)


def test_the_page_has_no_inline_script_or_style() -> None:
    parser = _Inline()
    parser.feed((STATIC / "index.html").read_text(encoding="utf-8"))
    assert parser.found == []


def test_the_page_is_served_under_a_strict_policy(url: str) -> None:
    answer = httpx.get(f"{url}/")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    for path in ("js/main.js", "vendor/preact.js"):
        assert "javascript" in httpx.get(f"{url}/{path}").headers["content-type"]
