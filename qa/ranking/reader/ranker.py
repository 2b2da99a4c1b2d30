"""The reader as a ranker: the linear one chooses what is read, and both together rank and judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.question.query import Part, Query
from qa.question.unknown_names import unheard
from qa.ranking.base import Floats, PartScores, Ranker
from qa.ranking.linear import Judged, LinearRanker
from qa.ranking.reader import calibration
from qa.ranking.reader.calibration import Calibration
from qa.ranking.reader.columns import ColumnChooser
from qa.ranking.reader.doubts import ELSEWHERE, doubt, elsewhere, put_back
from qa.ranking.reader.times import in_full, is_elsewhen, unsaid
from qa.reader.inputs import EncodedPassage, cut, cut_claim
from qa.reader.model import JUDGE_WEIGHTS, Reader
from qa.reader.rows import as_read, beside_named
from vectorstore.embeddings import remove_unused_readers
from vectorstore.text.language import has_han, text_language
from vectorstore.text.tables import quoted_row
from vectorstore.text.words import is_across, normalise
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

MOST_PASSAGES, MOST_TOKENS = 6, 700
"""Read for one question: two cores read some 7,000 tokens a second, so these take a tenth of one."""
PASSAGE_TOKENS = 220
"""Of a passage's sentences: most passages whole, and three of them in ``MOST_TOKENS``."""
LEAST_TOKENS = 60
"""A passage for whose sentences less than this is left isn't read: it would be a sentence or two without context."""
BESIDE = 4.0
"""How far such a row is put back, see ``Reading.beside``: further than two rows of a table differ by their figures."""
AROUND = 1
"""Sentences on either side of the best one that the support judge reads it with."""
NEAR = 5.0
"""How far the best sentence in the other language may stand behind, by the linear model, for its passage to be read."""
UNREAD = 1.0
"""How far the best sentence that wasn't read stands behind the last one that was."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the linear model and the reader make of the sentences that one part of a question chooses from."""

    judged: Judged
    log_odds: Floats
    """Of each sentence, that it answers; NaN where it wasn't read. Shape (sentences,)."""
    beside: Floats
    """1 for the row of a table of which the question names another, else 0; shape (sentences,)."""
    rows: Floats
    """1 for the row of a table, else 0; shape (sentences,)."""
    away: NDArray[np.bool_]
    """Which sentences are in another language than the question; shape (sentences,)."""
    length: float
    """Logarithm of the question's tokens."""

    @property
    def read(self) -> NDArray[np.bool_]:
        """Which sentences were read, shape (sentences,)."""
        return ~np.isnan(self.log_odds)

    judge: Callable[[int], float]
    """Returns the support judge's log-odds that a sentence, by its number, says what the question asks.

    Raises RankerError where its encoder fails.
    """

    def signals(self, best: int) -> dict[str, float]:
        """Return what answerability is judged by but the judge's word; see ``calibration.SIGNALS``.

        Args:
            best: the sentence that comes first.
        """
        return {
            "best": float(self.log_odds[best]),
            "any": _log_sum(self.log_odds[self.read]),
            "linear": float(self.judged.answerable[best]),
            "row": float(self.rows[best]),
            "length": self.length,
        }


def _asked(query: Query, part: Part, compared: int) -> str:
    """Return the question as it is read.

    A follow-up is read as it was made to stand alone: with the question before it, the reader takes what answers that
    one for an answer (area under the curve over 53 follow-ups: 0.72; as typed 0.67; alone 0.87).
    """
    return part.question if compared > 1 else query.text


def _meant(question: str, part: Part, stored: StoredPassage) -> tuple[str, str]:
    """Return the question and the title that a passage is read with.

    That a document which the question names is meant was settled where names are linked. Its passages seldom repeat
    the name, and its title need not have it: so the title is given it. A Chinese question is read without it, as it
    may be asked; an English one would lack its subject ("when was founded?"). But a table that has the name in a row,
    beside others, is read with the whole question.
    """
    if stored.document_id not in part.documents:
        return question, stored.title
    title = normalise(stored.title)
    unsaid = [name for name in part.names if name not in title]
    if any(name in cell for cell in _cells(stored) for name in unsaid):
        return question, stored.title
    asked = part.focus if has_han(part.focus) else question
    return asked, f"{stored.title}，{' '.join(unsaid)}" if unsaid else stored.title


