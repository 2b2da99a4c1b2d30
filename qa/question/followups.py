"""Follow-ups: made to stand alone by a model or by rules; where neither can, both turns are taken as they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qa.question import followups_chinese as chinese
from qa.question import followups_english as english
from qa.question.answer_types import COMPARATIVE
from qa.question.documents import Subjects, as_written
from qa.question.english_earlier import Earlier
from qa.question.english_pronouns import leans, with_name
from qa.question.intent import asks_each_document
from qa.question.mentions import Mention, without
from qa.types import History
from vectorstore.indexes.heads import Part
from vectorstore.text.language import Language, has_han, language_of, with_han
from vectorstore.text.pinyin import romanised
from vectorstore.text.titles import place_stem
from vectorstore.text.words import STOPWORDS, normalise, words

if TYPE_CHECKING:
    from qa.llm.base import Model
    from vectorstore.corpus import Corpus

_ELSEWHERE = 3.0
"""A question without a name is about another document when that one's best passage beats this one's by this factor."""
_ALIKE = 0.01
"""Of two phrases, the one is meant that is nearer by this much, in cosine."""
_TITLES = 1000
"""Titles of one kind of thing."""
_LOOKED_AT = 10
"""Passages that are looked at for a name."""
_DONE = re.compile(with_han(r"^\h{1,3}了(?=\h)"))
"""A verb before what is compared: "建立了" of "建立了网格"."""
_LATIN = re.compile(r"[a-z][a-z0-9&.+\-]*")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A follow-up as it is looked up."""

    question: str
    """A grammatical question that stands alone; else what was typed with the name that it is about, or both turns."""
    shown: str
    """What a person is shown: the same where it is grammatical, else what was typed."""
    also: tuple[str, ...] = ()
    """Other wordings to search with."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """An earlier question that stands alone, and what was answered."""

    text: str
    answer: str = ""
    plain: bool = True
    """Whether ``text`` is a grammatical question, and not one with a name put to it."""


class Rewriter:
    """Makes follow-ups stand alone."""

    def __init__(self, library: Corpus, model: Model | None = None) -> None:
        self.library = library
        self.model = model

    def rewrite(self, question: str, history: History) -> Rewrite:
        """Return ``question`` as it reads without ``history``; unchanged when it stands alone already."""
        earlier = [asked for asked in _rounds(history) if not self._is_remark(asked.text)]
        if not earlier or self._is_remark(question):
            return Rewrite(question, question)
        if self.model is not None:
            from qa.question.followups_llm import rewrite

            rewritten, last = rewrite(self.model, question, list(history)), earlier[-1].text
            if rewritten and language_of(rewritten) == _language(question, last):
                return Rewrite(rewritten, rewritten, _also(question, rewritten, last))
        chain = [_opened(earlier[0])]
        for turn in earlier[1:]:
            if meant := self._next(turn.text, chain):
                chain.append(_Asked(meant.question, turn.answer, meant.shown == meant.question))
        return self._next(question, chain) or _both(question, chain[-1].text)

    def _next(self, question: str, chain: Sequence[_Asked]) -> Rewrite | None:
        """Return ``question``, asked after ``chain``, so that it stands alone; None where rules can't tell."""
        before = chain[-1]
        spoken = _language(question, before.text)
        if spoken != language_of(before.text):
            return self._across(question, before.text)
        meant = self._english(question, before) if spoken == "en" else self._chinese(question, chain)
        leans = meant is not None and meant.also
        return replace(meant, shown=question) if meant and leans and not before.plain else meant

    def _is_remark(self, question: str) -> bool:
        """Whether it asks nothing: "好的，谢谢", "ok great"."""
        if has_han(question):
            return not chinese.stripped(question)
        return english.is_remark(question, self._names(question))

    # In one language

    def _english(self, question: str, before: _Asked) -> Rewrite | None:
        rest = english.stripped(question)
        mine, theirs = self._names(rest), self._mentions(before.text)
        of_documents = asks_each_document(normalise(rest)) or english.asks_of_kind(rest, self._titles)
        if english.stands_alone(rest, mine) or of_documents:
            alone = question if rest == question.strip() else english.finished(rest)
            return Rewrite(alone, alone)
        earlier = Earlier(
            before.text,
            before.answer,
            tuple(mention.text for mention in theirs),
            self._nearest,
            lambda name: self._holds(name, theirs),
            self._is_common,
        )
        meant = english.rewrite(rest, earlier, mine)
        if not english.asks(rest):
            return Rewrite(meant, meant, _also(question, meant, before.text)) if meant else None
        found = meant or english.finished(rest)
        also = _joined(question, before.text)
        named = mine or any(mention.text in normalise(found) for mention in theirs)
        moved_on = not leans(rest) and self._moved_on(normalise(found), theirs)
        if named or not theirs or moved_on:
            return Rewrite(found, found if meant else question, also)
        shown = found if english.has_names(found) else english.about(earlier.topic, found)
        topic = " ".join(dict.fromkeys(mention.text for mention in theirs))
        return Rewrite(f"{found.rstrip('?')} ({topic})?", shown if meant else question, also)

    def _chinese(self, question: str, chain: Sequence[_Asked]) -> Rewrite | None:
        rest, before, asked = chinese.stripped(question), chain[-1], question
        back = chinese.BACK.match(rest)
        if back and (len(chain) > 1 or "题" in back[0]):
            before = chain[0] if back["first"] else self._other(chain)
            asked = rest[back.end() :].lstrip(" ,，")
        meant = self._compared(rest, chain) if asked == question else ""
        if not meant:
            known = Subjects.of(self.library).mentions
            earlier = chinese.Earlier(before.text, before.answer, known, self._moved_on, self._holds)
            by_rules = chinese.by_rules(asked, earlier)
            if by_rules is None:
                return None
            meant = by_rules
        meant = _as_cased(meant, f"{question} {before.text}")
        leans = meant != question or not (self._names(before.text) or self._names(question))
        return Rewrite(meant, meant, _joined(question, before.text) if leans else ())

    def _other(self, chain: Sequence[_Asked]) -> _Asked:
        """Return the last question before the last one that is about another document, or else the last one."""
        found = [self._names(asked.text) for asked in chain]
        return next((q for q, n in zip(chain[-2::-1], found[-2::-1], strict=True) if n and n != found[-1]), chain[-1])

    def _compared(self, rest: str, chain: Sequence[_Asked]) -> str:
        """Return "which of them has more" with the names of the last two questions and what they were about."""
        found = list(dict.fromkeys(name for asked in chain[-2:] for name in self._names(asked.text)[:1]))
        comparing = chinese.WHICH_OF_THEM.match(rest) and COMPARATIVE.search(normalise(rest))
        if len(found) < 2 or not comparing:
            return ""
        last = chain[-1].text
        about = _DONE.sub("", chinese.topic(without(normalise(last), self._mentions(last))).strip("的"))
        left = chinese.WHICH_OF_THEM.sub("", rest).lstrip("的")
        return f"{'和'.join(found)}哪个的{'' if chinese.says_what(left) else about}{left}"

    # From one language into the other

    def _across(self, question: str, before: str) -> Rewrite | None:
        """Return a question in another language than the one before it: nothing made of both is shown."""
        rest = chinese.stripped(question) if has_han(question) else english.stripped(question)
        mine, theirs = self._mentions(rest), self._mentions(before)
        also = _joined(question, before)
        if not any(word not in STOPWORDS for word in words(without(normalise(rest), mine))):
            return Rewrite(chinese.replaced(normalise(before), theirs, mine[0].text), question, also) if mine else None
        if not theirs or mine or english.stands_alone(rest) or chinese.asks_of_all(normalise(rest)):
            return Rewrite(rest, question)
        if has_han(rest):
            asked = chinese.with_name("".join(dict.fromkeys(mention.text for mention in theirs)), rest)
        else:
            asked = with_name(romanised(place_stem(theirs[0].text)).capitalize(), rest)
        return Rewrite(asked, question, also)

    # What the library tells

    def _mentions(self, question: str) -> list[Mention]:
        return Subjects.of(self.library).mentions(normalise(question))

    def _names(self, question: str) -> list[str]:
        return [mention.text for mention in self._mentions(question)]

    def _titles(self, word: str) -> list[str]:
        """Return titles that have ``word``; nothing where more have it than could be compared."""
        directory = self.library.directory
        found = directory.find((Part.TITLE, normalise(f" {word}")), most=_TITLES)
        return [info.title for info in directory.infos(found or ())]

    def _moved_on(self, text: str, theirs: Sequence[Mention]) -> bool:
        """Whether another document has clearly more to say: the conversation has moved on without naming it."""
        inside = self.library.lexical(text, 1, sorted({d for mention in theirs for d in mention.documents}))
        anywhere = self.library.lexical(text, 1)
        return bool(anywhere) and (not inside or anywhere[0].score > _ELSEWHERE * inside[0].score)

    def _holds(self, name: str, theirs: Sequence[Mention]) -> bool:
        """Return whether the documents that are mentioned speak of ``name``."""
        documents = sorted({document for mention in theirs for document in mention.documents})
        found = self.library.lexical(name, _LOOKED_AT, documents) if documents else []
        passages = self.library.passages([hit.passage_id for hit in found])
        return any(normalise(name) in normalise(stored.passage.text) for stored in passages)

    def _is_common(self, phrase: str) -> bool:
        """Return whether passages write ``phrase`` with a small letter: "expenses", unlike "Hillside"."""
        found = self.library.passages([hit.passage_id for hit in self.library.lexical(phrase, _LOOKED_AT)])
        small = f"{phrase[:1].lower()}{phrase[1:]}"
        return any(re.search(rf"\b{re.escape(small)}\b", one.passage.text) for one in found)

    def _nearest(self, phrase: str, others: Sequence[str]) -> int | None:
        """Return which of ``others`` is most like ``phrase``; None where two are as near."""
        one, *vectors = self.library.question_vectors([phrase, *others])
        alike = np.array([float(one @ vector) for vector in vectors])
        best, next_one = np.argsort(-alike, kind="stable")[:2]
        return int(best) if alike[best] - alike[next_one] >= _ALIKE else None


