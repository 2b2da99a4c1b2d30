"""The README's recording of a terminal: runs `qa ask` on a terminal of its own, and writes docs/images/terminal.gif.

    make setup && .venv/bin/qa ingest seeds
    .venv/bin/python docs/terminal.py

What is shown is what the commands printed, each in the fastest of its runs, and how long they took; only the typing is
made up, and a longer wait is cut to a second and a half. Needs Chromium on PATH and the development requirements
(Playwright, Pillow). A server that runs on the library answers for it.
"""

from __future__ import annotations

import argparse
import os
import pty
import shutil
import subprocess
import sys
import time
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

OUT = Path(__file__).resolve().parent / "images" / "terminal.gif"
MAX_BYTES = 1 << 20
COLUMNS = 88
QUESTIONS = (
    "中江县换届后村党组织书记、主任一肩挑占比是多少？",
    "罗江区和中江县的小区党组织各有多少个？",
    "中江县2023年的GDP是多少？",
)
TYPED = 3
"""Characters that appear at once."""
TYPING_MS, READING_MS, MOST_WAITING_MS = 90, 4500, 1500
RUNS = 3
COLOURS = 48
PROMPT = "\x1b[32m$\x1b[0m "
PAGE = """<style>
body { margin: 0; background: #101112; }
pre { box-sizing: border-box; width: 900px; height: 560px; margin: 0; padding: 18px 22px; overflow: hidden;
  color: #d8dee4; font: 16px/1.5 "DejaVu Sans Mono", Menlo, Consolas, "Noto Sans CJK SC", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
</style><pre>%s</pre>"""
TO_END = "() => { const pre = document.querySelector('pre'); pre.scrollTop = pre.scrollHeight; }"


class Frame(NamedTuple):
    """What the terminal shows, with its colours as escape codes, and for how many milliseconds."""

    text: str
    ms: int


class Ran(NamedTuple):
    output: str
    ms: int


def run(arguments: list[str]) -> Ran:
    """Run a command on a terminal, and return what it printed there and how long it took."""
    reader, writer = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": "40"}
    started = time.monotonic()
    # Its standard error is elsewhere: a line that shows that it works, and is taken away again.
    process = subprocess.Popen(arguments, stdout=writer, stderr=subprocess.DEVNULL, env=environment)
    os.close(writer)
    parts = []
    while True:
        try:
            part = os.read(reader, 1 << 16)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(reader)
    if process.wait() not in (0, 3):  # 3: the reports don't say
        raise SystemExit(f"{' '.join(arguments)} failed with {process.returncode}; run it by hand to see why")
    return Ran(b"".join(parts).decode().replace("\r\n", "\n"), round((time.monotonic() - started) * 1000))


def fastest(arguments: list[str]) -> Ran:
    """Return the fastest of several runs: the first ones wait for what is loaded only once."""
    return min((run(arguments) for _ in range(RUNS)), key=lambda ran: ran.ms)


def frames(commands: list[tuple[str, Ran]]) -> list[Frame]:
    """Return what the terminal shows while each command is typed, while it works, and when it has printed."""
    found: list[Frame] = []
    above = ""
    for typed, ran in commands:
        for end in range(0, len(typed), TYPED):
            found.append(Frame(f"{above}{PROMPT}{typed[:end]}█", TYPING_MS))
        found.append(Frame(f"{above}{PROMPT}{typed}", min(ran.ms, MOST_WAITING_MS)))
        above += f"{PROMPT}{typed}\n{ran.output}\n"
        found.append(Frame(f"{above}{PROMPT}█", READING_MS))
    return found


def as_html(text: str) -> str:
    """Return text with escape codes as HTML."""
    console = Console(record=True, width=10_000, file=StringIO(), force_terminal=True, color_system="256")
    console.print(Text.from_ansi(text), soft_wrap=True)
    return console.export_html(theme=MONOKAI, inline_styles=True, code_format="{code}")


def drawn(shown: list[Frame], chromium: str, sandbox: bool) -> list[Image.Image]:
    """Return a picture of each frame."""
    pictures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[] if sandbox else ["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 560})
        for frame in shown:
            page.set_content(PAGE % as_html(frame.text))
            page.evaluate(TO_END)
            pictures.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))
        browser.close()
    return pictures


def write(pictures: list[Image.Image], shown: list[Frame], out: Path) -> int:
    """Write the pictures as an animation of few colours, the same in all of them, and return its size in bytes."""
    palette = pictures[-1].quantize(COLOURS, dither=Image.Dither.NONE)
    first, *others = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [frame.ms for frame in shown]
    first.save(out, save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
    return out.stat().st_size


def main() -> int:
    parser = argparse.ArgumentParser(description="Record the terminal for the README.")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--no-sandbox", action="store_true", help="for Chromium as root in a container")
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS))
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium on PATH; install it: apt-get install chromium", file=sys.stderr)
        return 1
    qa = Path(sys.executable).with_name("qa")
    commands = [(f'qa ask "{question}"', fastest([str(qa), "ask", question])) for question in arguments.questions]
    shown = frames(commands)
    size = write(drawn(shown, chromium, not arguments.no_sandbox), shown, arguments.out)
    print(f"{arguments.out.name:28} {size:>8} bytes, {len(shown)} frames{'  too large' if size > MAX_BYTES else ''}")
    return 1 if size > MAX_BYTES else 0


if __name__ == "__main__":
    raise SystemExit(main())
