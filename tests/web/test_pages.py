"""The pages of a PDF as images: cited words are marked where they stand, at every zoom, rotated, over a page break."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as Browsed

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from tests.support.browser import Watched, ask, running
from tests.support.office_files import pptx, shape
from tests.support.pdf_files import WIDTHS, Page, pdf
from tests.web.test_accessibility import SIZES, violations
from vectorstore.reading import read_source

Make = Callable[..., Watched]

FILLING = ["The council keeps its books in good order and answers letters within a week."] * 3
BRIDGES = "In 2023 the Ashford council built 12 bridges over the river."
BROKEN = ("In 2023 the Ashford council planted 4,300 oak trees along the old canal,", "and paid 61 gardeners for it.")
TURNED = "In 2023 the Ashford council opened 9 libraries in its towns."
PORTS = """# Ports of the Ashford region

Figures in £ million:

| Port | Income | Cost |
| --- | ---: | ---: |
| Easthaven | 12.5 | 9.1 |
| Southhaven | 8.75 | 7.2 |

The ports are _well_ kept, see [the list](https://example.org/list).
"""
SIZE = 12.0
PAGE = (595.0, 842.0)


def ashford() -> bytes:
    first = Page().text(72, 780, "Report of the Ashford council", 20, bold=True).lines(72, 700, FILLING, SIZE, 18)
    first.text(72, 600, BRIDGES, SIZE).lines(72, 100, [FILLING[0], BROKEN[0]], SIZE, 18)
    second = Page().text(72, 780, BROKEN[1], SIZE).lines(72, 700, FILLING, SIZE, 18)
    turned = Page(rotate=90)
    for x, line in ((100, FILLING[0]), (140, TURNED), (180, FILLING[1])):
        turned.text(x, 60, line, SIZE, up=True)
    return pdf([first, second, turned], "0 << /S /r >> 2 << /S /D /St 1 >>")


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service over a PDF of three pages, a presentation, and a table in Markdown."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "ashford.pdf").write_bytes(ashford())
    (folder / "slides.pptx").write_bytes(
        pptx([shape(["Harbours"], 20, "title") + shape(["In 2023 the Westhaven port handled 88 ships."], 90)])
    )
    settings = Settings(data_dir=folder / "data", answerer="extractive", ranker="linear")
    with open_library(settings) as library:
        (folder / "ports.md").write_text(PORTS, "utf-8")
        for name in ("ashford.pdf", "slides.pptx", "ports.md"):
            library.ingest(read_source(folder / name))
        conversations = Conversations(library.database, settings.history_limit)
        with running(create_app(settings, QA(library, settings), conversations)) as url:
            yield url


def opened(visit: Make, url: str, question: str, **options: object) -> Browsed:
    """Ask, and open the first citation."""
    page = visit(at=url, locale="en-US", **options).page
    ask(page, question).locator(".sentence .chip").first.click()
    expect(page.locator(".page-mark").first).to_be_visible()
    return page


def shares(page: Browsed, sheet: int, number: int = 0) -> tuple[float, float, float, float]:
    """Return the sides of a mark (left, top, right, bottom), as shares of its page's width and height."""
    found: tuple[float, float, float, float] = page.evaluate(
        """([sheet, number]) => {
          const root = document.querySelectorAll(".page")[sheet];
          const page = root.querySelector("canvas").getBoundingClientRect();
          const mark = root.querySelectorAll(".page-mark")[number].getBoundingClientRect();
          return [(mark.left - page.left) / page.width, (mark.top - page.top) / page.height,
                  (mark.right - page.left) / page.width, (mark.bottom - page.top) / page.height];
        }""",
        [sheet, number],
    )
    return found


def expected(x: float, y: float, text: str, size: tuple[float, float] = PAGE) -> tuple[float, ...]:
    """Return where a line stands whose base line begins at (x, y), from the top left corner, as shares of the page."""
    width = len(text) * WIDTHS / 1000 * SIZE
    return (x / size[0], 1 - (y + 0.9 * SIZE) / size[1], (x + width) / size[0], 1 - (y - 0.3 * SIZE) / size[1])


def near(found: tuple[float, ...], wanted: tuple[float, ...]) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert abs(one - other) < 0.01, (found, wanted)


INK = """([sheet, number]) => {
  const root = document.querySelectorAll(".page")[sheet];
  const canvas = root.querySelector("canvas");
  const page = canvas.getBoundingClientRect();
  const mark = root.querySelectorAll(".page-mark")[number].getBoundingClientRect();
  const scale = canvas.width / page.width;
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const inked = (x, y, width, height) => {
    const sides = [x, y, width, height].map(Math.round);
    const data = pen.getImageData(...sides).data;
    let dark = 0;
    for (let at = 0; at < data.length; at += 4) dark += data[at] < 128;
    return dark;
  };
  const [x, y] = [(mark.left - page.left) * scale, (mark.top - page.top) * scale];
  const [width, height] = [mark.width * scale, mark.height * scale];
  return { inside: inked(x, y, width, height), left: inked(x - 12, y, 10, height), above: inked(x, y - 4, width, 3) };
}"""


def drawn(page: Browsed, sheet: int) -> Locator:
    """Wait until a page's image is there."""
    canvas = page.locator(".page").nth(sheet).locator("canvas")
    expect(page.locator(".page").nth(sheet)).not_to_have_class("page waits")
    return canvas


def test_a_citation_is_marked_over_its_words_at_every_zoom(visit: Make, paged: str) -> None:
    page = opened(visit, paged, "How many bridges did the Ashford council build in 2023?")
    expect(page.locator(".page-mark")).to_have_count(1)
    expect(page.locator(".page-mark")).to_be_in_viewport()
    expect(page.locator(".page-text mark")).to_have_text(BRIDGES)
    expect(page.locator("#page-number")).to_have_value("i")
    widths = []
    for keys in ("0", "++"):
        page.locator("#source-pages").focus()
        for key in keys:
            page.keyboard.press(key)
        canvas = drawn(page, 0)
        near(shares(page, 0), expected(72, 600, BRIDGES))
        ink = page.evaluate(INK, [0, 0])
        assert ink["inside"] > 300
        assert ink["left"] == ink["above"] == 0
        widths.append(canvas.evaluate("node => node.getBoundingClientRect().width"))
        line, mark = (page.locator(f".page {name}").first.bounding_box() for name in (".page-line mark", ".page-mark"))
        assert line
        assert mark
        assert abs(line["x"] - mark["x"]) < 3
        assert abs(line["width"] - mark["width"]) < 0.02 * mark["width"] + 3
    assert widths[1] == pytest.approx(1.5 * widths[0], rel=0.01)
    expect(page.locator("#zoom-fit")).to_have_text("150%")


def test_a_quotation_over_a_page_break_is_marked_on_both_pages(visit: Make, paged: str) -> None:
    page = opened(visit, paged, "How many oak trees did the Ashford council plant along the old canal?")
    expect(page.locator(".page-mark")).to_have_count(2)
    near(shares(page, 0), expected(72, 82, BROKEN[0]))
    near(shares(page, 1), expected(72, 780, BROKEN[1]))
    expect(page.locator(".page-text mark")).to_have_text(list(BROKEN))
    chip = page.locator(".sources .chip").first
    expect(chip).to_contain_text("p. i, ii")


def test_a_rotated_page_is_marked_as_it_is_shown(visit: Make, paged: str) -> None:
    page = opened(visit, paged, "How many libraries did the Ashford council open in its towns?")
    drawn(page, 2)
    expect(page.locator("#page-number")).to_have_value("1")
    near(shares(page, 2), expected(60, 595 - 140, TURNED, (842.0, 595.0)))
    assert page.evaluate(INK, [2, 0])["inside"] > 300
    box = page.locator(".page").nth(2).bounding_box()
    assert box
    assert box["width"] > box["height"]


def test_pages_are_gone_through_by_keyboard_and_number(visit: Make, paged: str) -> None:
    page = opened(visit, paged, "How many bridges did the Ashford council build in 2023?")
    number = page.locator("#page-number")
    page.locator("#source-pages").focus()
    page.keyboard.press("PageDown")
    expect(number).to_have_value("ii")
    expect(page.locator("#page-count")).to_have_text("(2 / 3)")
    page.keyboard.press("End")
    expect(page.locator("#page-next")).to_be_disabled()
    number.fill("ii")
    number.press("Enter")
    expect(page.locator("#page-prev")).to_be_enabled()
    number.blur()
    expect(number).to_have_value("ii")


def test_the_text_of_a_page_can_be_selected(visit: Make, paged: str) -> None:
    page = opened(visit, paged, "How many bridges did the Ashford council build in 2023?")
    page.locator(".page-text mark").first.click(click_count=3)
    assert page.evaluate("() => String(getSelection()).trim()") == BRIDGES


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_the_pages(visit: Make, paged: str, size: str) -> None:
    page = opened(visit, paged, "How many bridges did the Ashford council build in 2023?", **SIZES[size])
    drawn(page, 0)
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_quoted_row_is_a_small_table(visit: Make, paged: str) -> None:
    page = visit(at=paged, locale="en-US").page
    turn = ask(page, "What was the income of the port of Easthaven?")
    table = turn.locator(".sentences table").first
    expect(table.locator("caption")).to_have_text("Figures in £ million:")
    expect(table.locator("th")).to_have_text(["Port", "Income", "Cost"])
    expect(table.locator("tbody tr").first.locator("td > span")).to_have_text(["Easthaven", "12.5", "9.1"])
    table.locator(".chip").first.click()
    text = page.locator("#source-text")
    expect(text.locator("td").filter(has_text="Easthaven").locator("mark")).to_have_text("Easthaven")
    expect(text.locator("td").filter(has_text="Southhaven").locator("mark")).to_have_count(0)
    assert "The ports are well kept, see the list." in text.inner_text()
    assert "|" not in text.inner_text()
    assert text.evaluate("node => node.textContent") == PORTS


def test_the_text_view_is_one_click_away(visit: Make, paged: str) -> None:
    page = opened(visit, paged, "How many bridges did the Ashford council build in 2023?")
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#source-text mark")).to_have_text(BRIDGES)
    expect(page.locator("#source-pages")).to_be_hidden()
    page.get_by_role("button", name="Pages", exact=True).click()
    expect(page.locator(".page-mark")).to_be_visible()


def test_slides_are_shown_as_text(visit: Make, paged: str) -> None:
    page = visit(at=paged, locale="en-US").page
    ask(page, "How many ships did the Westhaven port handle?").locator(".sentence .chip").first.click()
    expect(page.locator("#source-text mark")).to_contain_text("88 ships")
    expect(page.locator("#source-bar")).to_be_hidden()
    expect(page.locator("#source-place")).to_contain_text("slide 1")
