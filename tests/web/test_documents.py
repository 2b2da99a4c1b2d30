"""Documents on the page: added by button or dropped, replaced, deleted with what is lost, and failing alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from tests.support.browser import Watched, ask, running
from tests.web.test_accessibility import SIZES, violations
from vectorstore.reading import RawDocument

Make = Callable[..., Watched]

NEW = "# 东山县工作总结\n\n东山县2023年新建水库3座，新修公路45公里。\n"
NEWER = "# 东山县工作总结\n\n东山县2023年新建水库8座，新修公路45公里。\n"
QUESTION = "东山县新建水库几座？"
LIMIT_MB = 1
JOB_MS = 60_000
"""Longest wait for a job: a process reads each file."""

DROP = """([node, files]) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.querySelector(node).dispatchEvent(
      new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose library the tests change."""
    data = tmp_path_factory.mktemp("documents") / "data"
    settings = Settings(data_dir=data, answerer="extractive", read_file_mb=LIMIT_MB)
    with open_library(settings) as library:
        library.ingest([RawDocument.of("west.txt", "# 西山县工作总结\n\n西山县2023年新建学校2所。\n")])
        stored = Conversations(library.database, settings.history_limit)
        with running(create_app(settings, QA(library, settings), stored)) as url:
            yield url


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="资料库")


def choose(page: Page, button: Locator, *files: Path) -> None:
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(files)


def test_documents_are_added_replaced_and_deleted(visit: Make, open_url: str, tmp_path: Path) -> None:
    page = visit(at=open_url).page
    (tmp_path / "dongshan.md").write_text(NEW, "utf-8")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "large.txt").write_text("大" * (LIMIT_MB * 2**20 // 2), "utf-8")
    files = [tmp_path / name for name in ("dongshan.md", "bad.pdf", "empty.txt", "large.txt")]
    page.locator("#holdings").click()
    choose(page, dialog(page).get_by_role("button", name="添加资料"), *files)
    expect(dialog(page).locator(".said")).to_contain_text("“large.txt”超过 1 MB")
    expect(dialog(page).locator(".said")).to_contain_text("“empty.txt”是空的")
    expect(dialog(page).locator("li").filter(has_text="bad.pdf").locator(".job.failed")).to_contain_text(
        "没有成功：bad.pdf 无法作为 PDF 读取", timeout=JOB_MS
    )
    added = dialog(page).locator("li").filter(has_text="东山县工作总结")
    expect(added.get_by_role("button", name="删除")).to_be_visible(timeout=JOB_MS)
    dialog(page).get_by_role("button", name="不再显示").click()
    expect(dialog(page).locator(".job")).to_have_count(0)
    dialog(page).get_by_role("button", name="完成").click()
    expect(page.locator("#holdings")).to_have_text("资料库有 2 份资料")
    expect(page.locator(".shelf li").filter(has_text="东山县")).to_be_visible()
    turn = ask(page, QUESTION)
    expect(turn.locator(".sentence strong")).to_have_text("3座")  # the value that was asked for

    (tmp_path / "dongshan.md").write_text(NEWER, "utf-8")
    page.locator("#holdings").click()
    choose(page, dialog(page).get_by_role("button", name="添加资料"), tmp_path / "dongshan.md")
    page.get_by_role("dialog", name="资料库里已有“dongshan.md”").get_by_role("button", name="替换").click()
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(dialog(page).locator(".said")).to_contain_text("已收到 1 个文件")
    expect(added.get_by_role("button", name="删除")).to_be_visible(timeout=JOB_MS)
    page.keyboard.press("Escape")
    expect(ask(page, "东山县2023年新建水库多少座？").locator(".sentence strong")).to_have_text("8座")

    page.locator("#holdings").click()
    choose(page, added.get_by_role("button", name="用新文件替换"), tmp_path / "dongshan.md")  # the same once more
    expect(dialog(page).locator(".said")).to_contain_text("已收到 1 个文件")
    expect(added.get_by_role("button", name="删除")).to_be_visible(timeout=JOB_MS)
    added.get_by_role("button", name="删除").click()
    sure = page.get_by_role("dialog", name="删除“东山县工作总结”")
    expect(sure).to_contain_text("1 个对话里的 2 个回答引用了它")
    sure.get_by_role("button", name="取消").click()
    expect(added).to_be_visible()
    added.get_by_role("button", name="删除").click()
    sure.get_by_role("button", name="删除").click()
    expect(added).to_have_count(0, timeout=JOB_MS)
    page.keyboard.press("Escape")
    expect(page.locator("#holdings")).to_have_text("资料库有 1 份资料")


def test_files_are_dropped_onto_the_page(visit: Make, open_url: str) -> None:
    page = visit(at=open_url).page
    expect(page.locator("#holdings")).to_be_visible()
    page.evaluate(
        DROP, ["#main", [["dropped.txt", NEW.replace("东山", "南山")], ["notes.txt", "# 附记\n\n别的话。\n"]]]
    )
    expect(dialog(page).locator("li").filter(has_text="南山县").get_by_role("button", name="删除")).to_be_visible(
        timeout=JOB_MS
    )
    expect(page.locator("body")).not_to_have_class("dropping")
    page.keyboard.press("Escape")
    expect(page.locator("#holdings")).to_have_text("资料库有 3 份资料")


@pytest.mark.parametrize("size", ["phone", "tablet", "desktop"])
def test_dialog_has_no_violation(visit: Make, open_url: str, tmp_path: Path, size: str) -> None:
    sizes = SIZES | {"tablet": {"width": 820, "height": 1000}}
    page = visit(at=open_url, **sizes[size]).page
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04 nothing")
    if size != "desktop":
        page.locator("#menu").click()
    page.locator("#holdings").click()
    choose(page, dialog(page).get_by_role("button", name="添加资料"), tmp_path / "broken.docx")
    expect(dialog(page).locator(".job.failed").first).to_be_visible(timeout=JOB_MS)
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    dialog(page).locator("li").filter(has_text="西山县").get_by_role("button", name="读").click()
    expect(page.locator("#source-text .head-1")).to_contain_text("西山县")
