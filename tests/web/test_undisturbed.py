"""What a person is doing on the page is not undone by what else happens there: focus, drafts, places, addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Page, Route, expect

from tests.support.browser import Watched, ask
from tests.web.test_documents import choose

Make = Callable[..., Watched]
FIRST = "石桥县改造危桥几座？"
SECOND = "石桥县新修农村公路多少公里？"
I18N = Path(__file__).parents[2] / "qa" / "web" / "static" / "i18n.js"


def edit_form(page: Page) -> None:
    page.locator(".turn").first.hover()
    page.locator(".turn .edit").first.click()
    expect(page.locator(".edit-form textarea")).to_be_focused()


def test_the_enter_that_ends_a_composition_sends_no_edited_question(visit: Make) -> None:
    page = visit().page
    ask(page, FIRST)
    edit_form(page)
    key = '{ key: "%s", keyCode: 229, isComposing: false, bubbles: true, cancelable: true }'
    for name in ("Enter", "Escape"):
        page.locator(".edit-form textarea").evaluate(
            f"node => node.dispatchEvent(new KeyboardEvent('keydown', {key % name}))"
        )
    expect(page.locator(".edit-form textarea")).to_have_value(FIRST)


def test_an_edited_question_waits_for_the_answer_that_is_being_written(visit: Make) -> None:
    page = visit().page
    ask(page, FIRST)
    edit_form(page)
    page.locator(".edit-form textarea").fill(SECOND)
    held: list[Route] = []
    page.route("**/chat", lambda route: held.append(route))
    page.locator("#question").fill("石桥县新开公交线路几条？")
    page.locator("#question").press("Enter")
    expect(page.locator("#send")).to_have_accessible_name("停止")
    page.locator(".edit-form textarea").press("Enter")
    expect(page.locator(".edit-form textarea")).to_have_value(SECOND)
    page.unroute("**/chat")
    held[0].fallback()
    expect(page.locator(".turn .foot")).to_have_count(2)
    page.locator(".edit-form textarea").press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".sentence")).to_contain_text("126公里")


def test_old_conversations_stand_under_their_own_heading(visit: Make) -> None:
    page = visit().page
    then = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    old = {"id": "0" * 32, "title": "旧事", "created": then, "updated": then, "message_count": 2}
    page.route("**/conversations?*", lambda route: route.fulfill(json={"conversations": [old], "next": None}))
    page.reload()
    expect(page.locator("#conversations h2")).to_have_text("更早")


def test_no_word_of_the_page_is_there_twice() -> None:
    """The later of two would be shown in both places; a browser doesn't say so."""
    for language in ("ZH", "EN"):
        words = I18N.read_text("utf-8").partition(f"const {language} = {{")[2].partition("\n};")[0]
        outer = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', "''", words)  # without texts, and below without what is nested
        while (flat := re.sub(r"[({\[][^(){}\[\]]*[)}\]]", "", outer)) != outer:
            outer = flat
        names = Counter(re.findall(r"(\w+):", outer))
        assert len(names) > 100
        assert [name for name, count in names.items() if count > 1] == []


def test_who_asks_with_a_source_open_can_go_on_typing(visit: Make) -> None:
    page = visit().page
    ask(page, FIRST)
    page.locator(".sentence .chip").click()
    expect(page.locator("#source-title")).to_be_focused()
    page.locator("#question").fill(SECOND)
    page.locator("#question").press("Enter")
    expect(page.locator(".foot")).to_have_count(2)
    expect(page.locator("#source")).to_be_hidden()
    expect(page.locator("#question")).to_be_focused()


def test_a_growing_conversation_does_not_go_back_to_the_chip_of_the_open_source(visit: Make) -> None:
    page = visit(height=500).page
    ask(page, FIRST)
    for _ in range(3):
        ask(page, SECOND)
    page.locator(".turn").first.locator(".chip").first.click()
    expect(page.locator("#source")).to_be_visible()
    page.locator("#scroll").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    page.get_by_role("button", name="有帮助").last.click()
    expect(page.locator(".comment textarea")).to_be_focused()
    page.wait_for_timeout(200)  # for what would scroll
    expect(page.locator(".comment textarea")).to_be_in_viewport()