def _cells(stored: StoredPassage) -> list[str]:
    """Return the cells of a passage's table, without those that name its columns, in normal form."""
    rows = (quoted_row(sentence.text) for sentence in stored.passage.sentences)
    return [normalise(cell) for row in rows if row is not None for cell in row.cells]


def _heads(passages: Sequence[StoredPassage]) -> list[tuple[str, str]]:
    """Return of each sentence of ``passages`` its document and the heading that it stands below."""
    return [
        (stored.document_id, stored.passage.section.rpartition(" / ")[2])
        for stored in passages
        for _ in stored.passage.sentences
    ]


def _in_the_other_language(passages: Sequence[StoredPassage], order: Sequence[int], best: Sequence[float]) -> list[int]:
    """Return, by their number, up to two passages in another language than the first whose best sentence is near its.

    In two languages the linear model's scores are not of one kind, so both are read.

    Args:
        order: numbers of passages, the best first.
        best: the scores of their best sentences.
    """
    first = text_language(passages[order[0]].passage.text) if order else None
    near = (at for at, score in zip(order, best, strict=True) if score >= best[0] - NEAR)
    return [at for at in near if {first, text_language(passages[at].passage.text)} == {"zh", "en"}][:2]


def _holding(passages: Sequence[StoredPassage], sentence: int) -> StoredPassage:
    """Return the passage with the sentence of that number."""
    return [stored for stored in passages for _ in stored.passage.sentences][sentence]


def _log_sum(log_odds: Floats) -> float:
    """Return the log of the sum of exp(x): the log-odds that any sentence answers, as training takes them."""
    largest = log_odds.max()
    return float(largest + np.log(np.exp(log_odds - largest).sum()))


