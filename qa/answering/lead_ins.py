"""Lead-ins: what a model writes before a list or a table ("There are three:"), which is structure and no claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from qa.answering.attribution import Attributed
from qa.answering.structure import lead_in_of
from qa.errors import ModelError
from qa.text.quantities import Kind, Quantity, occurs
from qa.types import Candidate, DraftSentence, Evidence, Thinking
from qa.verify import Source, source_of
from qa.verify.figures import terms_occur
from qa.verify.meaning import preserved
from qa.verify.source import content_words, quantities_of
from qa.verify.wording import names_occur
from vectorstore.text.words import normalise

MOST_NEW = 4.0
"""Weight of the words, neither asked nor in the documents, that a lead-in may have: two in English, two of two
characters in Chinese. With more it says something."""


class LeadIns:
    """Hands lead-ins over with what they lead in to: uncited, and only where it stands; makes one for each answer."""

    def __init__(self, shown: Sequence[Candidate], question: str) -> None:
        self.shown = shown
        self.question = question

    def attached(self, sentences: Iterable[Attributed | Thinking]) -> Iterator[Attributed | Thinking]:
        """Yield what is no lead-in; a lead-in goes with the first sentence of the next block that stands.

        One that counts its items waits for the last of them. One that says something of its own is left out. One above
        another (a list's heading, of which an item is one) goes in front of it. Thoughts pass.

        Raises:
            ModelError: ``sentences`` did; those that waited are yielded first.
        """
        leads, led = list[DraftSentence](), list[Attributed]()
        try:
            for sentence in sentences:
                if isinstance(sentence, Thinking):
                    yield sentence
                    continue
                if led and (sentence.leads_in or sentence.draft.place.block != led[0].draft.place.block):
                    if not all(one.reason for one in led) or not sentence.leads_in:
                        yield from self._joined(leads, led)
                        leads = []
                    else:
                        yield from led
                    led = []
                if sentence.leads_in:
                    level = _level(sentence.draft)
                    leads = [*(lead for lead in leads if _level(lead) < level), sentence.draft]
                elif not leads:
                    yield sentence
                else:
                    led.append(sentence)
                    if not sentence.reason and not self._counts(leads, self._told(sentence)):
                        yield from self._joined(leads, led)
                        leads, led = [], []
        except ModelError:
            yield from self._joined(leads, led)
            raise
        yield from self._joined(leads, led)

    def _joined(self, leads: Sequence[DraftSentence], led: Sequence[Attributed]) -> Iterator[Attributed]:
        """Yield what is led in to, the first that stands under those of ``leads`` that fit."""
        marks = [sentence.draft.place.item for sentence in led]
        items = sum(1 for mark in marks if mark and len(_indent(mark)) <= len(_indent(marks[0])))
        for sentence in led:
            if leads and not sentence.reason:
                told = self._told(sentence)
                fits = [lead for lead in leads if self._fits(lead.text, told, items if lead is leads[-1] else 0)]
                sentence = sentence.under(lead_in_of(fits)) if fits else sentence
                leads = []
            yield sentence

    def _told(self, sentence: Attributed) -> list[Source]:
        """Return what is known to one who reads a sentence: the question, and what was shown of its documents."""
        documents = {evidence.stored.document_id for evidence in sentence.draft.evidence}
        shown = [one.stored for one in self.shown if one.stored.document_id in documents]
        told = [source_of(Evidence(stored, stored.passage.text, stored.passage.spans)) for stored in shown]
        return [*told, Source(self.question, "", "")]

    @staticmethod
    def _counts(leads: Sequence[DraftSentence], told: Sequence[Source]) -> bool:
        return bool(_unknown(leads[-1].text, told))

    @staticmethod
    def _fits(lead: str, told: Sequence[Source], items: int) -> bool:
        """Whether a lead-in's figures are known or count its items, its names are known, and it says nothing more."""
        if any(q.kind is not Kind.NUMBER or q.value != items for q in _unknown(lead, told)):
            return False
        if weight_of_new(lead, told) > MOST_NEW:
            return False
        return not any(check(lead, told) for check in (terms_occur, names_occur, preserved))


def _unknown(lead: str, told: Sequence[Source]) -> list[Quantity]:
    """Return the figures of a lead-in that no document has; that the question has one says nothing for it."""
    shown = [source for source in told if source.document]
    known = [quantity for source in shown for quantity in (*source.quantities, *source.years)]
    return [q for q in quantities_of(normalise(lead)) if not q.article and not occurs(q, known)]


def _indent(mark: str) -> str:
    return mark[: len(mark) - len(mark.lstrip())]


def _level(lead: DraftSentence) -> int:
    """Return how deep in a list a lead-in stands: 0 outside of one."""
    mark = lead.place.item
    return len(_indent(mark)) + 1 if mark else 0


def weight_of_new(text: str, told: Sequence[Source]) -> float:
    """Return the weight of the content words of ``text`` that no source has; see ``MOST_NEW``."""
    whole = "\n".join(source.whole for source in told)
    new = (word for word in content_words(text) if word not in whole)
    return sum(2.0 if word.isascii() else min(len(word), 4) for word in new)
