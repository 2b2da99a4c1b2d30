"""Asking in a real browser: streams, citations beside their source, follow-ups, stored conversations, failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, Route, expect

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from tests.support.browser import Faulty, Gated, Watched, ask, running, until
from tests.support.scripted_openai import Messages, Reply, ScriptedOpenAI, error, honest
from vectorstore.library import Library

Make = Callable[..., Watched]
AppWith = Callable[..., FastAPI]

TORN = "𠮷岭县户均增收多少元？"
MANY = "中江县采取了哪些措施优化营商环境？"
PLAIN = "石桥县改造危桥几座？"
SEED = "中江县换届后村党组织书记、主任一肩挑占比是多少？"
UNSAID = "石桥县的人均寿命是多少岁？"


def conversation(client: httpx.Client, page: Page) -> dict[str, Any]:
    """Return the conversation whose id stands in the page's address."""
    found: dict[str, Any] = client.get(f"/conversations/{page.url.partition('#')[2]}").json()
    return found


def in_view(page: Page, selector: str) -> bool:
    """Say whether an element is inside the box that scrolls around it."""
    inner = page.locator(selector).first.bounding_box()
    outer = page.locator("#source-text").bounding_box()
    assert inner is not None
    assert outer is not None
    return outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_sentences_come_one_by_one_and_a_follow_up_is_understood(
    visit: Make, app_with: AppWith, library: Library
) -> None:
    answerer = Gated(library)
    with running(app_with(answerer)) as url:
        page = visit(at=url).page
        page.locator("#question").fill(MANY)
        page.keyboard.press("Enter")
        expect(page.locator(".sentence")).to_have_count(1)
        expect(page.locator(".sentence .chip")).to_have_text("1")
        expect(page.locator(".working")).to_contain_text("核对")
        expect(page.locator("#send")).to_have_accessible_name("停止")
        answerer.gate.set()
        expect(page.locator(".foot")).to_be_visible()
        assert page.locator(".sentence").count() > 1
        expect(page.locator(".working")).to_have_count(0)
        expect(page.locator("#send")).to_have_accessible_name("提问")
        expect(page.locator("#status")).to_have_text("回答完毕。")
        ask(page, "石桥县2023年粮食总产量是多少？")
        turn = ask(page, "那危桥改造了多少座？")
        expect(turn.locator(".understood-text")).to_contain_text("石桥县")
        expect(turn.locator(".sentence")).to_contain_text("改造危桥7座")


@pytest.mark.parametrize(("question", "width"), [(TORN, 1280), (TORN, 390), (PLAIN, 820), (SEED, 1440)])
def test_marked_text_is_exactly_the_quote(
    visit: Make, client: httpx.Client, raw_texts: dict[str, str], question: str, width: int
) -> None:
    page = visit(width=width).page
    turn = ask(page, question)
    citation = conversation(client, page)["messages"][1]["answer"]["citations"][0]
    turn.locator(".sentence .chip").first.click()
    marks = page.locator("#source-text mark")
    expect(marks.first).to_be_visible()
    assert "".join(marks.all_text_contents()) == citation["quote"]
    assert len(citation["spans"]) == (2 if question == TORN else 1)
    assert page.locator("#source-text").evaluate("node => node.textContent") == raw_texts[citation["document"]]
    assert in_view(page, "#source-text mark")
    expect(page.locator("#source-title")).to_have_text(citation["title"])
    expect(page.locator("#source-title")).to_be_focused()


def test_caption_between_the_marks_is_dimmed(visit: Make) -> None:
    page = visit().page
    ask(page, TORN).locator(".sentence .chip").click()
    expect(page.locator("#source-text .dim").first).to_have_text("𠮷岭县茶园新貌。")


def test_quote_is_shown_at_its_chip(visit: Make) -> None:
    page = visit().page
    chip = ask(page, TORN).locator(".sentence .chip")
    quote = "全县建成标准化茶园4200亩，带动茶农1.8万户，户均增收6300元。"
    chip.hover()
    expect(page.locator("#preview .preview-quote")).to_have_text(quote)
    page.mouse.move(5, 5)
    expect(page.locator("#preview")).to_be_hidden()
    page.keyboard.press("Shift+Tab")  # makes focus visible, as for keyboard users
    chip.focus()
    expect(chip).to_have_accessible_description(f"{quote} 𠮷岭县：茶旅融合促振兴 › 产业发展")
    page.keyboard.press("Escape")
    expect(page.locator("#preview")).to_be_hidden()


def test_citations_are_walked_through(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, MANY).locator(".sentence .chip").first.click()
    citations = conversation(client, page)["messages"][1]["answer"]["citations"]
    expect(page.locator("#source-prev")).to_be_disabled()
    for at, citation in enumerate(citations, 1):
        expect(page.locator("#source-at")).to_have_text(f"{at} / {len(citations)}")
        expect(page.locator("#source-text mark")).to_have_text(citation["quote"])
        if at < len(citations):
            page.locator("#source-next").click()
    expect(page.locator("#source-prev")).to_be_focused()


