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

from vectorstore.text.words import terms

from .groups import (
    IGNORED,
    NEGATIVE,
    POSITIVE,
    CutPassage,
    Group,
    LabelledPassage,
    TermIndex,
    cut_document,
    overlap,
    shared_terms,
    stable,
)

TRAINED = {
    "zh.cmrc2018-train": 9000,
    "zh.cmrc2018-trial": 1000,
    "zh.drcd-dev": 3500,
    "zh.chinese-squad2-dev": 4800,
    "zh.xquad": 530,
    "en.squad2-train-10": 4700,
    "en.squad2-dev-half": 3600,
    "en.tatqa": 850,
    "en.covid-qa": 780,
    "en.xquad": 530,
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
LONG, SHORT, SHORT_SHARE = 350, 180, 0.4
"""Longest passages, in characters, and the share of the documents cut short: passages of all lengths are met."""
BESIDE = 2
"""Passages of other contexts beside the own one."""
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


def whole(name: str, row: Row, passages: Sequence[LabelledPassage], kind: str = "plain") -> Group:
    """Return an example of a row with these passages."""
    return Group(row.id, name, row.language, kind, row.question, tuple(passages), row.previous)


def train_groups(directory: Path, name: str, limit: int) -> Iterator[Group]:
    """Yield examples of up to ``limit`` of a set's train rows.

    An answerable question has the passage with the answer, and others beside it: of its own context, or those of the
    whole set that lie nearest. Of three such questions, one comes again without its answer, beside the nearest: what
    retrieval gives where the library has much on the subject, and no answer. A question that can't be answered has the
    passage that shares most words with it.
    """
    all_rows = rows(directory, name, "train")
    unanswerable = [row for row in all_rows if not row.spans]
    answerable = [row for row in all_rows if row.spans]
    refused = min(len(unanswerable), max(limit // 2, limit - len(answerable)))
    around = Around(all_rows)
    for row in [*unanswerable[:refused], *answerable[: limit - refused]]:
        if not row.spans:
            yield whole(name, row, around.own(row)[:1])
            continue
        shown = around.shown(row)
        if not shown:
            continue
        yield whole(name, row, shown)
        if stable(row.id + "elsewhere") % 3 == 0 and (others := around.without_answer(row)):
            yield whole(name, row, others, "elsewhere")


class Around:
    """What a question of a set is shown with: passages of its own context, and of the set's others."""

    def __init__(self, all_rows: Sequence[Row]) -> None:
        self._elsewhere = {size: Elsewhere(all_rows, size) for size in (SHORT, LONG)}

    def own(self, row: Row) -> list[LabelledPassage]:
        """Return the passages of the row's context, those first that share most words with its question."""
        passages = [p.labelled(_labels(row, p)) for p in _passages(row.context, row.title, _size(row))]
        return sorted(passages, key=lambda p: -shared_terms(row.question, p.text))

    def shown(self, row: Row) -> list[LabelledPassage]:
        """Return up to two passages that answer, and up to two others; none where no passage answers."""
        best = self.own(row)
        right = [passage for passage in best if passage.answers][:2]
        if not right:
            return []
        wrong, nearest = _wrong(best), self.nearest(row)
        others = {0: wrong or nearest[:1], 1: [], 2: nearest, 3: [*wrong, *nearest[:1]]}[stable(row.id + "beside") % 4]
        return [*right, *others]

    def without_answer(self, row: Row) -> list[LabelledPassage]:
        """Return another passage of the row's context, if any, and the nearest of others; none if no others are."""
        nearest = self.nearest(row)
        return [*_wrong(self.own(row)), *nearest] if nearest else []

    def nearest(self, row: Row) -> list[LabelledPassage]:
        """Return the nearest passages of other contexts; see ``Elsewhere``."""
        return self._elsewhere[_size(row)].nearest(row, BESIDE)


def _size(row: Row) -> int:
    return SHORT if stable(row.context) % 100 < 100 * SHORT_SHARE else LONG


def _wrong(passages: Sequence[LabelledPassage]) -> list[LabelledPassage]:
    return [passage for passage in passages if all(label == NEGATIVE for label in passage.labels)][:1]


class Elsewhere:
    """The passages of all contexts of a set, by the words that they hold: which of them lie nearest to a question."""

    def __init__(self, all_rows: Sequence[Row], size: int) -> None:
        self._index = TermIndex()
        self._contexts: list[str] = []
        for context, title in {row.context: row.title for row in all_rows}.items():
            for passage in _passages(context, title, size):
                self._index.add(passage)
                self._contexts.append(context)

    def nearest(self, row: Row, count: int) -> list[LabelledPassage]:
        """Return up to ``count`` passages of other contexts that don't hold the row's answer; all are negative."""
        answers = {row.context[start:end] for start, end in row.spans}
        found: list[LabelledPassage] = []
        for at in self._index.ranked(set(terms(row.question)), common=0.25):
            passage = self._index.passages[at]
            seen = self._contexts[at] == row.context or any(passage.text == one.text for one in found)
            if not seen and not any(answer in passage.text for answer in answers):
                found.append(passage.labelled())
            if len(found) == count:
                break
        return found


def test_groups(directory: Path, name: str) -> Iterator[Group]:
    """Yield a fixed sample of a set's test rows, each with all passages of its context."""
    by_answer = defaultdict(list)
    for row in rows(directory, name, "test"):
        by_answer[bool(row.spans)].append(row)
    each = MEASURED_ROWS // max(1, len(by_answer))
    for some in by_answer.values():
        for row in some[:each]:
            passages = [p.labelled(_labels(row, p)) for p in _passages(row.context, row.title, LONG)]
            group = whole(name, row, passages)
            if group.answerable == bool(row.spans):
                yield group
