"""Who says what in interviews and minutes: a question that names a speaker is answered by what that one says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.answering.asked_in_text import asks
from qa.answering.quoting import FALLS_AWAY
from qa.question.query import Query
from qa.ranking.base import CandidateSentence, RankedSentences
from vectorstore.text.endings import is_closed, label_end, label_of
from vectorstore.text.language import has_han
from vectorstore.text.segmentation import tag
from vectorstore.text.words import STOPWORDS, normalise, stem, words
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_TURNS = 2
"""Lines that a label must begin to be a speaker's ("Present:" begins one)."""
_SENTENCES = 0.7
"""Share of such lines that must end as sentences do: the lines of a form don't."""
_ATTRIBUTION = 1
"""Words by which a question may ascribe an answer: "think", "according", 认为."""
_MOST_CHARACTERS = 220
_CLAUSE = re.compile(r"[,，:：;；。.!！]")
_FUNCTION = ("c", "r", "d", "p", "u", "y")
"""Tags of conjunctions, pronouns, adverbs, prepositions and particles."""

_Place = tuple[str, int, int]
_Turns = Sequence[tuple[CandidateSentence, str]]


def spoken_by(query: Query, found: RankedSentences, library: Corpus) -> RankedSentences:
    """Return ``found`` without what others say, where ``query`` names one speaker of a document.

    A question in the text gives way to what that speaker answers to it. What nobody says in person stays, and so does
    what others say of that speaker. ``found`` is left as it is where the best sentence would go and nothing that
    stays is about as good: then it isn't asked what that one says.
    """
    dropped: set[_Place] = set()
    instead: dict[_Place, CandidateSentence] = {}
    for turns, speaker in _dialogues(query, found, library):
        called = {word for name in query.names for word in normalise(name).split() if word in speaker.split()}
        dropped |= {
            unit.place for unit, who in turns if who not in ("", speaker) and not _says_any(unit.sentence.text, called)
        }
        instead |= _answers(turns, speaker)
    if not dropped:
        return found
    chosen: dict[CandidateSentence, tuple[float, float]] = {}
    for unit, score, cover in zip(found.sentences, found.scores, found.covers, strict=True):
        if unit.place not in dropped or unit.place in instead:
            chosen.setdefault(instead.get(unit.place, unit), (score, cover))
    scores = tuple(score for score, _ in chosen.values())
    covers = tuple(cover for _, cover in chosen.values())
    best = found.sentences[0].place
    if best in dropped and best not in instead and (not scores or found.scores[0] - scores[0] > FALLS_AWAY):
        return found
    return replace(found, sentences=tuple(chosen), scores=scores, covers=covers)


def answer_to_same(query: Query, found: RankedSentences, library: Corpus) -> list[CandidateSentence]:
    """Return what the speaker that ``query`` names answers, where somebody puts the very question to all."""
    for turns, speaker in _dialogues(query, found, library):
        asked = _content(query.normal) - set(words(speaker))
        places = [unit.place for unit, _ in turns]
        for place, first in _answers(turns, speaker).items():
            question = turns[places.index(place)][0].sentence.text
            put = _content(_CLAUSE.split(question.rstrip("?？ "))[-1])
            if put and put <= asked and len(asked - put) <= _ATTRIBUTION:
                return _turn(turns[places.index(first.place) :], speaker)
    return []


def _dialogues(query: Query, found: RankedSentences, library: Corpus) -> Iterator[tuple[_Turns, str]]:
    """Yield each document of which ``query`` names one speaker, and that speaker."""
    names = [set(normalise(name).split()) for name in query.names]

    def is_named(label: str) -> bool:
        return any(name & set(label.split()) for name in names)

    # Only documents with such a line are read: of most questions that name somebody, none.
    labelled = (unit for unit in found.sentences if names and is_named(_label(unit)))
    for document in dict.fromkeys(unit.stored.document_id for unit in labelled):
        turns = _turns(library.passages_of(document))
        asked = {who for _, who in turns if is_named(who)}
        if len(asked) == 1:
            yield turns, asked.pop()


def _label(unit: CandidateSentence) -> str:
    return normalise(label_of(unit.sentence.text) or "")


def _says_any(text: str, names: Iterable[str]) -> bool:
    """Whether what stands behind the label of a line has one of ``names`` (normalised)."""
    said = normalise(text[label_end(text) :])
    return any(name in said if has_han(name) else name in words(said) for name in names)


def _content(text: str) -> set[str]:
    """Return the words of ``text`` that say what it asks."""
    kept = (word for word in words(text) if word not in STOPWORDS)
    return {stem(word) for word in kept if not (has_han(word) and tag(word)[0][1].startswith(_FUNCTION))}


def _turn(turns: _Turns, speaker: str) -> list[CandidateSentence]:
    """Return the sentences of the turn that ``turns`` begin with, as many as a short answer has."""
    found: list[CandidateSentence] = []
    for unit, who in turns:
        again = bool(found) and label_of(unit.sentence.text) is not None
        length = sum(len(one.sentence.text) for one in [*found, unit])
        if who != speaker or again or (found and length > _MOST_CHARACTERS):
            break
        found.append(unit)
    return found


def _turns(passages: Sequence[StoredPassage]) -> _Turns:
    """Return a document's sentences in order, each with who says it, in normal form; nobody, outside of a turn."""
    units = [CandidateSentence(stored, index) for stored in passages for index in range(len(stored.passage.sentences))]
    labels = [_label(unit) for unit in units]
    speakers = {label for label, times in Counter(labels).items() if label and times >= _TURNS}
    closed = [is_closed(unit.sentence.text) for unit, label in zip(units, labels, strict=True) if label in speakers]
    if len(speakers) < 2 or sum(closed) < _SENTENCES * len(closed):
        return []
    found, speaker = [], ""
    for unit, label in zip(units, labels, strict=True):
        if label:
            # In a dialogue, whoever speaks but once is a speaker too; what stands before it has labels of another sort.
            # So does a box beside it ("Stonebeck at a glance:"): with words that no name has.
            once = speaker and STOPWORDS.isdisjoint(label.split())
            speaker = label if label in speakers or once else ""
        found.append((unit, speaker))
    return found


def _answers(turns: _Turns, speaker: str) -> dict[_Place, CandidateSentence]:
    """Return for each question that others ask the first sentence that ``speaker`` says before the next question."""
    found: dict[_Place, CandidateSentence] = {}
    question: _Place | None = None
    for unit, who in turns:
        if who != speaker and asks(unit.sentence.text):
            question = unit.place
        elif who == speaker and question is not None:
            found[question], question = unit, None
    return found