class ReaderRanker(Ranker):
    """Reads the passages that hold the linear ranker's best sentences, all in one batch.

    Args:
        claim_reader: the one that was taught claims. Asked about the best sentence, it errs elsewhere than the one that
            was taught questions: area under the curve on five sets .016 larger with both.
        fitted: None to read only, without ranking: for fitting it.
    """

    name = "reader"

    def __init__(self, library: Corpus, reader: Reader, claim_reader: Reader, fitted: Calibration | None) -> None:
        self.library = library
        self.linear = LinearRanker(library)
        self.reader: Reader = reader
        self.claim_reader: Reader = claim_reader
        self._fitted = fitted

    @classmethod
    def load(cls, library: Corpus, weights: Path, cache_dir: Path) -> ReaderRanker:
        """Return the ranker of ``weights``, of the calibration beside them, and of the judge that ships.

        Raises:
            RankerError: one is missing, damaged, or not for the others or for the installed encoder.
        """
        reader, judge = Reader.load(weights, cache_dir), Reader.load(JUDGE_WEIGHTS, cache_dir)
        remove_unused_readers(cache_dir)
        path = weights.with_suffix(".json")
        return cls(library, reader, judge, calibration.load(path, reader.weights_hash, judge.weights_hash))

    def over(self, library: Corpus) -> ReaderRanker:
        return type(self)(library, self.reader, self.claim_reader, self._fitted)

    def score(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> PartScores:
        assert self._fitted is not None
        reading = self.read(query, part, passages, compared)
        linear, read = reading.judged.scores, reading.read
        scores = self._fitted.scores(reading.log_odds, linear)
        if not read.all():
            scores[~read] = scores[read].min() - UNREAD - linear[~read].max() + linear[~read]
        scores = put_back(scores - BESIDE * reading.beside, reading.away)
        if query.also and not part.documents:
            documents = [stored.document_id for stored in passages for _ in stored.passage.sentences]
            scores -= ELSEWHERE * elsewhere(reading.judged.topics, documents)
        best = int(np.argsort(-scores, kind="stable")[0])
        question = _asked(query, part, compared)
        unknown = any(name.lower() in part.question for name in unheard(query.text, passages))
        elsewhen = is_elsewhen(part.question, _holding(passages, best), self.library)
        doubts = doubt(scores, reading.judged.covers, reading.away, read, unknown, elsewhen)
        probability = self._fitted.probability(reading.signals(best), lambda: reading.judge(best), doubts)
        columns = ColumnChooser(self.reader, question).choose(passages, scores) if probability >= 0.5 else {}
        return PartScores(scores, reading.judged.covers, probability, columns)

    def read(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> Reading:
        """Return what both models make of all sentences of ``passages``, in their order; arguments as for ``score``.

        Raises:
            RankerError: the encoder failed.
        """
        judged = self.linear.judge(query, part, passages, compared)
        question = _asked(query, part, compared)
        starts = np.cumsum([0, *(len(stored.passage.sentences) for stored in passages)])
        sentences = [sentence.text for stored in passages for sentence in stored.passage.sentences]
        beside = np.array(beside_named(sentences, question, _heads(passages)), dtype=np.float64)
        meant: dict[int, tuple[str, str]] = {}
        chosen = self._chosen(question, part, passages, judged.scores - BESIDE * beside, compared, meant)
        log_odds = np.full(len(judged.scores), np.nan)
        for (at, passage), found in zip(chosen, self.reader.log_odds([one for _, one in chosen]), strict=True):
            log_odds[starts[at] + np.array(passage.kept)] = found
        rows = np.array([quoted_row(sentence) is not None for sentence in sentences], dtype=np.float64)

        @cache
        def asked_of(sentence: int) -> float:
            at = int(np.searchsorted(starts, sentence, side="right")) - 1
            _, title = meant[at] if at in meant else self._meant(question, part, passages[at])
            return self._judged(question, title, passages[at], sentence - int(starts[at]))

        across = [is_across(part.question, stored.passage.text) for stored in passages]
        away = np.repeat(np.array(across, dtype=np.bool_), np.diff(starts))
        length = float(np.log(max(1, len(self.reader.tokens(question)))))
        return Reading(judged, log_odds, beside, rows, away, length, asked_of)

    def _meant(self, question: str, part: Part, stored: StoredPassage) -> tuple[str, str]:
        """Return the question and the title that a passage is read with, as ``_meant`` does, and what time it is of."""
        asked, title = _meant(question, part, stored)
        return in_full(asked, stored), " ".join([title, *unsaid(normalise(question), stored, self.library)])

    def _judged(self, question: str, title: str, stored: StoredPassage, at: int) -> float:
        """Return the judge's log-odds that the sentence at ``at``, read with its neighbours, says what is asked."""
        texts = list(as_read((sentence.text for sentence in stored.passage.sentences), question))
        near = texts[max(0, at - AROUND) : at + AROUND + 1]
        evidence = ("" if has_han(texts[at]) else " ").join(near)
        pieces = cut_claim(self.claim_reader.tokens, question, title, stored.passage.section, evidence)
        ((found,),) = self.claim_reader.log_odds([pieces.joined(0, pieces.room)])
        return float(found)

    def _chosen(
        self,
        question: str,
        part: Part,
        passages: Sequence[StoredPassage],
        scores: Floats,
        compared: int,
        meant: dict[int, tuple[str, str]],
    ) -> list[tuple[int, EncodedPassage]]:
        """Return the passages to read, by their number, those with the best sentences first.

        Args:
            meant: takes up the question and the title that each is read with.
        """
        sizes = [len(stored.passage.sentences) for stored in passages]
        by_passage = np.split(scores, np.cumsum(sizes)[:-1])
        order = sorted((at for at, size in enumerate(sizes) if size), key=lambda at: -by_passage[at].max())
        near = _in_the_other_language(passages, order, [by_passage[at].max() for at in order])
        rest = [at for at in order if at not in near]
        left = max(PASSAGE_TOKENS, (MOST_TOKENS + len(near) * PASSAGE_TOKENS // 2) // compared)
        most = max(1, (MOST_PASSAGES + len(near)) // compared)
        found: list[tuple[int, EncodedPassage]] = []
        for at in [*rest[:2], *near, *rest[2:]][:most]:
            stored = passages[at]
            texts = as_read((sentence.text for sentence in stored.passage.sentences), question)
            asked, title = meant[at] = self._meant(question, part, stored)
            pieces = cut(self.reader.tokens, asked, "", title, stored.passage.section, texts)
            room = min(PASSAGE_TOKENS, pieces.room, left - len(pieces.head) - 1)
            if found and room < LEAST_TOKENS and not pieces.fit(room):
                break
            passage = pieces.joined(int(by_passage[at].argmax()), max(room, LEAST_TOKENS))
            left -= len(passage.tokens)
            found.append((at, passage))
        return found
