"""A service that requires an API key, and its rate limit."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from qa.api.app import create_app
from qa.pipeline import QA
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.support.browser import Watched, ask, running
from vectorstore.library import Library

Make = Callable[..., Watched]
QUESTION = "石桥县改造危桥几座？"


def test_key_is_asked_for_and_kept_in_this_tab(
    visit: Make, library: Library, settings: Settings, conversations: Conversations
) -> None:
    asking = settings.model_copy(update={"keys": "on", "key_questions_per_minute": 2})
    _, key = Keys(library.database).add("page")
    with running(create_app(asking, QA(library, asking), conversations)) as url:
        page = visit(at=url).page
        dialog = page.get_by_role("dialog", name="需要密钥")
        box = dialog.get_by_label("API 密钥")
        expect(box).to_be_focused()
        box.fill("密钥")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("这个密钥不对")
        box.fill("qa-wrong")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("这个密钥不对")
        box.fill(key)
        page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        ask(page, QUESTION)
        page.reload()
        expect(page.locator(".turn .foot")).to_be_visible()
        expect(dialog).to_have_count(0)
        ask(page, QUESTION)
        page.locator("#question").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("问得太快了")
        expect(page.get_by_role("alert")).to_contain_text("秒后可以再试")
        expect(page.locator("#question")).to_have_value(QUESTION)
        assert key not in page.content()
        assert page.evaluate("() => Object.keys(localStorage)") == []
