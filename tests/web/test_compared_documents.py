"""Sentences about compared documents: each group under its document's name, on the page and in what is copied."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from tests.support.browser import Watched, ask, running
from tests.support.comparing import Comparing

Make = Callable[..., Watched]
AppWith = Callable[..., FastAPI]


def shown(page: Page) -> list[tuple[str, int]]:
    """What stands in the answer, in order: (document's name, number of sentences); no name for sentences of none."""
    found: list[tuple[str, int]] = page.locator(".sentences").evaluate(
        """node => [...node.querySelectorAll(":scope > .sentence, :scope > .compared > .document-group")].map((child) =>
            child.matches(".sentence")
                ? ["", 1] : [child.querySelector("h3").textContent, child.querySelectorAll(".sentence").length])"""
    )
    return [tuple(pair) for pair in found]  # type: ignore[misc]


def stored(client: httpx.Client, page: Page) -> list[dict[str, Any]]:
    path = f"/conversations/{page.url.partition('#')[2]}"
    sentences: list[dict[str, Any]] = client.get(path).json()["messages"][1]["answer"]["sentences"]
    return sentences


@pytest.mark.parametrize(
    ("question", "colon"),
    [("三个县的情况各是怎样的？", "："), ("How do the counties compare?", ": ")],
    ids=["zh", "en"],
)
def test_neighbours_share_a_heading_and_the_copy_names_each(
    visit: Make, app_with: AppWith, client: httpx.Client, question: str, colon: str
) -> None:
    with running(app_with(Comparing())) as url:
        page = visit(at=url, permissions=["clipboard-read", "clipboard-write"]).page
        turn = ask(page, question)
        sentences = stored(client, page)
        groups = [(name, len(list(group))) for name, group in groupby(s["document"] for s in sentences)]
        assert len({name for name, _ in groups}) > 2
        assert shown(page) == groups
        heading = turn.get_by_role("heading", name="shiqiao", exact=True)
        expect(heading).to_be_visible()
        turn.get_by_role("button", name="复制（带引用）").click()
        expect(page.locator(".toast")).to_have_text("已复制")
        copied = page.evaluate("() => navigator.clipboard.readText()").partition("\n\n")[0].split("\n")
        assert copied == [
            (s["document"] + colon if s["document"] else "") + s["text"] + "".join(f"[{n}]" for n in s["citations"])
            for s in sentences
        ]
        page.reload()
        expect(page.locator(".foot")).to_be_visible()
        assert shown(page) == groups
