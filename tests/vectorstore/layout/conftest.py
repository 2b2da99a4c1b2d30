"""Documents of our own writing, and ways to break them as page layouts do."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from vectorstore.layout import repair
from vectorstore.types import BlockKind, Layout

DATA = Path(__file__).parent.parent / "data"
CAPTIONS = (
    "图书馆志愿者为孩子们讲故事。",
    "工作人员在服务大厅为群众办理业务。",
    "村民在果园里采摘丰收的柑橘。",
    "南湖镇举办冬季趣味运动会。",
    "夕阳下的滨江步道。",
)


@dataclass(frozen=True)
class Paragraph:
    text: str
    is_heading: bool = False


@dataclass(frozen=True)
class Broken:
    """A text with sentences cut in two, and the cuts: (end of the first half, beginning of the second)."""

    text: str
    seams: frozenset[tuple[int, int]]


@dataclass
class Tally:
    """How joins compare with the cuts that were made."""

    right: int = 0
    wrong: int = 0
    made: int = 0

    def add(self, broken: Broken, layout: Layout) -> None:
        """Count; a doubled character at a seam may have been left out, so the second half may begin two later."""
        starts = dict(broken.seams)
        for end, start in layout.joins:
            good = end in starts and 0 <= start - starts[end] <= 2
            self.right += good
            self.wrong += not good
        self.made += len(broken.seams)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / self.made


def _paragraphs(text: str) -> list[Paragraph]:
    kinds = (BlockKind.TITLE, BlockKind.HEADING)
    return [Paragraph(block.text, block.kind in kinds) for block in repair(text).blocks]


@pytest.fixture(scope="session")
def reports() -> list[list[Paragraph]]:
    """Two unbroken reports, as paragraphs."""
    return [_paragraphs((DATA / name).read_text("utf-8")) for name in ("cloud_ridge.md", "green_cypress.txt")]


def _place(rng: random.Random, text: str) -> int:
    """Return somewhere in the middle of a sentence."""
    places = [i for i in range(8, len(text) - 4) if text[i - 1] not in "。！？；：”’）》" and not text[i].isspace()]
    return rng.choice(places)


def _choice(rng: random.Random, report: list[Paragraph], count: int) -> list[int]:
    return rng.sample([i for i, paragraph in enumerate(report) if not paragraph.is_heading], count)


@pytest.fixture(scope="session")
def insert_breaks() -> Callable[..., Broken]:
    """Cut sentences in two by blank lines, with up to two captions in between."""

    def broken(rng: random.Random, report: list[Paragraph], count: int, most_captions: int = 2) -> Broken:
        chosen = _choice(rng, report, count)
        text, seams = "", set()
        for index, paragraph in enumerate(report):
            text += "\n\n" if text else ""
            if index not in chosen:
                text += paragraph.text
                continue
            place = _place(rng, paragraph.text)
            text += paragraph.text[:place]
            end = len(text)
            for _ in range(rng.randint(0, most_captions)):
                text += "\n\n\n\n" + rng.choice(CAPTIONS)
            text += "\n\n"
            seams.add((end, len(text)))
            text += paragraph.text[place:]
        return Broken(text, frozenset(seams))

    return broken


@pytest.fixture(scope="session")
def shuffle_columns() -> Callable[..., Broken]:
    """Cut the text into strips in mid-sentence and put all but the first in another order."""

    def broken(rng: random.Random, report: list[Paragraph], strips: int, doubled: bool = False) -> Broken:
        chosen = _choice(rng, report, strips - 1)
        parts: list[list[tuple[str, int]]] = [[]]  # text, and the cut that it begins (negative) or ends (positive) at
        for index, paragraph in enumerate(report):
            if index not in chosen:
                parts[-1].append((paragraph.text, 0))
                continue
            place = _place(rng, paragraph.text)
            again = 1 if doubled and not paragraph.text[place - 1].isascii() else 0
            parts[-1].append((paragraph.text[:place], index + 1))
            parts.append([(paragraph.text[place - again :], -index - 1)])
        order = list(range(1, strips))
        while order == sorted(order):
            rng.shuffle(order)
        text, ends, starts = "", {}, {}
        for strip in [0, *order]:
            for piece, mark in parts[strip]:
                text += "\n\n" if text else ""
                starts[-mark] = len(text)
                text += piece
                ends[mark] = len(text)
        return Broken(text, frozenset((ends[i + 1], starts[i + 1]) for i in chosen))

    return broken


@pytest.fixture
def tally() -> Tally:
    return Tally()
