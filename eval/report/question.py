"""One question in a report: its verdict, what its answer had to contain, and its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..metrics.answers import answer_limit
from ..metrics.registry import PERFECT
from ..metrics.scoring import headline
from ..metrics.text import MARK, comparable, without_marks
from ..runs.run_file import CitationRecord, Item

GOOD, BAD, NONE = "good", "bad", "none"

_BLANK_LINES = re.compile(r"[^\S\n]*\n\s*")


def verdict(item: Item) -> str:
    """Return "good", "bad" or "none" for a right, a wrong and an unjudged answer."""
    if item.error or any(item.scores.get(metric, 1.0) < 1.0 for metric in PERFECT):
        return BAD
    metric = headline(item.scores)
    return NONE if metric is None else GOOD if item.scores[metric] >= 1.0 else BAD


def badge(item: Item) -> str:
    """Return a word that says how an answer went."""
    if item.error:
        return "failed"
    mark = verdict(item)
    if mark == NONE:
        return "no verdict"
    return ("right" if mark == GOOD else "wrong") + (", abstained" if item.abstained else "")


@dataclass(frozen=True, slots=True)
class Expectation:
    """Words that an answer must or must not contain, each with whether it does as it should."""

    label: str
    words: list[tuple[str, str]]
    """(words, mark)"""


def expectations(item: Item) -> list[Expectation]:
    """Return what an answer must and must not contain, with what it does contain."""
    asked = item.asked
    if asked is None:
        return []
    text = comparable(without_marks(item.answer))[: answer_limit(asked.type)]

    def hits(groups: tuple[tuple[str, ...], ...]) -> list[tuple[str, str]]:
        return [(" / ".join(g), GOOD if any(comparable(words) in text for words in g) else BAD) for g in groups]

    forbidden = [(words, BAD if comparable(words) in text else NONE) for words in asked.must_not_contain]
    found = [
        Expectation("must contain", hits(asked.must_contain or ())),
        Expectation("abstains, or corrects with", hits(asked.ok_if_contains)),
        Expectation("must not contain", forbidden),
    ]
    return [expectation for expectation in found if expectation.words]


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text between citation marks, each piece with the mark behind it; the last has none."""
    marks = [*MARK.findall(text), ""]
    yield from zip(MARK.split(text), marks, strict=True)


def source(citation: CitationRecord) -> list[tuple[str, bool]]:
    """Return a citation in its source, without blank lines: pieces of text, each with whether it is cited."""
    return [(_BLANK_LINES.sub("\n", piece), cited) for piece, cited in citation.context or [(citation.quote, True)]]


def figures(item: Item) -> list[str]:
    """Return the scores, times and counts of an answer, a short text each."""
    shown = [f"{name} {value:g}" for name, value in item.scores.items() if name != "abstained"]
    if item.latency_ms:
        shown.append("ms " + " ".join(f"{name} {value:.0f}" for name, value in item.latency_ms.items()))
    shown += [f"judge: {name} {value:g}" for name, value in item.judged.items()]
    if item.dropped or item.unknown_labels:
        shown.append(f"dropped {item.dropped} unknown labels {item.unknown_labels}")
    return shown
