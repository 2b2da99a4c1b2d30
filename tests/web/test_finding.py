"""Finding things again: conversations by their words, a question by its link, the page in one's own language."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from qa.sessions.conversations import Conversations
from qa.types import Answer, AnswerSentence, Citation, Derived
from tests.support.browser import Gated, Watched, ask, running
from vectorstore.library import Library

Make = Callable[..., Watched]
AppWith = Callable[..., FastAPI]

QUESTION = "石桥县改造危桥几座？"
OTHER = "石桥县新增学位多少个？"


def columns(page: Page) -> int:
    """Return how many groups of documents stand in the first row."""
    tops = page.locator(".compared > .document-group").evaluate_all("nodes => nodes.map((node) => node.offsetTop)")
    return tops.count(tops[0])


def in_sight(page: Page, selector: str) -> bool:
    """Whether an element stands above the composer, wholly inside of what scrolls."""
    return bool(
        page.evaluate(
            """selector => {
              const outer = document.getElementById("scroll").getBoundingClientRect();
              return [...document.querySelectorAll(selector)].every((node) => {
                const inner = node.getBoundingClientRect();
                return inner.top >= outer.top && inner.bottom <= outer.bottom;
              });
            }""",
            selector,
        )
    )


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_conversation_is_found_by_its_words_and_opened_there(visit: Make, client: httpx.Client, width: int) -> None:
    page = visit(width=width).page
    for question in ("𠮷岭县户均增收多少元？", QUESTION, "𠮷岭县新建小学几所？"):
        ask(page, question)
    page.locator("#fresh" if width == 1440 else "#fresh-top").click()
    if width < 1024:
        page.locator("#menu").click()
    page.get_by_role("searchbox", name="搜索对话").fill("改造危桥7座")  # in an answer, and in no title
    found = page.locator(".conversation").first
    expect(found.locator(".found-text")).to_contain_text("改造危桥7座")
    found.click()
    expect(page.locator(".turn.linked .asked-text")).to_have_text(QUESTION)
    expect(page.locator(".turn.linked .asked")).to_be_focused()
    assert in_sight(page, ".turn.linked .asked")
    if width < 1024:
        page.locator("#menu").click()
    page.get_by_role("searchbox", name="搜索对话").fill("100%_没有")  # no wildcard of the database
    expect(page.locator(".none")).to_have_text("没有对话里有这些字。")
    page.get_by_role("searchbox", name="搜索对话").fill("")
    expect(page.locator(".conversation").first).to_be_visible()
    assert client.get("/conversations", params={"search": "100%_没有"}).json()["conversations"] == []


def test_link_leads_to_its_question(visit: Make) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"]).page
    for question in (QUESTION, "𠮷岭县户均增收多少元？", "𠮷岭县新建小学几所？", OTHER):
        ask(page, question)
    page.locator(".turn").nth(1).get_by_role("button", name="复制这一问的链接").click()
    expect(page.locator("main .toast")).to_have_text("链接已复制")
    link = page.evaluate("() => navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".turn.linked .asked-text")).to_have_text("𠮷岭县户均增收多少元？")
    expect(page.locator(".turn.linked .asked-text")).to_be_in_viewport()
    page.goto(link.rpartition("/")[0] + "/0123")
    expect(page.locator("main .toast")).to_have_text("链接所指的那一问已被替换或删除。")


def test_conversation_that_is_gone_says_so_until_the_next_question(visit: Make) -> None:
    page = visit(path="#0123456789abcdef0123456789abcdef").page
    expect(page.locator(".failure-what")).to_have_text("这个对话已不存在")
    ask(page, QUESTION)
    expect(page.locator(".failure")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)


def test_skip_link_leads_to_the_question_and_to_no_conversation(visit: Make) -> None:
    page = visit().page
    ask(page, QUESTION)
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    expect(page.locator(".failure")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)


def test_language_is_switched_and_what_was_typed_stays(visit: Make) -> None:
    page = visit(locale="en-GB").page
    ask(page, QUESTION)
    page.locator("#question").fill("我的下一问")
    page.get_by_role("button", name="切换到中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#question")).to_have_value("我的下一问")
    expect(page.locator(".asked-text")).to_have_text(QUESTION)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="Switch to English").click()
    expect(page.locator("#question")).to_have_attribute("placeholder", "Ask about these documents…")


@pytest.mark.parametrize(("width", "beside"), [(390, 1), (820, 2), (1440, 2)])
def test_compared_documents_stand_side_by_side_where_there_is_room(visit: Make, width: int, beside: int) -> None:
    page = visit(width=width).page
    turn = ask(page, "石桥县和𠮷岭县各新修、新建了什么？")
    expect(turn.locator(".document-group")).to_have_count(2)
    assert columns(page) == beside
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_overview_is_an_outline(visit: Make) -> None:
    page = visit().page
    turn = ask(page, "石桥县的报告讲了什么？")
    points = turn.locator(".outline > li")
    expect(points.locator("h4")).to_have_text(["农业", "交通"])
    expect(points.locator(".sentence")).to_have_count(2)
    page.reload()
    expect(points.locator("h4")).to_have_text(["农业", "交通"])


def test_passages_are_shown_while_an_answer_is_written(visit: Make, app_with: AppWith, library: Library) -> None:
    answerer = Gated(library)
    with running(app_with(answerer)) as url:
        page = visit(at=url).page
        page.locator("#question").fill(QUESTION)
        page.keyboard.press("Enter")
        found = page.locator(".found .nearest button")
        expect(found.first).to_contain_text("石桥县")
        found.first.click()
        expect(page.locator("#source-text mark").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Switch to English")).to_be_disabled()  # it would end the answer
        answerer.gate.set()
        expect(page.locator(".foot")).to_be_visible()
        expect(page.locator(".found")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(390, 700), (1280, 620)])
def test_sources_are_not_behind_the_composer(visit: Make, width: int, height: int) -> None:
    page = visit(width=width, height=height).page
    ask(page, "𠮷岭县户均增收多少元？")
    ask(page, QUESTION)
    expect(page.locator(".turn").last.locator(".foot")).to_be_in_viewport()
    assert in_sight(page, ".turn:last-child .sources, .turn:last-child .actions")
    if width > 1000:
        chip = page.locator(".turn").last.locator(".sentence .chip")
        chip.click()
        expect(page.locator("#source-text mark").first).to_be_visible()
        assert in_sight(page, ".sentence .chip[aria-current]")
    else:
        page.locator("#question").fill("\n".join("一行又一行"))
    expect(page.locator(".turn").last.locator(".actions")).to_be_in_viewport()
    assert in_sight(page, ".turn:last-child .sources, .turn:last-child .actions")


def test_computed_figures_show_how(visit: Make, conversations: Conversations) -> None:
    conversation = conversations.create()
    computed = Derived(expression="9 - 7 = 2", inputs=[1])
    conversations.append(
        conversation.id,
        Answer(
            question=QUESTION,
            standalone_question=QUESTION,
            answer="相差2座。[1]",
            abstained=False,
            sentences=[AnswerSentence(text="相差2座；", citations=[1], derived=computed)],
            citations=[
                Citation(
                    number=1, document="a", document_id="0", title="", section="", quote="相差2座；", spans=[(0, 5)]
                )
            ],
        ),
    )
    page = visit(path=f"#{conversation.id}").page
    expect(page.locator(".sentence .derived")).to_have_text("算式：9 - 7 = 2")
    expect(page.locator(".sentence")).to_have_text("相差2座1算式：9 - 7 = 2")  # the clause's own mark is left out
