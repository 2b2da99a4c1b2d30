"""Collections on the page: made, filled, emptied, removed, uploaded into and asked in; and what a key may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.access import Role
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.support.browser import Watched, ask, running
from tests.web.test_accessibility import SIZES, violations
from tests.web.test_documents import JOB_MS, choose
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Make = Callable[..., Watched]

NORTH = "# 北山县工作总结\n\n北山县2023年新建学校5所。\n"
SOUTH = "# 南山县工作总结\n\n南山县2023年新建学校3所。\n"
SECRET = "# 密山县工作总结\n\n密山县2023年新建学校9所。\n"
QUESTION = "密山县2023年新建学校几所？"
ALL_SIZES = SIZES | {"tablet": {"width": 820, "height": 1000}}


@dataclass(frozen=True)
class Held:
    """A service with two documents in the default collection, and one in another."""

    url: str
    library: Library

    def collections(self) -> dict[str, list[str]]:
        infos = self.library.documents()
        names = self.library.collections_of([info.id for info in infos])
        return {info.name: names[info.id] for info in infos}

    def key(self, name: str, roles: tuple[Role, ...], collections: list[str] | None = None) -> str:
        scope = None if collections is None else self.library.scope(collections)
        return Keys(self.library.database).add(name, roles, scope)[1]


def holding(folder: Path, **more: object) -> Iterator[Held]:
    settings = Settings(data_dir=folder, answerer="extractive", **more)  # type: ignore[arg-type]
    with open_library(settings) as library:
        library.membership.add("密件")
        library.ingest([RawDocument.of("north.txt", NORTH), RawDocument.of("south.txt", SOUTH)])
        library.ingest([RawDocument.of("secret.txt", SECRET)], collections=["密件"])
        stored = Conversations(library.database, settings.history_limit)
        with running(create_app(settings, QA(library, settings), stored)) as url:
            yield Held(url, library)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    yield from holding(tmp_path / "data")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    yield from holding(tmp_path_factory.mktemp("guarded") / "data", keys="on", key_questions_per_minute=1000)


def library_dialog(page: Page, size: str = "desktop") -> Locator:
    expect(page.locator("#heading")).to_be_attached()
    if size != "desktop":
        page.locator("#menu").click()
    page.locator("#holdings").click()
    return page.get_by_role("dialog", name="资料库")


def titles(dialog: Locator) -> list[str]:
    return sorted(dialog.locator(".documents .name").all_inner_texts())


def test_a_collection_is_made_filled_emptied_and_removed(visit: Make, held: Held, tmp_path: Path) -> None:
    page = visit(at=held.url).page
    dialog = library_dialog(page)
    expect(dialog.locator("li").filter(has_text="密山县")).to_contain_text("在 密件")
    dialog.get_by_role("button", name="新建资料集").click()
    box = page.get_by_role("textbox", name="资料集的名字")
    box.fill("密件")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="已有叫“密件”的资料集")).to_be_visible()
    box.fill("a,b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="不能有逗号")).to_be_visible()
    box.fill("年报")
    page.keyboard.press("Enter")
    shown = dialog.get_by_role("combobox", name="资料集")
    expect(shown.locator("option:checked")).to_have_text("年报（0 份）")
    expect(dialog.get_by_text("这个资料集还没有资料。")).to_be_visible()

    dialog.get_by_role("button", name="增减资料集里的资料").click()
    content = page.get_by_role("dialog", name="“年报”里有哪些资料")
    content.get_by_label("北山县").check()
    content.get_by_label("密山县").check()
    content.get_by_role("button", name="保存").click()
    expect(shown.locator("option:checked")).to_have_text("年报（2 份）")
    assert titles(dialog) == ["北山县工作总结", "密山县工作总结"]
    assert held.collections()["secret.txt"] == ["密件", "年报"]

    (tmp_path / "east.md").write_text(NORTH.replace("北山", "东山"), "utf-8")
    expect(dialog.get_by_text("加入资料集“年报”。")).to_be_visible()
    choose(page, dialog.get_by_role("button", name="添加资料"), tmp_path / "east.md")
    added = dialog.locator("li").filter(has_text="东山县工作总结")
    expect(added.get_by_role("button", name="删除")).to_be_visible(timeout=JOB_MS)
    assert held.collections()["east.md"] == ["年报"]

    dialog.get_by_role("button", name="增减资料集里的资料").click()
    content.get_by_label("全部资料").check()
    content.get_by_label("全部资料").uncheck()
    content.get_by_role("button", name="保存").click()
    sure = page.get_by_role("dialog", name="有 1 份资料不在别的资料集里，会移到“default”")
    sure.get_by_role("button", name="取消").click()
    assert held.collections()["east.md"] == ["年报"]
    dialog.get_by_role("button", name="增减资料集里的资料").click()
    content.get_by_label("全部资料").check()
    content.get_by_label("全部资料").uncheck()
    content.get_by_role("button", name="保存").click()
    sure.get_by_role("button", name="保存").click()
    expect(shown.locator("option:checked")).to_have_text("年报（0 份）")
    assert held.collections() == {
        "east.md": ["default"],
        "north.txt": ["default"],
        "secret.txt": ["密件"],
        "south.txt": ["default"],
    }
    dialog.get_by_role("button", name="给资料集改名").click()
    box.fill("公报")
    page.keyboard.press("Enter")
    expect(shown.locator("option:checked")).to_have_text("公报（0 份）")
    dialog.get_by_role("button", name="删除资料集").click()
    page.get_by_role("dialog", name="删除资料集“公报”").get_by_role("button", name="删除").click()
    expect(shown.locator("option")).to_have_text(["全部资料集", "default（3 份）", "密件（1 份）"])


def test_a_removed_collection_loses_no_document(visit: Make, held: Held) -> None:
    dialog = library_dialog(visit(at=held.url).page)
    shown = dialog.get_by_role("combobox", name="资料集")
    shown.select_option(label="default（2 份）")
    expect(dialog.get_by_role("button", name="删除资料集")).to_be_hidden()  # new documents go there
    shown.select_option(label="密件（1 份）")
    assert titles(dialog) == ["密山县工作总结"]
    dialog.get_by_role("button", name="删除资料集").click()
    sure = dialog.page.get_by_role("dialog", name="删除资料集“密件”")
    expect(sure).to_contain_text("有 1 份资料不在别的资料集里，会移到“default”")
    sure.get_by_role("button", name="删除").click()
    expect(shown.locator("option")).to_have_text(["全部资料集", "default（3 份）"])
    assert held.collections()["secret.txt"] == ["default"]


def test_a_document_is_put_into_collections_from_the_keyboard(visit: Make, held: Held) -> None:
    page = visit(at=held.url, locale="en-GB").page
    expect(page.locator("#holdings")).to_be_visible()
    page.locator("#holdings").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Library")
    of = dialog.get_by_role("button", name="Collections of “北山县工作总结”")
    of.focus()
    page.keyboard.press("Enter")
    asked = page.get_by_role("dialog", name="Collections of “北山县工作总结”")
    asked.get_by_label("default").focus()
    # the list below is drawn anew whenever a job gets on
    page.locator('[data-act="collect north.txt"]').evaluate("node => node.replaceWith(node.cloneNode(true))")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(asked.get_by_role("alert")).to_have_text("Choose one collection at least.")
    page.keyboard.press("Tab")
    expect(asked.get_by_label("密件")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(asked).to_have_count(0)
    expect(of).to_be_focused()
    expect(dialog.locator("li").filter(has_text="北山县")).to_contain_text("in 密件")
    assert held.collections()["north.txt"] == ["密件"]


def choose_collections(page: Page, *names: str, keep: bool = False) -> None:
    page.locator("#scope").click()
    dialog = page.get_by_role("dialog", name="在哪些资料里找")
    for box in dialog.get_by_role("group", name="资料集").get_by_role("checkbox").all():
        box.uncheck()
    for name in names:
        dialog.get_by_role("group", name="资料集").get_by_label(name).check()
    if keep:
        dialog.get_by_label("这个对话以后也只在这些资料集里找").check()
    dialog.get_by_role("button", name="完成").click()
    expect(dialog).to_have_count(0)


def test_a_question_is_limited_to_collections(visit: Make, held: Held) -> None:
    page = visit(at=held.url).page
    choose_collections(page, "default")
    expect(page.locator("#scope")).to_have_text("default")
    turn = ask(page, QUESTION)
    expect(turn.locator(".abstention-scope")).to_have_text("只在所选的资料集里找过：default。")
    turn.get_by_role("button", name="在全部资料里再问").click()
    expect(page.locator(".turn .sentence").first).to_contain_text("9所")
    expect(page.locator("#scope")).to_have_text("全部资料")
    page.locator("#scope").click()  # a conversation that is under way is not limited any more
    dialog = page.get_by_role("dialog", name="在哪些资料里找")
    dialog.get_by_role("group", name="资料集").get_by_label("default").uncheck()
    expect(dialog.locator(".choices li:visible")).to_have_count(1)
    expect(dialog.get_by_label("这个对话以后也只在这些资料集里找")).to_be_hidden()
    dialog.get_by_role("button", name="完成").click()
    expect(page.locator("#scope")).to_have_text("密件")


def test_a_conversation_is_limited_to_collections(visit: Make, held: Held) -> None:
    page = visit(at=held.url).page
    choose_collections(page, "default", keep=True)
    turn = ask(page, QUESTION)
    expect(turn.locator(".abstention-scope")).to_have_text("只在所选的资料集里找过：default。")
    expect(turn.get_by_role("button", name="在全部资料里再问")).to_have_count(0)  # it would look no further
    page.reload()
    expect(page.locator(".turn .foot")).to_be_visible()
    expect(page.locator("#scope")).to_have_text("default")
    turn = ask(page, QUESTION)
    expect(turn.locator(".abstention-scope")).to_have_text("只在所选的资料集里找过：default。")
    expect(turn.get_by_role("button", name="在全部资料里再问")).to_have_count(0)
    page.locator("#scope").click()
    dialog = page.get_by_role("dialog", name="在哪些资料里找")
    expect(dialog).to_contain_text("这个对话只在资料集里找：default")
    expect(dialog.locator(".choices li:visible")).to_have_count(2)
    page.keyboard.press("Escape")
    page.locator("#fresh").click()
    expect(page.locator("#scope")).to_have_text("全部资料")
    expect(ask(page, QUESTION).locator(".sentence").first).to_contain_text("9所")


def signed_in(page: Page, key: str) -> Page:
    page.get_by_label("API 密钥").fill(key)
    page.keyboard.press("Enter")
    expect(page.locator("#holdings")).to_be_visible()
    return page


def test_what_a_key_may_not_see_or_do_is_not_on_the_page(visit: Make, guarded: Held) -> None:
    page = signed_in(visit(at=guarded.url).page, guarded.key("reader", (Role.ASK, Role.DOWNLOAD), ["default"]))
    expect(page.get_by_role("button", name="添加资料")).to_have_count(0)
    dialog = library_dialog(page)
    assert titles(dialog) == ["北山县工作总结", "南山县工作总结"]
    for name in ("添加资料", "新建资料集", "用新文件替换", "删除", "在哪些资料集里"):
        expect(dialog.get_by_role("button", name=name)).to_have_count(0)
    expect(dialog.get_by_role("combobox")).to_be_hidden()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.locator("#scope").click()
    expect(page.get_by_role("group", name="资料集")).to_have_count(0)
    page.keyboard.press("Escape")
    assert "密件" not in page.content()
    assert "secret.txt" not in page.content()


def test_a_limited_manager_moves_documents_and_makes_no_collection(visit: Make, guarded: Held) -> None:
    guarded.library.membership.add("公开")
    key = guarded.key("manager", tuple(Role), ["default", "公开"])
    page = signed_in(visit(at=guarded.url).page, key)
    dialog = library_dialog(page)
    expect(dialog.get_by_role("button", name="新建资料集")).to_have_count(0)
    dialog.get_by_role("button", name="“南山县工作总结”在哪些资料集里").click()
    asked = page.get_by_role("dialog", name="“南山县工作总结”在哪些资料集里")
    expect(asked.get_by_role("checkbox")).to_have_count(2)
    asked.get_by_label("公开").check()
    asked.get_by_role("button", name="保存").click()
    expect(dialog.locator("li").filter(has_text="南山县")).to_contain_text("公开")
    assert guarded.collections()["south.txt"] == ["default", "公开"]


def test_a_limited_manager_adds_files_to_a_collection_of_theirs(visit: Make, guarded: Held, tmp_path: Path) -> None:
    guarded.library.membership.add("东区")
    guarded.library.membership.add("西区")
    file = tmp_path / "new.txt"
    file.write_text("# 新镇工作总结\n\n新镇建成公园2座。\n", "utf-8")
    page = signed_in(visit(at=guarded.url).page, guarded.key("writer", tuple(Role), ["东区", "西区"]))
    dialog = library_dialog(page)
    send = dialog.locator("input[type=file]").first
    send.set_input_files(file)
    expect(dialog.get_by_role("status")).to_have_text("先选一个资料集，文件就加入那里。")
    dialog.get_by_role("combobox", name="资料集").select_option(label="西区（0 份）")
    for name in ("新建资料集", "给资料集改名", "删除资料集"):
        expect(dialog.get_by_role("button", name=name)).to_have_count(0)
    send.set_input_files(file)
    expect(dialog.locator(".documents li").filter(has_text="新镇工作总结")).to_be_visible()
    assert guarded.collections()["new.txt"] == ["西区"]
    dialog.get_by_role("button", name="删除“新镇工作总结”").click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(dialog.locator(".documents li")).to_have_count(0)
    assert "new.txt" not in guarded.collections()


@pytest.mark.parametrize("size", ALL_SIZES)
def test_axe_finds_nothing(visit: Make, held: Held, size: str) -> None:
    page = visit(at=held.url, **ALL_SIZES[size]).page
    dialog = library_dialog(page, size)
    dialog.get_by_role("combobox", name="资料集").select_option(label="密件（1 份）")
    found = {"library": violations(page)}
    dialog.get_by_role("button", name="增减资料集里的资料").click()
    found["content"] = violations(page)
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="“密山县工作总结”在哪些资料集里").click()
    found["membership"] = violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    if size != "desktop":
        page.keyboard.press("Escape")
    page.locator("#scope").click()
    found["scope"] = violations(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert {face: lines for face, lines in found.items() if lines} == {}


def source_link(url: str, key: str) -> str:
    """Return the link to the first citation, as clients of the OpenAI API are given it."""
    body = {"model": "report-qa", "messages": [{"role": "user", "content": QUESTION}]}
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=60, trust_env=False).json()
    return str(answer["choices"][0]["message"]["annotations"][0]["url_citation"]["url"])


def test_a_source_link_asks_for_the_key_and_shows_the_place(visit: Make, guarded: Held) -> None:
    key = guarded.key("clicks", (Role.ASK, Role.DOWNLOAD))
    link = source_link(guarded.url, key)
    page = signed_in(visit(link.removeprefix(f"{guarded.url}/"), at=guarded.url).page, key)
    expect(page.locator("#source-title")).to_have_text("密山县工作总结")
    expect(page.locator("#source-text mark")).to_have_text("密山县2023年新建学校9所。")
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    ask(page, QUESTION)  # the page is usable from there
    other = page.context.new_page()  # a link opened in another tab needs no key typed while this one is open
    other.goto(link)
    expect(other.locator("#source-text mark")).to_have_text("密山县2023年新建学校9所。")
    expect(other.get_by_label("API 密钥")).to_have_count(0)
    assert other.evaluate("() => Object.keys(localStorage)") == []


def test_a_source_link_to_what_a_key_may_not_see_says_so(visit: Make, guarded: Held) -> None:
    link = source_link(guarded.url, guarded.key("sees", (Role.ASK, Role.DOWNLOAD)))
    outsider = guarded.key("outsider", (Role.ASK, Role.DOWNLOAD), ["default"])
    page = signed_in(visit(link.removeprefix(f"{guarded.url}/"), at=guarded.url).page, outsider)
    expect(page.locator("#source-note")).to_contain_text("没有这份资料，或者这个密钥看不到它。")
    assert "密山县" not in page.content()


def test_a_source_link_shows_the_version_that_was_cited(visit: Make, held: Held) -> None:
    link = source_link(held.url, "none")
    held.library.ingest([RawDocument.of("secret.txt", "# 密山县工作总结\n\n改写过了。密山县2023年新建学校8所。\n")])
    page = visit(link.removeprefix(f"{held.url}/"), at=held.url).page
    expect(page.locator("#source-note")).to_contain_text("早先版本")
    expect(page.locator("#source-text mark")).to_have_text("密山县2023年新建学校9所。")
