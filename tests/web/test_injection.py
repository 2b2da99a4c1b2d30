"""A hundred payloads as questions, titles, document texts and file names: none runs, none loads anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from qa.api.app import create_app
from qa.pipeline import QA
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from tests.support.browser import Watched, ask, running, until
from tests.support.payloads import PAYLOADS
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Make = Callable[..., Watched]

IN_A_DOCUMENT = 10
"""Payloads in one document: in its name, its title, its headings and its sentences."""
STRANGE = """() => {
  const tags = "script, img, iframe, object, embed, link, style, base, video, audio, math, template";
  const bad = (name) => name.startsWith("on") || name === "srcdoc";
  const away = (node) => /^(javascript|data|https?):/i.test(node.getAttribute("href") ?? "");
  return [...document.body.querySelectorAll("*")]
    .filter((node) => node.matches(tags) || node.getAttributeNames().some(bad) || away(node))
    .map((node) => node.outerHTML.slice(0, 200));
}"""


def poisoned() -> Iterator[RawDocument]:
    """Make the documents: each says the water level of a station, in words that are a payload."""
    for number in range(0, len(PAYLOADS), IN_A_DOCUMENT):
        mine = PAYLOADS[number : number + IN_A_DOCUMENT]
        parts = [f"# 站点年报{mine[0]}\n"]
        for at, payload in enumerate(mine, number):
            parts.append(f"## {payload}\n\n第{at}号站点的水位是{3000 + at}毫米，{payload}。\n")
        yield RawDocument.of(" ".join(mine) + ".txt", "\n".join(parts))


@pytest.fixture(scope="module")
def hostile(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve that library; every payload is a question of one conversation, and the title of another.

    Every tenth was really asked: the others borrow its answer. Gives the address and the conversation's id.
    """
    settings = Settings(data_dir=tmp_path_factory.mktemp("hostile") / "data", answerer="extractive")
    with Library.open(settings.data_dir, library.embedder) as poison:
        poison.ingest(poisoned())
        qa = QA(poison, settings)
        conversations = Conversations(poison.database, settings.history_limit)
        together = conversations.create()
        for number, payload in enumerate(PAYLOADS):
            if number % 10 == 0:
                answer = qa.ask(payload)
            borrowed = answer.model_copy(update={"question": payload, "standalone_question": f"{payload} {payload}"})
            conversations.append(together.id, borrowed)
            conversations.append(conversations.create(title=payload).id, borrowed)
        with running(create_app(settings, qa, conversations)) as url:
            yield url, together.id


def check(watched: Watched) -> None:
    watched.check()
    assert watched.page.evaluate(STRANGE) == []


def test_questions_and_titles_are_only_text(visit: Make, hostile: tuple[str, str]) -> None:
    url, together = hostile
    watched = visit(at=url, path=f"#{together}")
    page = watched.page
    turns = page.locator(".asked-text")
    expect(turns).to_have_count(len(PAYLOADS))
    assert turns.all_text_contents() == PAYLOADS
    rewritten = page.locator(".understood-text")
    assert rewritten.all_text_contents() == [f"{payload} {payload}" for payload in PAYLOADS]
    while page.locator(".older").count():
        before = page.locator(".conversation").count()
        page.locator(".older").click()
        page.locator(".conversation").nth(before).wait_for()
    assert {payload[:50] for payload in PAYLOADS} <= {
        title[:50] for title in page.locator(".conversation").all_text_contents()
    }
    check(watched)
    last = page.locator(".conversations li").last
    last.locator(".conversation").click()
    expect(page.locator(".conversation[aria-current]")).to_have_count(1)
    last.locator(".more").click()
    page.get_by_role("menuitem", name="删除").click()
    expect(page.get_by_role("dialog")).to_contain_text("不能恢复")
    check(watched)


def test_documents_and_their_names_are_only_text(visit: Make, hostile: tuple[str, str]) -> None:
    watched = visit(at=hostile[0])
    page = watched.page
    documents, shown = len(PAYLOADS) // IN_A_DOCUMENT, page.locator("#source-text")
    expect(page.locator("#holdings")).to_contain_text(str(documents))
    for at in range(documents):
        page.locator("#scope").click()
        page.locator(".choices li").nth(at).get_by_role("button").click()
        expect(shown.locator(".line-of").first).to_contain_text("年报")
        until(lambda: any(payload in (shown.text_content() or "") for payload in PAYLOADS))  # it may be on its way
        page.locator("#source-close").click()
    check(watched)


def test_typed_payloads_and_poisoned_answers_are_only_text(visit: Make, hostile: tuple[str, str]) -> None:
    watched = visit(at=hostile[0])
    page = watched.page
    for payload in PAYLOADS[::40]:
        ask(page, payload)
    turn = ask(page, "第7号站点的水位是多少毫米？")
    expect(turn.locator(".foot")).to_be_visible()
    look_at_everything(page)
    check(watched)


def look_at_everything(page: Page) -> None:
    """Open what the last turn offers: its quotes and sources, or what is nearest."""
    turn = page.locator(".turn").last
    for opener in turn.locator(".chip, .nearest button").all()[:4]:
        opener.hover()
        opener.click()
        expect(page.locator("#source-text mark").first).to_be_visible()
        page.locator("#source-close").click()
