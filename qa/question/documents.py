"""Which documents a question names.

No list of places or companies: a name is a stretch of the question that stands at the head of few documents (in title
or first lines) and looks like a name there: the same for a county's report, an annual report and a court judgment.
Heads are looked up in the library's index, so that nothing here grows with the documents.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, proxy

from qa.question.mentions import Mention
from qa.text.dictionary import chinese_for
from qa.text.names import NOT_NAMES
from vectorstore.indexes.heads import Condition, Part
from vectorstore.text.language import with_han
from vectorstore.text.names import MASKED_NAME, NAME_TAGS, proper_names
from vectorstore.text.pinyin import romanised
from vectorstore.text.segmentation import cut, tag
from vectorstore.text.titles import ORGANISATION, Clue, borders
from vectorstore.text.words import STOPWORDS, normalise
from vectorstore.text.years import YEAR
from vectorstore.types import StoredPassage

_PERSON = re.compile(MASKED_NAME)
_HAN = re.compile(with_han(r"\h{2,4}"))
_LATIN = re.compile(r"[a-z][a-z0-9&.\-]+[a-z0-9]")
_YEAR = re.compile(rf"{YEAR}.*|.*{YEAR}年?|[\d年月日度季第一二三四上下半前后,，.\-]+")
"""What is no name: a time, or what begins or ends with a year."""
_PLACES = frozenset("省市县区镇乡村")
_FUNCTION = frozenset("年月日的了在是和与及或对将把被从到向为以而于其这那有也都各每与")
MOST = 1000
"""Documents that go by one name; what more of them have, and what over a quarter of all have, singles nothing out."""
OWN = 0.4
"""Share of the passages with a name that must be in the documents whose heads it stands in."""
_CAPITAL = 0.9
"""Share of its places in which a Latin name begins with a capital."""
_BEGINS = re.compile(r"(?:^|[.!?:;|•\n\"“(]\s*|\s[-–—]\s)$")
"""What stands before the first word of a sentence, a heading, an item or a cell."""
_LOOKED_BACK = 40
"""Characters before a name that say whether it is one."""
_SEEN = 60
"""Passages that are looked at for a name."""
_LESS = 0.1
"""What a name weighs less where first lines have it and no title, so that a title decides between two."""
_DECIDES = 4
"""Characters of a company's name that nothing else begins with."""
_LONGEST = 100
"""Characters of a stretch that may be a name; without a bound, a pasted page takes time by its length squared."""
_TEXTS = 64
"""Questions, documents and scopes that are remembered, and names that are for each of them."""

