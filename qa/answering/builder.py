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
    Draft,
    Evidence,
    Notice,
    PassageHit,
    Said,
    Thinking,
)
from qa.verify import verify
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
            if not evidence or not verify(draft.text, evidence).ok:
                self.dropped += 1
                continue
            before = len(self.citations)
            sentence = AnswerSentence(
                text=draft.text,
                citations=self._numbers(evidence),
                document=draft.document,
                section=draft.section,
                block=draft.place.block,
                item=draft.place.item,
                lead_in=draft.place.lead_in,
                markdown=draft.place.markdown,
            )
            self.said.append(sentence)
            yield Said(sentence, self.citations[before:])

    def _numbers(self, evidence: Sequence[Evidence]) -> list[int]:
        numbers = []
        for item in evidence:
            spans = [(start, end) for start, end in item.spans]
            same = [c for c in self.citations if c.document_id == item.stored.document_id and c.spans == spans]
            if not same:
                same = [
                    Citation(
                        number=len(self.citations) + 1,
                        document=item.stored.document,
                        document_id=item.stored.document_id,
                        title=item.stored.title,
                        section=item.stored.passage.section,
                        quote=item.quote,
                        spans=spans,
                        places=self._cited_places(item.stored.document_id, spans),
                    )
                ]
                self.citations += same
            if same[0].number not in numbers:
                numbers.append(same[0].number)
        return numbers

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
