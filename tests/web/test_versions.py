"""A source that was replaced after the answer: the page shows the version that was cited, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.browser import Watched, ask
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Make = Callable[..., Watched]

QUOTE = "南浦镇共有30个行政村。"


def report(villages: int) -> RawDocument:
    return RawDocument.of("nanpu.txt", f"# 南浦镇{villages}年前后\n\n南浦镇共有{villages}个行政村。\n")


@pytest.fixture
def replaced(library: Library) -> Iterator[Callable[[], None]]:
    library.ingest([report(30)])

    def replace() -> None:
        library.ingest([report(3100)])

    yield replace
    library.remove("nanpu.txt")


def test_the_version_that_was_cited_is_shown(visit: Make, replaced: Callable[[], None]) -> None:
    page = visit().page
    turn = ask(page, "南浦镇共有多少个行政村？")
    expect(turn.locator(".sentence").first).to_contain_text("30个")
    replaced()
    turn.locator(".chip").first.click()
    expect(page.locator("#source-note")).to_contain_text("这是回答引用的早先版本")
    expect(page.locator("#source-text mark")).to_have_text(QUOTE)
