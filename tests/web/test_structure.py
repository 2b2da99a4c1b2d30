"""The structure of a model's answer in a real browser: paragraphs, lists, tables, bold words, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from qa.answering.llm import ModelAnswerer
from qa.llm.endpoint import Endpoint
from qa.sessions.conversations import Conversations
from tests.support.browser import Watched, ask, running
from tests.support.payloads import PAYLOADS
from tests.support.scripted_openai import Messages, Reply, ScriptedOpenAI, passages
from tests.support.structured import WORDS, structured_answer
from tests.web.test_accessibility import violations
from tests.web.test_injection import STRANGE

Make = Callable[..., Watched]
AppWith = Callable[..., FastAPI]
languages = pytest.mark.parametrize(("language", "locale"), [("zh", "zh-CN"), ("en", "en-GB")], ids=["zh", "en"])

OUTLINE = """node => {
  const said = (each) => {
    const copy = each.cloneNode(true);
    for (const inner of copy.querySelectorAll("ul, ol")) inner.remove();
    return copy.textContent;
  };
  const walk = (each, level) => {
    if (each.matches("span.sentence, p, td, th")) return [`${"  ".repeat(level)}${each.localName} ${said(each)}`];
    const number = each.value ? ` ${each.value}` : "";
    const own = each.matches("li") ? [`${"  ".repeat(level)}li${number} ${said(each)}`] : [];
    const parts = each.matches("li") ? each.querySelectorAll(":scope > ul, :scope > ol") : each.children;
    return own.concat([...parts].flatMap((part) => walk(part, level + each.matches("ul, ol"))));
  };
  return [...node.children].flatMap((child) => walk(child, 0));
}"""


def outline(page: Page) -> list[str]:
    """Each line of the answer, cell by cell: its element, a list item's number, its text; items by their level."""
    found: list[str] = page.locator(".sentences").evaluate(OUTLINE)
    return found


@languages
def test_structure_and_chips_are_shown(visit: Make, conversations: Conversations, language: str, locale: str) -> None:
    kept = conversations.create()
    answer = structured_answer(language)
    conversations.append(kept.id, answer)
    page = visit(f"#{kept.id}", locale=locale, permissions=["clipboard-read", "clipboard-write"]).page
    expect(page.locator(".foot")).to_be_visible()
    lines, items = WORDS[language]["lines"], [item.replace("**", "") for item in WORDS[language]["items"]]
    space = " " if language == "en" else ""
    assert [line.strip() for line in outline(page)] == [
        f"span {lines[0]}1",
        f"span {lines[1]}2",
        f"p {WORDS[language]['lead']}",
        f"li 1 {items[0]}3",
        f"li {items[1]}4{space}{items[2]}5",
        f"li 2 {items[3]}6",
        *(f"th {cell}" for cell in str(WORDS[language]["head"]).strip("| ").split(" | ")),
        *(
            f"td {cell}"
            for number, row in enumerate(WORDS[language]["rows"], start=7)
            for cell in f"{row.replace('**', '').strip('| ')}{number}".split(" | ")
        ),
        f"p {lines[0]}9",
    ]
    strong = [word.split("**")[1] for word in (WORDS[language]["items"][0], WORDS[language]["rows"][0])]
    assert page.locator(".sentences strong").all_text_contents() == strong
    assert page.locator(".sentences ol > li > ul > li").count() == 1
    borders = "nodes => nodes.map((node) => getComputedStyle(node).borderTopWidth)"
    assert set(page.locator(".sentences p").evaluate_all(borders)) == {"0px"}
    assert violations(page) == []
    page.get_by_role("button", name="复制（带引用）" if language == "zh" else "Copy with citations").click()
    expect(page.locator(".toast")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()").startswith(f"{answer.answer}\n\n[1] ")


def script(messages: Messages) -> str:
    """A paragraph, and a list inside a list, of what the report says about roads."""
    label = next(name for name, text in passages(messages).items() if "改造危桥7座" in text)
    return (
        f"石桥县新修农村公路126公里。[{label}]\n\n措施包括：\n- **公路**：新修农村公路126公里[{label}]\n"
        f"    - 改造危桥7座[{label}]\n- 新开公交线路9条[{label}]"
    )


def test_structure_of_a_stream_is_that_of_the_stored_answer(visit: Make, app_with: AppWith) -> None:
    with ScriptedOpenAI(script) as server:
        answerer = ModelAnswerer(Endpoint("scripted", server.url, None, 5.0), passages=5, repair=False)
        with running(app_with(answerer)) as url:
            page = visit(at=url).page
            ask(page, "石桥县在交通方面做了什么？")
            expect(page.locator(".facts")).to_contain_text("由 scripted 作答")
            streamed = outline(page)
            assert streamed == [
                "span 石桥县新修农村公路126公里。1",
                "p 措施包括：",
                "  li 公路：新修农村公路126公里1",
                "    li 改造危桥7座1",
                "  li 新开公交线路9条2",
            ]
            page.reload()
            expect(page.locator(".foot")).to_be_visible()
            assert outline(page) == streamed


@pytest.mark.parametrize(
    ("question", "lead_in"),
    [
        ("石桥县的人均寿命是多少岁？", "起草的回答没有通过核对。最接近的原文是："),
        (
            "Who is the mayor of Stonebridge County this year?",
            "The drafted answer could not be verified. The nearest extract:",
        ),
    ],
    ids=["zh", "en"],
)
def test_nearest_extract_stands_under_what_says_so(visit: Make, app_with: AppWith, question: str, lead_in: str) -> None:
    with ScriptedOpenAI(Reply(text="石桥县的人均寿命是79岁。[P1]")) as server:
        answerer = ModelAnswerer(Endpoint("scripted", server.url, None, 5.0), passages=5)
        with running(app_with(answerer)) as url:
            page = visit(at=url, permissions=["clipboard-read", "clipboard-write"]).page
            turn = ask(page, question)
            expect(turn.locator(".lead-in")).to_have_text(lead_in)
            expect(turn.locator(".prose .sentence .chip").first).to_have_text("1")
            expect(turn).not_to_contain_text("资料里没有提到")
            expect(turn.locator(".facts")).to_contain_text("摘自原文")
            turn.get_by_role("button", name="复制（带引用）").click()
            expect(page.locator(".toast")).to_be_visible()
            assert page.evaluate("() => navigator.clipboard.readText()").startswith(f"{lead_in}\n")


@languages
def test_what_a_model_writes_is_only_text(
    visit: Make, conversations: Conversations, language: str, locale: str
) -> None:
    kept = conversations.create()
    for payload in PAYLOADS[::8]:
        conversations.append(kept.id, structured_answer(language, lambda text, payload=payload: text + payload))
    watched = visit(f"#{kept.id}", locale=locale)
    expect(watched.page.locator(".foot")).to_have_count(len(PAYLOADS[::8]))
    assert PAYLOADS[0].replace("**", "") in (watched.page.locator("#log").text_content() or "")
    watched.check()
    assert watched.page.evaluate(STRANGE) == []
