"""Training examples from public reading-comprehension sets: gzipped JSON lines of contexts, questions and spans."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from .groups import (
    IGNORED,
    NEGATIVE,
    POSITIVE,
    CutPassage,
    Group,
    LabelledPassage,
    cut_document,
    overlap,
    shared_terms,
    stable,
)

TRAINED = {
    "zh.cmrc2018-train": 4700,
    "zh.cmrc2018-trial": 700,
    "zh.drcd-dev": 1800,
    "zh.chinese-squad2-dev": 3600,
    "zh.xquad": 400,
    "en.squad2-train-10": 2800,
    "en.squad2-dev-half": 2600,
    "en.tatqa": 850,
    "en.covid-qa": 500,
    "en.xquad": 400,
    "en.expmrc-squad-dev": 200,
}
"""Sets that may be trained on, and the most questions taken of each."""
MEASURED = (
    "zh.cjrc",
    "zh.xquad",
    "zh.cmrc2018-dev",
    "en.xquad",
    "en.squad2-dev-half",
    "en.squad2-dev-more",
    "en.clapnq-dev",
)
"""Sets whose test rows are measured on."""
MEASURED_ROWS = 300
SHORT, SHORT_SHARE = 180, 0.4
"""Longest passage, in characters, for this share of the documents: passages of all lengths are met."""
SHORTEST_ANSWER = 2
"""Characters from which another sentence with the answer's words is ignored, not taught to be wrong."""

Split = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class Row:
    """A question about a context; without ``spans``, the context doesn't answer it."""

    id: str
    language: Literal["zh", "en"]
    title: str
    context: str
    question: str
    previous: str
    spans: tuple[tuple[int, int], ...]


def rows(directory: Path, name: str, split: Split) -> list[Row]:
    """Return the rows of one set that are marked with ``split``, in a fixed order that mixes its documents."""
    found = []
    with gzip.open(directory / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            value = json.loads(line)
            if value["split"] != split or (split == "train" and value["ship"] == "no"):
                continue
            asked = [turn["content"] for turn in value.get("history") or [] if turn.get("role") == "user"]
            spans = tuple((a["start"], a["start"] + len(a["text"])) for a in value["answers"])
            head = (value["id"], value["lang"], value["title"], value["context"], value["question"])
            found.append(Row(*head, asked[-1] if asked else "", spans))
    return sorted(found, key=lambda row: (stable(row.id), row.id))


@lru_cache(maxsize=50_000)
def _passages(context: str, title: str, max_chars: int) -> tuple[CutPassage, ...]:
    return tuple(cut_document(context, title or None, max_chars))


def _labels(row: Row, passage: CutPassage) -> list[int]:
    answers = {row.context[start:end] for start, end in row.spans if end - start >= SHORTEST_ANSWER}
    found = []
    for sentence in passage.sentences:
        if any(overlap(sentence.spans, *span) > 0.5 * (span[1] - span[0]) for span in row.spans):
            found.append(POSITIVE)
        else:
            found.append(IGNORED if any(answer in sentence.text for answer in answers) else NEGATIVE)
    return found


def _whole(name: str, row: Row, passages: Sequence[LabelledPassage], kind: str = "plain") -> Group:
    return Group(row.id, name, row.language, kind, row.question, tuple(passages), row.previous)


def train_groups(directory: Path, name: str, limit: int) -> Iterator[Group]:
    """Yield up to ``limit`` examples of a set's train rows.

    An answerable question has the passage with the answer and, for one in two, another: of the same context, else of
    another document of the set. One that can't be answered has the passage that shares most words with it.
    """
    all_rows = rows(directory, name, "train")
    contexts = list({row.context: row for row in all_rows}.values())
    unanswerable = [row for row in all_rows if not row.spans]
    answerable = [row for row in all_rows if row.spans]
    refused = min(len(unanswerable), max(limit // 2, limit - len(answerable)))
    for row in [*unanswerable[:refused], *answerable[: limit - refused]]:
        size = SHORT if stable(row.context) % 100 < 100 * SHORT_SHARE else 350
        passages = [p.labelled(_labels(row, p)) for p in _passages(row.context, row.title, size)]
        best = sorted(passages, key=lambda p: -shared_terms(row.question, p.text))
        if not row.spans:
            yield _whole(name, row, best[:1])
            continue
        right = [passage for passage in best if passage.answers][:2]
        if not right:
            continue
        others = [passage for passage in best if not passage.answers][:1]
        if not others and stable(row.id + "other") % 3 == 0:
            others = [_foreign(row, contexts, size)]
        elif stable(row.id + "own") % 2:
            others = []
        yield _whole(name, row, [*right, *others])


def _foreign(row: Row, contexts: Sequence[Row], size: int) -> LabelledPassage:
    """Return the passage with most of the question's words among those of 40 contexts of other documents."""
    first = stable(row.id) % len(contexts)
    some = [contexts[(first + step * 7) % len(contexts)] for step in range(40)]
    answers = {row.context[start:end] for start, end in row.spans}
    passages = [
        passage
        for other in some
        if other.context != row.context and (other.title != row.title or not row.title)
        for passage in _passages(other.context, other.title, size)
        if not any(answer in passage.text for answer in answers)
    ]
    passages = passages or list(_passages(some[0].context, some[0].title, size))
    return max(passages, key=lambda p: shared_terms(row.question, p.text)).labelled()


def test_groups(directory: Path, name: str) -> Iterator[Group]:
    """Yield a fixed sample of a set's test rows, each with all passages of its context."""
    by_answer = defaultdict(list)
    for row in rows(directory, name, "test"):
        by_answer[bool(row.spans)].append(row)
    each = MEASURED_ROWS // max(1, len(by_answer))
    for some in by_answer.values():
        for row in some[:each]:
            passages = [p.labelled(_labels(row, p)) for p in _passages(row.context, row.title, 350)]
            group = _whole(name, row, passages)
            if group.answerable == bool(row.spans):
                yield group
