"""A browser and a small library: an invented report with an interrupted sentence, another, and one of the seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from qa.answering.base import Answerer
from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from tests.support.browser import Watched, browsing, running
from vectorstore.library import Library
from vectorstore.reading import RawDocument

# The first character counts two UTF-16 units: a page that counts those marks the wrong text everywhere below.
TORN = """# 𠮷岭县：茶旅融合促振兴

## 产业发展

𠮷岭县2023年茶叶总产量达到3.6万吨，比上年增长5.2%。全县建成标准化茶园4200亩，带动茶农1.8万户，户均



𠮷岭县茶园新貌。

增收6300元。

## 教育事业

𠮷岭县新建小学3所，新增学位1800个。全县教师培训覆盖率达到98%。
"""
PLAIN = """# 石桥县2023年工作总结

## 农业

2023年，石桥县粮食总产量达到9.8万吨，比上年下降0.4%。

## 交通

石桥县新修农村公路126公里，改造危桥7座。石桥县新开公交线路9条。
"""
REPORTS = {"jiling.txt": TORN, "shiqiao.txt": PLAIN}

Make = Callable[..., Watched]
Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("web") / "data", answerer="extractive")


@pytest.fixture(scope="session")
def raw_texts(seeds_dir: Path) -> dict[str, str]:
    """The text of each report, by name."""
    seed = sorted(seeds_dir.glob("*.txt"))[0]
    return REPORTS | {seed.name: seed.read_text("utf-8")}


@pytest.fixture(scope="session")
def library(settings: Settings, raw_texts: dict[str, str]) -> Iterator[Library]:
    with open_library(settings) as library:
        library.ingest(RawDocument.of(name, text) for name, text in raw_texts.items())
        yield library


@pytest.fixture(scope="session")
def conversations(library: Library, settings: Settings) -> Conversations:
    return Conversations(library.database, settings.history_limit)


@pytest.fixture(scope="session")
def app_with(library: Library, settings: Settings, conversations: Conversations) -> Callable[..., FastAPI]:
    """Make the application over this library, with another answerer if one is given."""

    def make(answerer: Answerer | None = None) -> FastAPI:
        return create_app(settings, QA(library, settings, answerer), conversations)

    return make


@pytest.fixture(scope="session")
def url(app_with: Callable[..., FastAPI]) -> Iterator[str]:
    with running(app_with()) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Make]:
    """Open the page, without a past: ``visit(path="", at=url, width=1280, height=800, locale="zh-CN", ...)``."""
    with ExitStack() as stack:
        watched: list[Watched] = []

        def make(
            path: str = "", at: str | None = None, width: int = 1280, height: int = 800, **options: Any
        ) -> Watched:
            options = {"locale": "zh-CN", "reduced_motion": "reduce"} | options
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            stack.callback(context.close)
            watched.append(Watched(context, at or url))
            watched[-1].page.goto(f"{at or url}/{path}")
            return watched[-1]

        yield make
        for each in watched:
            each.check()
