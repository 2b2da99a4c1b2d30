"""A question that is asked again in a real browser, because its answer got lost on the way, is stored once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.support.browser import Watched, ask

Make = Callable[..., Watched]
FIRST = "石桥县改造危桥几座？"
SECOND = "石桥县新修农村公路多少公里？"


def stored(client: httpx.Client, page: Page) -> list[dict[str, Any]]:
    """Return the messages of the conversation whose id stands in the page's address."""
    found: list[dict[str, Any]] = client.get(f"/conversations/{page.url.partition('#')[2]}").json()["messages"]
    return found


@pytest.mark.parametrize("at_the_box", [False, True])
def test_question_asked_again_after_a_broken_connection_is_stored_once(
    visit: Make, client: httpx.Client, at_the_box: bool
) -> None:
    page = visit().page
    ask(page, FIRST)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/chat") else None)

    def broken(route: Route) -> None:
        route.fetch()  # the service has answered, and the answer gets lost
        route.abort("connectionreset")

    page.route("**/chat", broken, times=1)
    page.locator("#question").fill(SECOND)
    page.keyboard.press("Enter")
    failure = page.get_by_role("alert")
    expect(failure).to_be_visible()
    assert len(stored(client, page)) == 4
    if at_the_box:
        expect(page.locator("#question")).to_have_value(SECOND)
        page.locator("#question").press("Enter")
    else:
        failure.get_by_role("button", name="再问一次").click()
    expect(page.locator(".foot")).to_have_count(2)
    assert len(stored(client, page)) == 4
    ask(page, SECOND)  # it has its answer: this asks anew
    assert len(stored(client, page)) == 6
    keys = [request.headers["idempotency-key"] for request in sent]
    assert keys[0] == keys[1] != keys[2]
