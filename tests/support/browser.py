"""Starts Chromium and a service on a real port, watches what a page does, and has answerers that wait or fail."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from qa.answering.base import Answerer
from qa.answering.base import Request as Asked
from qa.answering.extractive import ExtractiveAnswerer
from qa.errors import Cancelled
from qa.llm.cancellation import is_cancelled
from qa.types import DraftSentence
from vectorstore.library import Library

REQUIRED = "BROWSER_TESTS_REQUIRED"
"""With this variable set, a machine without a browser fails these tests instead of skipping them."""
SECONDS = 15.0


def chromium() -> str:
    """Return the path of the browser; skip where there is none, or fail where there must be one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path is not None:
            return path
    reason = "no Chromium on PATH: apt-get install chromium"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{reason} ({REQUIRED} is set)")
    pytest.skip(reason)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run the browser without a window. End it before other tests: Playwright holds this thread's event loop."""
    path = chromium()
    expect.set_options(timeout=SECONDS * 1000)
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def running(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serve ``app`` on this machine, and give its address."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            app.state.service.close()
            app.state.service.workers.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds; fail when it never does."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def ask(page: Page, question: str) -> Locator:
    """Ask as a person does; return the turn once it is finished."""
    turns = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").nth(turns)
    expect(turn.locator(".foot")).to_be_visible()
    return turn


class Watched:
    """A page, and a record of everything it must not do; ``check()`` fails if there is any."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self.trespasses: list[str] = []
        context.add_init_script("globalThis.canary = 0")
        context.on("request", self._request)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.trespasses.append(f"page error: {error}"))
        self.page.on("framenavigated", self._navigated)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data", "about") and parts.netloc != self.host:
            self.trespasses.append(f"request: {request.url}")

    def _navigated(self, frame: object) -> None:
        where = getattr(frame, "url", "")
        if not where.startswith((self.url, "about:blank", "chrome-error:")):
            self.trespasses.append(f"navigation: {where}")

    def _dialog(self, dialog: Dialog) -> None:
        self.trespasses.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.trespasses.append(f"console: {message.text}")

    def check(self) -> None:
        """Fail when the page ran, loaded or complained of anything that it should not have."""
        if not self.page.is_closed():
            assert self.page.evaluate("() => globalThis.canary") == 0
        assert self.trespasses == []


class Gated(Answerer):
    """The extractive answerer, which waits after each sentence until the gate is open or whoever asked has left, as
    one that writes would.
    """

    name = "extractive"

    def __init__(self, library: Library) -> None:
        self.inner = ExtractiveAnswerer(library)
        self.gate = threading.Event()

    def compose(self, request: Asked) -> Iterator[DraftSentence]:
        for sentence in self.inner.draft(request):
            yield sentence
            until(lambda: self.gate.is_set() or is_cancelled())
            if is_cancelled():
                raise Cancelled("whoever asked has left")


class Faulty(Answerer):
    """An answerer with a defect, until it is mended."""

    name = "extractive"
    verbatim = True

    def __init__(self, library: Library) -> None:
        self.inner = ExtractiveAnswerer(library)
        self.mended = False

    def compose(self, request: Asked) -> Iterator[DraftSentence]:
        if not self.mended:
            raise RuntimeError("a defect that only the log may show")
        yield from self.inner.draft(request)