Scope = frozenset[str]
_HELD: WeakKeyDictionary[Any, tuple[int, dict[Scope | None, Subjects]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Subjects:
    """What the documents of a library are about, or of some of them, as long as none changes."""

    library: Any
    scope: Scope | None = None
    """Ids of the documents that can be named; None for all."""
    owned: dict[str, bool] = field(default_factory=dict)
    """Name -> whether it is its documents' own."""
    linked: dict[str, list[Mention]] = field(default_factory=dict)
    """Question -> its mentions: the last few, since follow-ups look at the same questions again."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Document id -> its passages, normalised: the last few that were looked into."""

    @classmethod
    def of(cls, library: Any, scope: Scope | None = None) -> Subjects:
        """Return the subjects of a library's documents, begun anew when one of them has changed.

        Args:
            scope: ids of the documents that can be named; None for all.
        """
        generation = library.generation
        held = _HELD.get(library)
        if held is None or held[0] != generation or len(held[1]) > _TEXTS:
            held = _HELD[library] = (generation, {})
        return held[1].setdefault(scope, cls(proxy(library), scope))  # or it would be held for ever

    def text(self, document: str) -> str:
        """Return all passages of a document, normalised."""
        return "\n".join(self._passages(document))

    def mentions(self, question: str) -> list[Mention]:
        """Return the names in ``question`` (normalised) that single documents out, left to right, not overlapping."""
        found = self.linked.get(question)
        if found is None:
            if len(self.linked) >= _TEXTS:
                self.linked.clear()
            found = self.linked[question] = _Linking(self, question).mentions()
        return list(found)

    def own(self, name: str, documents: frozenset[str]) -> bool:
        """Whether a name is these documents' own: most passages that have it are theirs.

        A news item's title may well say "Shanghai" where a hundred others speak of it: that singles nothing out.
        """
        if name not in self.owned:
            if len(self.owned) >= _TEXTS**2:
                self.owned.clear()
            hits = self.library.lexical(name, _SEEN, None if self.scope is None else sorted(self.scope))
            # Of a name in capitals, those without it count too: they may have it in another form.
            found = self.library.passages([hit.passage_id for hit in hits], "" if name.isascii() else name)
            having = [stored.document_id in documents for stored in found if name in normalise(stored.passage.text)]
            self.owned[name] = sum(having) >= OWN * len(having) and self._capital(name, found)
        return self.owned[name]

    def _capital(self, name: str, passages: Sequence[StoredPassage]) -> bool:
        """Whether a Latin name is written as one, with a capital, wherever it stands: "Vale" and not "district".

        At the beginning of a sentence any word has one. What stands nowhere else must be in a title, or be no word. A
        company may be called by its name in the title alone, and "the Group" from there on.
        """
        if not name.isascii():
            return True
        text = "\n".join(stored.passage.text for stored in passages)
        written = list(re.finditer(rf"\b{re.escape(name)}\b", text, re.I))
        inside = [at for at in written if not _BEGINS.search(text[max(0, at.start() - _LOOKED_BACK) : at.start()])]
        titled = bool(self.library.directory.has((Part.TITLE, name)))
        if not inside and chinese_for(name) and not (titled and written):
            return False
        if not written:
            return titled
        found = inside or written
        return sum(at[0][0].isupper() for at in found) >= max(1, _CAPITAL * len(found))

    def _passages(self, document: str) -> list[str]:
        held = self.texts.get(document)
        if held is None:
            if len(self.texts) >= _TEXTS:
                self.texts.clear()
            held = [normalise(stored.passage.text) for stored in self.library.passages_of(document)]
            self.texts[document] = held
        return held


class _Linking:
    """Finds the names in one question."""

    def __init__(self, subjects: Subjects, question: str) -> None:
        self.question = question
        self._subjects = subjects
        self._directory = subjects.library.directory
        self._scope = None if subjects.scope is None else sorted(subjects.scope)
        self._all = self._directory.count(self._scope)
        self._borders = borders(question)
        self._known: dict[tuple[Condition, ...], bool] = {}
        self._likely: dict[str, bool] = {}

    def mentions(self) -> list[Mention]:
        if found := [
            self._mention(match.start(), match[0], documents)
            for match in _LATIN.finditer(self.question)
            if (documents := self._few((Clue.SOUND, match[0])))
        ]:
            return found
        at = 0
        while at < len(self.question) - 1:
            name = self._name(at) if at in self._borders else self._organisation(at)
            documents = self._holding(name) if name else frozenset()
            if documents and self._subjects.own(name, documents):
                found.append(self._mention(at, name, documents))
                at += len(name)
            else:
                at += 1
        return found or self._homophones()

    def _homophones(self) -> list[Mention]:
        """Return the first places in titles, which the question writes with other characters of the same sound.

        "广汗" for "广汉" is no word, so that its characters stand apart in the segmented question.
        """
        found: list[Mention] = []
        tokens, at = cut(self.question, guess=False), 0
        for index, token in enumerate(tokens):
            for size in (3, 2):
                run = tokens[index : index + size]
                text = "".join(run)
                if len(run) < 2 or min(map(len, run)) > 1 or not _HAN.fullmatch(text):
                    continue
                sound = romanised(text)
                documents = self._few((Clue.SOUND, sound), (Clue.FIRST_SOUND, sound))
                if documents and (not found or found[-1].end <= at):
                    found.append(self._mention(at, text, documents))
            at += len(token)
        return found

    def _mention(self, at: int, name: str, documents: frozenset[str]) -> Mention:
        weight = math.log(self._all / len(documents)) + 1.0
        if not self._has((Part.TITLE, name)):
            weight -= _LESS
        return Mention(at, at + len(name), name, documents, weight)

    def _name(self, at: int) -> str:
        """Return the name that begins at ``at``, ends where a word does and stands in some head, or an empty string."""
        if self.question[at] in _FUNCTION:
            return ""
        for end in range(self._most(at), at + 1, -1):
            stretch = self.question[at:end]
            if stretch[-1] in _FUNCTION or not (end in self._borders or self._goes_on(stretch, end)):
                continue
            if (name := self._named(stretch, at)) and self._has((Part.HEAD, stretch)):
                return name
        return ""

    def _most(self, at: int) -> int:
        """Return an end beyond which no name from ``at`` can stand in a head: all that it is made of is in some."""
        end = at + 2 if self._may_have(self.question[at : at + 2]) else at
        most = min(len(self.question), at + _LONGEST)
        while at < end < most and self._may_have(self.question[end - 2 : end + 1]):
            end += 1
        return end

    def _may_have(self, stretch: str) -> bool:
        if stretch not in self._likely:
            self._likely[stretch] = self._directory.may_have((Part.HEAD, stretch))
        return self._likely[stretch]

    def _goes_on(self, stretch: str, end: int) -> bool:
        """Whether ``stretch`` is a place in a title, whatever word its last character is part of (罗|江村 for 罗江)."""
        return self.question[end : end + 1] in _PLACES and self._has((Clue.BEGINS, stretch))

    def _organisation(self, at: int) -> str:
        """Return the organisation that begins at ``at`` and some title, whatever words the segmenter sees there."""
        end = self._most(at) if ORGANISATION.match(self.question, at) else at
        while end > at and (name := _first(ORGANISATION, self.question[at:end])):
            if self._has((Part.HEAD, self.question[at:end])):
                return name if self._has((Clue.ORGANISATION, name)) else ""
            end -= 1
        return ""

    def _named(self, stretch: str, at: int) -> str:
        """Return ``stretch``, or the name that it begins with, if it looks like one."""
        if not _whole(stretch, self.question, at) or _YEAR.fullmatch(stretch):
            return ""
        if name := _first(ORGANISATION, stretch) or _first(_PERSON, stretch):
            return name
        if word := _first(_LATIN, stretch):
            return word if word not in STOPWORDS and word not in NOT_NAMES and self._told(word) else ""
        word, kind = tag(stretch)[0]
        # A tagger takes some common words for names: those count only where a title has them.
        if len(word) > 1 and kind in NAME_TAGS and self._has((Part.TITLE, word)):
            # "东北电气" for "东北电气发展股份有限公司": the company is meant, and not where it is.
            return stretch if self._has((Clue.COMPANY, stretch)) else word
        # "中江" for "中江县", "华为" for "华为公司": a title goes on where the question stops.
        if self._has((Clue.BEGINS, stretch)) or self._brand(stretch):
            return stretch
        # "锚定党建目标", what a title says between two marks, is as good as a name.
        return stretch if self._has((Clue.PHRASE, stretch)) else ""

    def _told(self, word: str) -> bool:
        """Whether a title has a Latin word, or an English document's first lines."""
        return self._has((Part.TITLE, word)) or self._has((Part.HEAD, word), (Clue.LANGUAGE, "en"))

    def _brand(self, stretch: str) -> bool:
        """Whether a company's name in a title begins with ``stretch``: "棠溪" or "棠溪味业" of "棠溪味业公司".

        A short one must be no word: "建设" is what many speak of besides "建设银行".
        """
        decides = len(stretch) >= _DECIDES or not any(len(word) > 1 for word in cut(stretch, guess=False))
        return decides and self._has((Clue.COMPANY, stretch))

    def _holding(self, name: str) -> frozenset[str]:
        """Return the documents in whose title ``name`` stands, or else those in whose first lines, if they are few."""
        return self._few((Part.TITLE if self._has((Part.TITLE, name)) else Part.HEAD, name))

    def _has(self, *conditions: Condition) -> bool:
        if conditions not in self._known:
            self._known[conditions] = self._directory.has(*conditions, documents=self._scope)
        return self._known[conditions]

    def _few(self, *conditions: Condition) -> frozenset[str]:
        """Return the documents that meet ``conditions``; none where they are too many to be singled out."""
        most = min(MOST, max(1, self._all // 4))
        return frozenset(self._directory.find(*conditions, most=most, documents=self._scope) or ())


def short_name(title: str) -> str:
    """Return the name in a title by which its document goes ("甲县：固本强基" -> "甲县"); empty when it has none."""
    if organisation := ORGANISATION.search(re.split(r"[:：，,\s]", title)[0]):
        return organisation[0]
    found = proper_names(title)
    return found[0] if found else ""


def as_written(name: str, text: str) -> str:
    """Return ``name`` (normalised) as ``text`` writes it, with its capitals; as it is when it doesn't stand there."""
    found = re.search(re.escape(name), text, re.I)
    return found[0] if found else name


def _first(pattern: re.Pattern[str], text: str) -> str:
    """Return what ``pattern`` matches at the beginning of ``text``."""
    match = pattern.match(text)
    return match[0] if match else ""


def _whole(text: str, question: str, at: int) -> bool:
    """Whether a Latin stretch begins and ends at word boundaries of the question."""
    before = question[at - 1] if at else " "
    after = question[at + len(text)] if at + len(text) < len(question) else " "
    return not (
        (text[0].isascii() and text[0].isalnum() and before.isascii() and before.isalnum())
        or (text[-1].isascii() and text[-1].isalnum() and after.isascii() and after.isalnum())
    )