def test_who_asks_before_the_page_has_heard_from_the_server_keeps_the_turn(visit: Make) -> None:
    page = visit().page
    expect(page.locator("#holdings")).to_be_visible()
    rights: list[Route] = []
    asked: list[Route] = []
    page.route("**/access", lambda route: rights.append(route))  # a builtin it does not take
    page.route("**/chat", lambda route: asked.append(route))
    page.reload()
    page.locator("#question").fill(PLAIN)
    page.keyboard.press("Enter")
    until(lambda: page.evaluate("true") and bool(rights and asked))
    rights[0].continue_()  # and so the start goes on, to what the address names: nothing yet
    page.wait_for_timeout(500)
    asked[0].continue_()
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".foot")).to_be_visible()


def test_conversation_is_there_after_a_reload(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, SEED)
    ask(page, UNSAID)
    before = page.locator("#log").inner_text()
    item = page.locator(".conversation[aria-current]")
    expect(item).to_have_text(SEED)
    page.reload()
    expect(page.locator(".turn")).to_have_count(2)
    assert page.locator("#log").inner_text() == before
    expect(item).to_have_text(SEED)
    page.locator(".chip").first.click()
    quote = conversation(client, page)["messages"][1]["answer"]["citations"][0]["quote"]
    expect(page.locator("#source-text mark")).to_have_text(quote)
    page.locator("#fresh").click()
    expect(page.locator("#welcome")).to_be_visible()
    page.go_back()
    expect(page.locator(".turn")).to_have_count(2)


def test_abstention_looks_like_one_and_offers_what_is_nearest(visit: Make) -> None:
    page = visit().page
    turn = ask(page, UNSAID)
    expect(turn.locator(".abstention-what")).to_have_text("资料里没有提到")
    expect(turn.locator(".chip")).to_have_count(0)
    nearest = turn.locator(".nearest button").first
    text = nearest.locator(".nearest-text").text_content()
    nearest.click()
    expect(page.locator("#source-text mark").first).to_be_visible()
    assert "".join(page.locator("#source-text mark").all_text_contents()) == text


def test_feedback_is_kept(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, PLAIN)
    page.get_by_role("button", name="没有帮助").click()
    page.locator(".comment textarea").fill("应该也说公路")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".toast")).to_have_text("谢谢，已记下。")
    message = conversation(client, page)["messages"][1]["id"]
    (given,) = [item for item in client.get("/feedback").json()["feedback"] if item["message_id"] == message]
    assert (given["rating"], given["comment"], given["question"]) == ("down", "应该也说公路", PLAIN)
    page.reload()
    thumb = page.get_by_role("button", name="没有帮助")
    expect(thumb).to_have_attribute("aria-pressed", "true")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "false")
    assert conversation(client, page)["messages"][1]["feedback"] is None


def test_question_is_edited_and_asked_again(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, PLAIN)
    ask(page, UNSAID)
    turns = page.locator(".turn")
    turns.first.hover()
    turns.first.get_by_role("button", name="修改问题").click()
    box = page.locator(".edit-form textarea")
    expect(box).to_have_value(PLAIN)
    box.fill("石桥县新开公交线路多少条？")
    page.keyboard.press("Enter")
    expect(turns).to_have_count(1)
    expect(turns.locator(".sentence")).to_contain_text("公交线路9条")
    expect(turns.locator(".foot")).to_be_visible()
    edited, _ = conversation(client, page)["messages"]
    assert edited["content"] == "石桥县新开公交线路多少条？"
    first = conversation(client, page)["messages"][1]["id"]
    page.get_by_role("button", name="重新回答").click()
    expect(turns).to_have_count(1)
    expect(turns.locator(".foot")).to_be_visible()
    assert len(conversation(client, page)["messages"]) == 2
    assert conversation(client, page)["messages"][1]["id"] != first


