"""Training examples across languages: rows of public sets that exist in both, asked in the other language.

XQuAD and the two copies of SQuAD 2.0 ask the same questions in Chinese and in English, under ids that have nothing in
common. Two rows are one question where each is the nearest of the other, by the embedder's vectors, among all rows of
the other language, and both or neither have an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vectorstore.embeddings import Embedder

from .groups import Group, LabelledPassage, stable
from .public import Around, Row, rows, whole
from .wordings import FORMS, Wordings

SETS = {"zh": ("zh.xquad", "zh.chinese-squad2-dev"), "en": ("en.xquad", "en.squad2-dev-half")}
LIKENESS = 0.82
"""Least cosine of a question and its translation. Ten pairs between this and .84 were read, and all were ones; of ten
just below, two were not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row, and the same question in the other language."""

    name: str
    """Of the row's set."""
    row: Row
    other_name: str
    other: Row


def aligned(directory: Path, embedder: Embedder) -> list[Asked]:
    """Return the rows that may be trained on and exist in both languages, each way.

    Args:
        directory: the folder of the public sets.
    """
    found = {
        language: [(name, row) for name in names for row in rows(directory, name, "train")]
        for language, names in SETS.items()
    }
    if not all(found.values()):
        return []
    vectors = {lang: embedder.encode([row.question for _, row in some], "query") for lang, some in found.items()}
    answered = {lang: np.array([bool(row.spans) for _, row in some]) for lang, some in found.items()}
    same = answered["zh"][:, None] == answered["en"]
    likeness = np.where(same, vectors["zh"] @ vectors["en"].T, -1.0)
    to_en, to_zh = likeness.argmax(1), likeness.argmax(0)
    pairs = []
    for at, other in enumerate(to_en):
        if to_zh[other] == at and likeness[at, other] >= LIKENESS:
            (zh_name, zh), (en_name, en) = found["zh"][at], found["en"][other]
            pairs += [Asked(zh_name, zh, en_name, en), Asked(en_name, en, zh_name, zh)]
    return pairs


def across_groups(directory: Path, pairs: Sequence[Asked], wordings: Sequence[Wordings]) -> Iterator[Group]:
    """Yield examples: each row asked in the other language, and in the wordings that its question has there.

    Passages are chosen as for the row's own question. Of three answerable rows, one is asked without its answer too.
    A row's near miss in the other language is asked of this row's context, which doesn't answer it either.
    """
    by_row = {(one.name, one.row): one for one in wordings}
    around: Mapping[str, Around] = {
        name: Around(rows(directory, name, "train")) for names in SETS.values() for name in names
    }
    for pair in pairs:
        yield from _groups(pair, around[pair.name], by_row.get((pair.other_name, pair.other.id)))


def _groups(pair: Asked, around: Around, worded: Wordings | None) -> Iterator[Group]:
    questions = [("row", pair.other.question, "plain" if pair.row.spans else "miss")]
    if pair.row.spans and stable(pair.row.id + "across elsewhere") % 3 == 0:
        questions.append(("elsewhere", pair.other.question, "elsewhere"))
    if worded is not None:
        if pair.row.spans:
            questions += [(form, worded.same[form], "plain") for form in FORMS]
        questions.append(("written miss", worded.miss, "miss"))
    for form, question, kind in questions:
        row = replace(pair.row, id=f"{pair.row.id} across {form}")
        if shown := _shown(row, kind, around):
            asked = whole(f"across {pair.name}", replace(row, question=question), shown, kind)
            yield replace(asked, language=pair.other.language)


def _shown(row: Row, kind: str, around: Around) -> list[LabelledPassage]:
    if kind == "plain":
        return around.shown(row)
    if kind == "elsewhere":
        return around.without_answer(row)
    return [passage.unlabelled() for passage in [*around.own(row)[:2], *around.nearest(row)[:1]]]
