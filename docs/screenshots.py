"""The README's pictures: asks a running service in a real browser, and writes PNG files into docs/images.

    make serve                                  # with seeds/ in the library
    .venv/bin/python docs/screenshots.py [--url http://127.0.0.1:8000]

Needs Chromium on PATH and the development requirements (Playwright, Pillow). The conversations that it starts are
deleted again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
MAX_BYTES = 250_000
CITED = "中江县换届后村党组织书记、主任一肩挑占比是多少？"
TORN = "中江县累计选派驻村第一书记和工作队员多少名？"
LISTED = "中江县采取了哪些措施优化营商环境？"
COMPARED = "罗江区和中江县的小区党组织各有多少个？"
UNSAID = "中江县2023年的GDP是多少？"


@dataclass(frozen=True)
class Picture:
    """One face of the page. ``source``: the turn whose first citation is opened, counted from 0."""

    name: str
    width: int
    height: int
    questions: tuple[str, ...] = ()
    scheme: str = "light"
    locale: str = "zh-CN"
    source: int | None = None
    scale: float = 1.0


PICTURES = (
    Picture("answer", 1440, 700, (TORN,), source=0),
    Picture("desktop-light", 1280, 920, (CITED, COMPARED)),
    Picture("desktop-dark-source", 1440, 860, (TORN, LISTED), scheme="dark", source=0),
    Picture("tablet-source", 820, 1000, (CITED, LISTED), source=1),
    Picture("welcome", 1280, 800),
    Picture("phone", 390, 780, (UNSAID,), scale=1.5),
    Picture("phone-dark", 390, 780, (CITED,), scheme="dark", scale=1.5),
)


def ask(page: Page, question: str) -> None:
    turns = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").nth(turns).locator(".foot")).to_be_visible(timeout=60_000)


def take(browser: Browser, url: str, picture: Picture) -> Path:
    """Bring the page into that state, and write its picture."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.scale,
        color_scheme="dark" if picture.scheme == "dark" else "light",
        locale=picture.locale,
        reduced_motion="reduce",
        has_touch=picture.width < 500,
    )
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".suggestions li").first).to_be_visible(timeout=60_000)
    for question in picture.questions:
        ask(page, question)
    if picture.source is not None:
        page.locator(".turn").nth(picture.source).locator(".chip").first.click()
        expect(page.locator("#source-text mark").first).to_be_visible()
        page.locator(".turn").nth(picture.source).scroll_into_view_if_needed()
    elif picture.questions:
        page.evaluate("() => document.activeElement.blur()")
    path = IMAGES / f"{picture.name}.png"
    path.write_bytes(small(page.screenshot()))
    if picture.questions:
        page.request.delete(f"{url}/conversations/{page.url.partition('#')[2]}")
    context.close()
    return path


def small(png: bytes) -> bytes:
    """Return the picture as a small file; with a palette when it must be, of those colours that lie furthest apart."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for each in (picture, picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)):
        out = BytesIO()
        each.save(out, "PNG", optimize=True)
        if out.tell() <= MAX_BYTES:
            break
    return out.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the README's pictures of a running service.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the service is")
    parser.add_argument("--no-sandbox", action="store_true", help="for Chromium as root in a container")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium on PATH; install it: apt-get install chromium", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    flags = ["--no-sandbox"] if arguments.no_sandbox else []
    too_large = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for picture in PICTURES:
            path = take(browser, arguments.url.rstrip("/"), picture)
            size = path.stat().st_size
            too_large += size > MAX_BYTES
            print(f"{path.name:28} {size:>8} bytes{'  too large' if size > MAX_BYTES else ''}")
        browser.close()
    return 1 if too_large else 0


if __name__ == "__main__":
    raise SystemExit(main())