def _rounds(history: History) -> list[_Asked]:
    """Return the questions of ``history`` with their answers."""
    rounds: list[_Asked] = []
    for turn in history:
        if turn.role == "user":
            rounds.append(_Asked(turn.content))
        elif rounds:
            rounds[-1] = _Asked(rounds[-1].text, turn.content)
    return rounds


def _opened(first: _Asked) -> _Asked:
    """Return a conversation's first question without its opening."""
    rest = chinese.stripped(first.text) if has_han(first.text) else english.stripped(first.text)
    return replace(first, text=rest)


def _both(question: str, before: str) -> Rewrite:
    """Return a follow-up that rules can't rewrite: both turns, one after the other, of which only this one is shown."""
    end = "" if before.rstrip().endswith(("?", "？", "。", ".")) else ("？" if has_han(before) else "?")
    return Rewrite(f"{before.strip()}{end}{'' if has_han(before) else ' '}{question}", question, (question,))


def _also(question: str, rewritten: str, before: str) -> tuple[str, ...]:
    """Return the question joined to the one before it, when it leans on that one."""
    return () if rewritten == question else _joined(question, before)


def _joined(question: str, before: str) -> tuple[str, ...]:
    return (f"{before} {question}",)


def _language(question: str, before: str) -> Language:
    """Return the language of a question; of the one before it for a name or a number that either could go on with."""
    found = words(question)
    bare = not has_han(question) and len(found) < 4 and not any(word in STOPWORDS for word in found)
    return language_of(before if bare else question)


def _as_cased(text: str, sources: str) -> str:
    """Return ``text`` with its Latin words as ``sources`` write them."""
    return _LATIN.sub(lambda found: as_written(found[0], sources), text)
