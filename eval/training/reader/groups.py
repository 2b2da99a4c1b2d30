"""The training example: a question, up to four passages, and which of their sentences answer it."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.text.language import Language
from vectorstore.text.words import terms
from vectorstore.types import Sentence, Spans

IGNORED, NEGATIVE, POSITIVE = -1, 0, 1
"""Labels of sentences. One that may or may not answer, such as another that holds the answer's words, is ignored."""

Task = Literal["answers", "supports"]


@dataclass(frozen=True, slots=True)
class LabelledPassage:
    """A passage in its document, with a label for each sentence."""

    title: str
    section: str
    sentences: tuple[str, ...]
    labels: tuple[int, ...]

    @property
    def answers(self) -> bool:
        return POSITIVE in self.labels

    @property
    def text(self) -> str:
        return "\n".join(self.sentences)

    def unlabelled(self) -> LabelledPassage:
        """Return it for a question that nothing in it answers."""
        return replace(self, labels=(NEGATIVE,) * len(self.labels))


@dataclass(frozen=True, slots=True)
class Group:
    """One question with its passages: one softmax of the loss."""

    id: str
    source: str
    """Of the question, such as "zh.drcd-dev" or "pairs"."""
    language: Language
    kind: str
    """"plain", or the near miss that it is."""
    question: str
    passages: tuple[LabelledPassage, ...]
    previous: str = ""
    """The question asked before, where this one leans on it."""
    task: Task = "answers"
    """What ``question`` is: a question that sentences answer, or a claim that the one sentence supports."""

    @property
    def answerable(self) -> bool:
        return any(passage.answers for passage in self.passages)


def write(path: Path, groups: Iterable[Group]) -> None:
    """Write ``groups`` as gzipped JSON lines, the same bytes for the same groups."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, 0) as packed:
        for group in groups:
            packed.write((json.dumps(asdict(group), ensure_ascii=False) + "\n").encode())


def read(path: Path) -> list[Group]:
    """Return the groups that ``write`` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_group(json.loads(line)) for line in lines]


def _group(value: dict[str, object]) -> Group:
    passages = value.pop("passages")
    assert isinstance(passages, list)
    found = tuple(
        LabelledPassage(one["title"], one["section"], tuple(one["sentences"]), tuple(one["labels"])) for one in passages
    )
    return Group(passages=found, **value)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class CutPassage:
    """A passage as the product cuts it, before anything is asked about it."""

    title: str
    section: str
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return "\n".join(sentence.text for sentence in self.sentences)

    def labelled(self, labels: Sequence[int] | None = None) -> LabelledPassage:
        """Return it with ``labels``; all negative without."""
        given = tuple(labels) if labels is not None else (NEGATIVE,) * len(self.sentences)
        return LabelledPassage(self.title, self.section, tuple(s.text for s in self.sentences), given)


def cut_document(text: str, title: str | None, max_chars: int = 350) -> list[CutPassage]:
    """Return a document's passages, by the product's own layout repair and chunking."""
    layout = repair(text, title)
    return [CutPassage(layout.title, p.section, p.sentences) for p in chunk(layout, max_chars)]


def overlap(spans: Spans, start: int, end: int) -> int:
    """Return how many characters ``spans`` share with ``start`` to ``end``."""
    return sum(max(0, min(end, right) - max(start, left)) for left, right in spans)


def shared_terms(question: str, text: str) -> float:
    """Return the share of the question's terms that stand in ``text``."""
    asked = set(terms(question))
    return len(asked & set(terms(text))) / max(1, len(asked))


class TermIndex:
    """Passages by the words that they and their titles hold."""

    def __init__(self) -> None:
        self.passages: list[CutPassage] = []
        self._holding: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, passage: CutPassage) -> None:
        for term in set(terms(f"{passage.title}\n{passage.text}")):
            self._holding[term].append(len(self.passages))
        self.passages.append(passage)

    def ranked(self, asked: Iterable[str], common: float = 1.0) -> list[int]:
        """Return the numbers of the passages that hold some of ``asked``, those with most and rarest first.

        Args:
            common: share of the passages; a word that more of them hold counts for nothing.
        """
        scores: defaultdict[int, float] = defaultdict(float)
        for term in sorted(asked):
            held = self._holding.get(term, [])
            for at in held if len(held) <= common * len(self.passages) else ():
                scores[at] += math.log(1 + len(self.passages) / len(held))
        return sorted(scores, key=lambda at: (-scores[at], at))


def stable(text: str) -> int:
    """Return a number from 0 to 2**32 - 1 that is the same for the same text in every run."""
    return zlib.crc32(text.encode())


def spread(ids: Sequence[str], seed: int) -> Iterator[int]:
    """Yield the positions of ``ids`` in an order that looks random and depends on nothing but them and ``seed``."""
    return iter(sorted(range(len(ids)), key=lambda at: (stable(f"{seed} {ids[at]}"), ids[at])))
