"""The page around the questions: conversations, documents, themes, languages, keyboard, clipboard, export."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.browser import Watched, ask

Make = Callable[..., Watched]

QUESTION = "石桥县改造危桥几座？"
QUOTE = "石桥县新修农村公路126公里，改造危桥7座。"


def test_only_chosen_documents_are_asked(visit: Make) -> None:
    page = visit().page
    page.locator("#scope").click()
    dialog = page.get_by_role("dialog", name="在哪些资料里找")
    dialog.get_by_label("全部资料").uncheck()
    dialog.get_by_role("searchbox").fill("石桥")
    expect(dialog.locator(".choices li:visible")).to_have_count(1)
    dialog.locator(".choices li:visible input").check()
    dialog.get_by_role("button", name="完成").click()
    expect(page.locator("#scope")).to_have_text("1 份资料")
    turn = ask(page, "中江县换届后村党组织书记、主任一肩挑占比是多少？")
    expect(turn.locator(".abstention-scope")).to_have_text("只在所选的 1 份资料里找过。")
    turn.get_by_role("button", name="在全部资料里再问").click()
    expect(page.locator(".turn .sentence").first).to_contain_text("97.48%")
    expect(page.locator("#scope")).to_have_text("全部资料")


def test_conversation_is_renamed_and_deleted(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, QUESTION)
    page.locator(".conversation[aria-current] + .more").click()
    page.get_by_role("menuitem", name="改名").click()
    page.get_by_role("textbox", name="对话的名字").fill("桥")
    page.keyboard.press("Enter")
    expect(page.locator(".conversation[aria-current]")).to_have_text("桥")
    expect(page.locator("#heading")).to_have_text("桥")
    page.locator(".conversation[aria-current] + .more").click()
    page.get_by_role("menuitem", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.get_by_role("link", name="桥", exact=True)).to_have_count(0)
    assert "桥" not in [item["title"] for item in client.get("/conversations?limit=50").json()["conversations"]]


def test_suggested_question_is_answered(visit: Make) -> None:
    page = visit().page
    suggestion = page.locator(".suggestions button").first
    expect(suggestion).to_be_visible()
    question = suggestion.locator(".suggested").inner_text()
    suggestion.click()
    expect(page.locator(".asked-text")).to_have_text(question)
    expect(page.locator(".sentence .chip").first).to_be_visible()


def test_answer_is_copied_with_its_citations(visit: Make) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"]).page
    ask(page, QUESTION)
    page.get_by_role("button", name="复制（带引用）").click()
    expect(page.locator(".toast")).to_have_text("已复制")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f"{QUOTE}[1]\n\n[1] 石桥县2023年工作总结 · 交通 · shiqiao.txt")


def test_colours_follow_the_system_until_they_are_chosen(visit: Make) -> None:
    page = visit(color_scheme="dark").page
    root, switch = page.locator("html"), page.locator("#theme")
    expect(root).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    expect(page.locator("body")).to_have_css("background-color", dark)
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    expect(page.locator("body")).not_to_have_css("background-color", dark)
    expect(switch).to_have_accessible_name("配色：跟随系统")
    switch.click()
    expect(switch).to_have_accessible_name("配色：浅色")
    switch.click()
    expect(switch).to_have_accessible_name("配色：深色")
    page.reload()
    expect(switch).to_have_accessible_name("配色：深色")
    expect(page.locator("body")).to_have_css("background-color", dark)


@pytest.mark.parametrize(
    ("locale", "language", "placeholder"),
    [("zh-TW", "zh-CN", "问这些资料里的事…"), ("de-DE", "en", "Ask about these documents…")],
)
def test_page_speaks_the_browsers_language(visit: Make, locale: str, language: str, placeholder: str) -> None:
    page = visit(locale=locale).page
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#question")).to_have_attribute("placeholder", placeholder)


SHAPE = """async () => {
  const { WORDS } = await import("/static/i18n.js");
  const shape = (value) => value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
    : typeof value;
  return [shape(WORDS.zh), shape(WORDS.en)];
}"""


def test_languages_have_the_same_words(visit: Make) -> None:
    chinese, english = visit().page.evaluate(SHAPE)
    assert chinese == english
    assert len(chinese) > 100


def test_keyboard_alone_is_enough(visit: Make) -> None:
    page = visit().page
    expect(page.locator("#holdings")).to_contain_text("3")
    page.keyboard.type(QUESTION)  # the question has the focus from the start
    page.keyboard.press("Enter")
    chip = page.locator(".sentence .chip")
    expect(page.locator(".foot")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if chip.evaluate("node => node === document.activeElement"):
            break
    expect(chip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#source-text mark")).to_have_text(QUOTE)
    expect(page.locator("#source-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(chip).to_be_focused()
    page.locator("#question").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".edit-form textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="修改问题")).to_be_focused()
    page.locator(".conversation[aria-current] + .more").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="删除")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".conversation[aria-current] + .more")).to_be_focused()


def test_enter_of_an_input_method_asks_nothing(visit: Make) -> None:
    page = visit().page
    box = page.locator("#question")
    box.fill("石桥县")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    box.press("Shift+Enter")
    expect(box).to_have_value("石桥县\n")
    expect(page.locator(".turn")).to_have_count(0)


def test_phone_has_its_conversations_in_a_drawer(visit: Make) -> None:
    page = visit(width=390, height=780, has_touch=True).page
    ask(page, QUESTION)
    menu = page.locator("#menu")
    expect(page.locator("#sidebar")).to_be_hidden()
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#fresh")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).to_be_hidden()
    expect(menu).to_be_focused()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.locator(".sentence .chip").click()
    expect(page.locator("#source-text mark")).to_be_in_viewport()
    page.locator("#source-close").click()
    expect(page.locator("#question")).to_be_in_viewport()


def test_question_that_is_too_long_is_refused_before_it_is_sent(visit: Make) -> None:
    page = visit().page
    expect(page.locator("#holdings")).to_contain_text("3")
    page.locator("#question").fill("𠮷" * 2003)
    expect(page.locator("#count")).to_have_text("超出 3 字")
    expect(page.locator("#send")).to_be_disabled()
    page.locator("#question").fill("𠮷" * 1990)
    expect(page.locator("#count")).to_have_text("还可输入 10 字")


def test_document_that_is_read_has_nothing_marked(visit: Make, raw_texts: dict[str, str]) -> None:
    page = visit().page
    page.locator(".shelf button").filter(has_text="石桥县").click()
    expect(page.locator("#source-text .head-1")).to_contain_text("石桥县2023年工作总结")
    assert page.locator("#source-text").evaluate("node => node.textContent") == raw_texts["shiqiao.txt"]
    expect(page.locator("#source-text mark")).to_have_count(0)


@pytest.fixture
def exported(visit: Make) -> Callable[[str], str]:
    """Ask, and export what was asked: returns the file's text."""
    page = visit().page
    ask(page, QUESTION)

    def export(item: str) -> str:
        page.locator("#export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=item).click()
        return download.value.path().read_text("utf-8")

    return export


def test_conversation_is_exported(exported: Callable[[str], str]) -> None:
    assert QUOTE in exported("导出 Markdown")
    assert json.loads(exported("导出 JSON"))["messages"][0]["content"] == QUESTION