def test_stop_in_mid_stream_keeps_the_question_and_what_was_shown(
    visit: Make, app_with: AppWith, library: Library
) -> None:
    answerer = Gated(library)
    with running(app_with(answerer)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        page = visit(at=url).page
        page.locator("#question").fill(MANY)
        page.keyboard.press("Enter")
        expect(page.locator(".sentence")).to_have_count(1)
        page.locator("#send").click()
        expect(page.locator(".stopped")).to_contain_text("已经显示的部分留在对话里")
        expect(page.locator("#question")).to_have_value(MANY)
        until(lambda: len(conversation(client, page)["messages"]) == 2)
        stored = conversation(client, page)["messages"][1]["answer"]
        assert (stored["stopped"], len(stored["sentences"])) == (True, 1)
        answerer.gate.set()
        page.get_by_role("button", name="再问一次").click()
        expect(page.locator(".foot")).to_be_visible()
        expect(page.locator(".turn")).to_have_count(1)
        expect(page.locator("#question")).to_have_value("")
        assert len(conversation(client, page)["messages"]) == 4


def test_server_that_stops_in_between_is_met_with_advice(visit: Make, app_with: AppWith) -> None:
    with running(app_with()) as url:
        page = visit(at=url).page
        ask(page, PLAIN)
    page.locator("#question").fill(SEED)
    page.keyboard.press("Enter")
    failure = page.get_by_role("alert")
    expect(failure).to_contain_text("连不上服务")
    expect(failure).to_contain_text("再试一次")
    expect(page.locator("#question")).to_have_value(SEED)
    with running(app_with(), port=int(url.rpartition(":")[2])):
        failure.get_by_role("button", name="再问一次").click()
        expect(page.locator(".turn").nth(1).locator(".foot")).to_be_visible()
        expect(page.locator(".turn")).to_have_count(2)


def test_deleted_conversation_offers_a_new_one(visit: Make) -> None:
    page = visit(path="#" + "0" * 32).page
    expect(page.get_by_role("alert")).to_contain_text("这个对话已不存在")
    page.get_by_role("button", name="开始新对话").click()
    ask(page, PLAIN)


def test_conversation_deleted_elsewhere_can_be_continued(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, PLAIN)
    client.delete(f"/conversations/{page.url.partition('#')[2]}")
    page.locator("#question").fill(SEED)
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_role("button", name="开始新对话").click()
    expect(page.locator(".turn .foot")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


def test_failure_of_the_model_is_explained_beside_quotations(visit: Make, app_with: AppWith) -> None:
    with ScriptedOpenAI(error(500)) as server:
        answerer = ModelAnswerer(Endpoint("scripted", server.url, None, 5.0), passages=5, repair=False)
        with running(app_with(answerer)) as url:
            turn = ask(visit(at=url).page, PLAIN)
            expect(turn.locator(".warning")).to_contain_text("已改为从原文中查找摘录")
            expect(turn.locator(".sentence .chip")).to_have_text("1")


@pytest.mark.parametrize(
    ("locale", "thought", "summary", "cost"),
    [
        ("zh-CN", "<b>先看</b>第一段", "模型的思考（未经核对）", "输入 1,234、输出 56 词元"),
        ("en-GB", "<b>First</b> the one passage", "The model’s thoughts (not verified)", "1,234 tokens in, 56 out"),
    ],
    ids=["zh", "en"],
)
def test_thoughts_and_cost_of_the_model_are_shown(
    visit: Make, app_with: AppWith, locale: str, thought: str, summary: str, cost: str
) -> None:
    def replies(messages: Messages) -> Reply:
        return Reply(text=honest(messages), thinking=thought, usage=(1234, 56))

    with ScriptedOpenAI(replies) as server:
        answerer = ModelAnswerer(Endpoint("scripted", server.url, None, 5.0), passages=5, repair=False)
        with running(app_with(answerer)) as url:
            turn = ask(visit(at=url, locale=locale).page, PLAIN)
            expect(turn.locator(".thoughts summary")).to_have_text(summary)
            expect(turn.locator(".thoughts-text")).to_be_hidden()
            turn.locator(".thoughts summary").click()
            expect(turn.locator(".thoughts-text")).to_have_text(thought)
            expect(turn.locator(".facts")).to_contain_text(cost)
            expect(turn.locator(".sentences")).not_to_contain_text(thought)


def test_internal_error_shows_a_request_id(
    visit: Make, app_with: AppWith, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    answerer = Faulty(library)
    with running(app_with(answerer)) as url:
        page = visit(at=url).page
        page.locator("#question").fill(PLAIN)
        page.keyboard.press("Enter")
        failure = page.get_by_role("alert")
        expect(failure).to_contain_text("出了问题")
        failure.locator("summary").click()
        reference = failure.locator("details p").inner_text().rpartition(" ")[2]
        assert reference in caplog.text
        assert "defect" not in failure.inner_text()
        answerer.mended = True
        failure.get_by_role("button", name="再问一次").click()
        expect(page.locator(".turn .foot")).to_be_visible()


def test_library_that_opens_is_waited_for(visit: Make, app_with: AppWith, conversations: Any, library: Any) -> None:
    from qa.api.app import create_app
    from qa.pipeline import QA

    ready = app_with()
    app = create_app(ready.state.service.settings)
    with running(app) as url:
        page = visit(at=url).page
        expect(page.locator("#start")).to_contain_text("正在准备")
        app.state.service.ready(QA(library, ready.state.service.settings), conversations)
        expect(page.locator("#holdings")).to_have_text("资料库有 3 份资料")
        ask(page, PLAIN)
