"""The extractive answerer: verbatim sentences that answer, side by side where documents are compared, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.answering.apart import answered_apart
from qa.answering.asked_in_text import answering, asks, below_same_question
from qa.answering.asked_value import marked
from qa.answering.base import Answerer, Request
from qa.answering.comparison import compare
from qa.answering.items import items
from qa.answering.outline import outline
from qa.answering.quoting import best, document_name, quoted, quoted_once, several
from qa.answering.speakers import answer_to_same, spoken_by
from qa.answering.table import first_rows
from qa.question.query import Query
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.types import Draft, DraftSentence

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus


class ExtractiveAnswerer(Answerer):
    """Answers without a language model."""

    name = "extractive"
    verbatim = True

    def __init__(self, library: Corpus) -> None:
        self.library = library

    def compose(self, request: Request) -> Iterator[Draft]:
        """Yield the sentences that answer; none when the probability that they do is too low."""
        if request.questions:
            drafts = (draft for question in request.questions for draft in self.draft(question))
            yield from dict.fromkeys(drafts)
            return
        whole = list(self._together(request))
        yield from answered_apart(request, whole, self.draft) if request.shares else whole

    def _together(self, request: Request) -> Iterator[Draft]:
        """Yield the sentences that answer the question as a whole."""
        query = request.query
        parts = [answering(spoken_by(query, part, self.library), self.library) for part in request.ranked.parts]
        found = [part for part in parts if part.sentences]
        if found and (rows := first_rows(query, found, self.library)):
            yield from (draft for row in rows for draft in quoted(row))
        elif len(parts) > 1:
            yield from compare(query, parts)
        elif found and (points := outline(query, found[0].part.focus, found[0].sentences, self.library)):
            yield from (draft for point in points for draft in quoted(point))
        elif found and (said := answer_to_same(query, found[0], self.library)):
            yield from quoted_once(said)
        elif found and (below := self._below(query, request.ranked.parts[0], found[0])):
            yield from quoted_once(below)
        elif found and found[0].answers:
            yield from one_document(query, found[0], items(query, found[0], self.library))

    def _below(self, query: Query, found: RankedSentences, says: RankedSentences) -> list[CandidateSentence]:
        """Return what stands below the very question, unless the best sentence answers and stands elsewhere.

        Args:
            says: ``found`` with what follows in place of questions.
        """
        below = below_same_question(query, found, self.library)
        within = any(unit.place == says.sentences[0].place for unit in below)
        return below if within or not says.answers else []


def one_document(
    query: Query, found: RankedSentences, listed: Sequence[CandidateSentence] = ()
) -> Iterator[DraftSentence]:
    """Yield the sentences of one document; under its name, where that is what is asked for.

    Args:
        listed: the list that answers, where one does.
    """
    chosen = listed or (several(query.answer_type, found) if query.wants_several else best(found))
    chosen = [unit for unit in chosen if not asks(unit.sentence.text)]
    if not chosen:  # a list of questions: ``answering`` has seen to it that the best sentence is none
        chosen = [found.sentences[0]]
    drafts = quoted_once([found.asked(unit) for unit in chosen])
    name = document_name(chosen[0], found.part)
    if query.answer_is_document and not found.part.names and not any(name in draft.text for draft in drafts):
        drafts[0] = replace(drafts[0], document=name)
    yield from marked(query, found.part.counted, drafts)