def test_on_a_phone_the_drawer_closes_before_a_document_opens(visit: Make) -> None:
    page = visit(width=390, height=780, has_touch=True).page
    page.locator("#menu").click()
    page.locator("#holdings").click()
    page.get_by_role("dialog", name="资料库").get_by_role("button", name="读“石桥县").click()
    expect(page.locator("#source-text")).to_contain_text("改造危桥7座")
    page.locator("#source-close").click(timeout=3000)
    expect(page.locator("#source")).to_be_hidden()
    expect(page.locator("#menu")).to_be_focused()


def test_a_dialog_on_a_low_screen_scrolls_to_its_buttons(visit: Make) -> None:
    page = visit(width=568, height=250).page
    page.locator("#scope").click()
    form = page.locator("dialog .dialog-form")
    box = form.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 20)
    page.mouse.wheel(0, 2000)
    expect(page.get_by_role("button", name="完成")).to_be_in_viewport(ratio=1)


def test_marking_text_beyond_the_edge_of_a_dialog_does_not_close_it(visit: Make) -> None:
    page = visit().page
    page.locator("#scope").click()
    heading = page.locator("dialog h2").bounding_box()
    assert heading
    page.mouse.move(heading["x"] + 5, heading["y"] + 5)
    page.mouse.down()
    page.mouse.move(5, 5)
    page.mouse.up()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.mouse.click(5, 5)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_conversation_that_could_not_be_fetched_is_there_after_reloading(visit: Make) -> None:
    page = visit().page
    ask(page, FIRST)
    address = page.url
    page.route("**/conversations/*", lambda route: route.abort(), times=1)
    page.reload()
    page.get_by_role("alert").get_by_role("button", name="重新载入").click()
    expect(page.locator(".turn .sentence")).to_contain_text("7座")
    assert page.url == address


def test_who_asks_before_an_addressed_conversation_is_there_asks_within_it(visit: Make, client: httpx.Client) -> None:
    page = visit().page
    ask(page, FIRST)
    address = page.url
    held: list[Route] = []
    page.route("**/documents", lambda route: held.append(route), times=1)
    page.reload()
    page.locator("#question").fill(SECOND)
    page.locator("#question").press("Enter")
    expect(page.locator("#question")).to_have_value(SECOND)  # it waits
    held[0].continue_()
    expect(page.locator(".turn .sentence")).to_have_count(1)
    page.locator("#question").press("Enter")
    expect(page.locator(".foot")).to_have_count(2)
    assert page.url == address
    assert len(client.get(f"/conversations/{address.partition('#')[2]}").json()["messages"]) == 4


def test_an_upload_that_fails_behind_a_closed_dialog_says_so(visit: Make, tmp_path: Path) -> None:
    page = visit().page
    held: list[Route] = []
    page.route(
        "**/documents", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    (tmp_path / "new.txt").write_text("东山县2023年新建水库3座。", "utf-8")
    page.locator("#holdings").click()
    dialog = page.get_by_role("dialog", name="资料库")
    choose(page, dialog.get_by_role("button", name="添加资料"), tmp_path / "new.txt")
    dialog.get_by_role("button", name="完成").click()
    expect(dialog).to_have_count(0)
    held[0].abort()
    expect(page.locator(".toast")).to_contain_text("没有成功")
    expect(page.locator(".toast")).not_to_contain_text("输入框")


def test_a_renamed_conversation_keeps_its_name_after_the_next_question(visit: Make) -> None:
    page = visit().page
    ask(page, FIRST)
    page.reload()
    expect(page.locator(".foot")).to_have_count(1)
    page.locator(".conversation[aria-current] + .more").click()
    page.get_by_role("menuitem", name="改名").click()
    page.get_by_role("textbox", name="对话的名字").fill("桥")
    page.keyboard.press("Enter")
    expect(page.locator("#heading")).to_have_text("桥")
    ask(page, SECOND)
    expect(page.locator("#heading")).to_have_text("桥")
