"""Building the answer: only verified sentences get in, with citation numbers; what was dropped is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from qa import messages
from qa.answering.rendering import rendered
from qa.types import (
    AbstentionReason,
    Answer,
    AnswerSentence,
    Candidate,
    Citation,
    CitedPlace,
    Derived,
    Draft,
    Evidence,
    Notice,
    PassageHit,
    Said,
    Thinking,
)
from qa.verify import Derivation, verify
from vectorstore.places import PagePlace
from vectorstore.text.language import language_of
from vectorstore.types import Span

FindPlaces = Callable[[str, Sequence[Span]], Sequence[PagePlace]]


class AnswerBuilder:
    """Collects one answer. Only what ``verify`` lets through gets in."""

    def __init__(self, candidates: Sequence[Candidate], places: FindPlaces | None = None) -> None:
        """``places`` returns where spans of a document stand on its pages; None where no document has pages."""
        self.candidates = candidates
        self._places = places
        self.answerer = ""
        self.warnings: list[str] = []
        self.said: list[AnswerSentence] = []
        self.citations: list[Citation] = []
        self.dropped = 0
        self.unknown_labels = 0

    def say(self, drafts: Iterable[Draft]) -> Iterator[Said | Thinking]:
        """Yield each draft sentence that survives verification, with the citations that are new with it.

        Thoughts are passed on, and notices become warnings.
        """
        for draft in drafts:
            if isinstance(draft, Thinking):
                yield draft
                continue
            if isinstance(draft, Notice):
                self.warnings.append(draft.text)
                continue
            evidence = draft.evidence
            self.unknown_labels += draft.unknown_labels
            verdict = verify(draft.text, evidence, draft.premise)
            if not verdict.ok:
                self.dropped += 1
                continue
            before = len(self.citations)
            numbers = [self._number(item) for item in evidence]
            sentence = AnswerSentence(
                text=draft.text,
                citations=list(dict.fromkeys(numbers)),
                document=draft.document,
                section=draft.section,
                block=draft.place.block,
                item=draft.place.item,
                lead_in=draft.place.lead_in,
                markdown=draft.place.markdown,
                answer_span=draft.answer_span,
                derived=_shown(verdict.derived, numbers),
            )
            self.said.append(sentence)
            yield Said(sentence, self.citations[before:])

    def _number(self, item: Evidence) -> int:
        """Return the number of the citation of a piece of evidence, a new one where it has none yet."""
        spans = [(start, end) for start, end in item.spans]
        for citation in self.citations:
            if citation.document_id == item.stored.document_id and citation.spans == spans:
                return citation.number
        self.citations.append(
            Citation(
                number=len(self.citations) + 1,
                document=item.stored.document,
                document_id=item.stored.document_id,
                title=item.stored.title,
                section=item.stored.passage.section,
                quote=item.quote,
                spans=spans,
                places=self._cited_places(item.stored.document_id, spans),
                sha256=item.stored.sha256,
            )
        )
        return len(self.citations)

    def _cited_places(self, document_id: str, spans: Sequence[Span]) -> list[CitedPlace]:
        places = self._places(document_id, spans) if self._places else ()
        return [
            CitedPlace(page=p.page, label=p.label, boxes=list(p.boxes), page_size=p.page_size, kind=p.kind)
            for p in places
        ]

    def answer(self, question: str, standalone: str, hits: list[PassageHit]) -> Answer:
        """Return the finished answer; an abstention when nothing was said.

        Args:
            question: as the person typed it.
            standalone: as it was understood.
            hits: the passages, as ranked.
        """
        reason: AbstentionReason | None = None
        if not self.said:
            reason = "unverified" if self.dropped else "not_stated" if hits else "nothing_found"
        return Answer(
            question=question,
            standalone_question=standalone,
            answer=rendered(self.said, language_of(question)) or messages.ABSTENTION(language_of(question)),
            abstained=not self.said,
            reason=reason,
            sentences=self.said,
            citations=self.citations,
            passages=hits,
            answerer=self.answerer,
            warnings=self.warnings,
            dropped=self.dropped,
            unknown_labels=self.unknown_labels,
        )


def _shown(derivations: Sequence[Derivation], numbers: Sequence[int]) -> Derived | None:
    """Return how a sentence's figures were computed; ``numbers`` are the citations of its evidence, in order."""
    if not derivations:
        return None
    inputs = (numbers[index] for one in derivations for index in one.inputs)
    return Derived(expression="; ".join(one.expression for one in derivations), inputs=list(dict.fromkeys(inputs)))
