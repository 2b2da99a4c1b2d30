"""axe-core on every view of the page: no serious violation in light or dark, on a phone or a desktop."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.support.browser import Watched, ask

Make = Callable[..., Watched]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": {"width": 390, "height": 844, "has_touch": True}, "desktop": {"width": 1440, "height": 900}}


_CONVERSATION = re.compile(r'href="#[0-9a-f]{32}')


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, one line an element; in the dark only colours differ."""
    found = []
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(AXE_SCRIPT)
    for scheme, rules in (("light", RULES), ("dark", ["color-contrast"])):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        found += [
            f"{scheme} {each['impact']} {each['id']}: {node['target']} {node['failureSummary']}"
            for each in page.evaluate("rules => axe.run({ runOnly: rules })", rules)["violations"]
            for node in each["nodes"]
            # A conversation's address is a fragment: axe takes its link for one that skips, once it is scrolled away.
            if each["id"] != "skip-link" or not _CONVERSATION.search(node["html"])
        ]
    return found


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(visit: Make, size: str) -> None:
    page = visit(**SIZES[size]).page
    expect(page.locator(".shelf li")).to_have_count(3)
    found = {"empty": violations(page)}
    ask(page, "𠮷岭县户均增收多少元？")
    turn = ask(page, "石桥县的人均寿命是多少岁？")
    page.get_by_role("button", name="没有帮助").last.click()
    found["chat"] = violations(page)
    page.get_by_role("button", name="关闭").click()
    turn.locator(".nearest button").first.click()
    expect(page.locator("#source-text mark").first).to_be_visible()
    found["source"] = violations(page)
    page.locator("#source-close").click()
    page.locator("#scope").click()
    found["documents"] = violations(page)
    page.keyboard.press("Escape")
    if size == "phone":
        page.locator("#menu").click()
    page.locator(".conversation[aria-current] + .more").click()
    found["menu"] = violations(page)
    assert {face: lines for face, lines in found.items() if lines} == {}
