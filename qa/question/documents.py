"""What each document is about, and which documents a question names.

No list of places or companies: a name is a stretch of the question that stands at the head of few documents (in title
or first lines) and looks like a name there: the same for a county's report, an annual report and a court judgment.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from qa.question.mentions import Mention
from qa.text.names import NOT_NAMES
from qa.text.pinyin import romanised
from vectorstore.text.language import is_english, with_han
from vectorstore.text.names import MASKED_NAME, NAME_TAGS, PLACE_TAGS, proper_names
from vectorstore.text.segmentation import cut, tag
from vectorstore.text.words import STOPWORDS, normalise
from vectorstore.text.years import YEAR
from vectorstore.types import StoredPassage

HEAD_CHARS = 400
_ORGANISATION = re.compile(
    with_han(
        r"\h{2,14}(?:公司|集团|银行|法院|检察院|医院|大学|学院|学校|中学|小学|政府|委员会|中心|协会|基金会|研究院|研究所|事务所|工厂|[省市县区州旗镇乡])"
    )
)
_COMPANIES = ("公司", "集团", "银行", "工厂")
_TAIL = r"(?:[省市县区州旗镇乡村]|公司|集团|银行)"
_PERSON = re.compile(MASKED_NAME)
_HAN = re.compile(with_han(r"\h{2,4}"))
_LATIN = re.compile(r"[a-z][a-z0-9&.\-]{2,}")
_YEAR = re.compile(rf"{YEAR}.*|.*{YEAR}年?|[\d年月日度季第一二三四上下半前后,，.\-]+")
"""What is no name: a time, or what begins or ends with a year."""
_PLACES = frozenset("省市县区镇乡村")
_FUNCTION = frozenset("年月日的了在是和与及或对将把被从到向为以而于其这那有也都各每与")
OWN = 0.4
"""Share of the passages with a name that must be in the documents whose heads it stands in."""
_CAPITAL = 0.9
"""Share of its places in which a Latin name begins with a capital."""
_SEEN = 60
"""Passages that are looked at for a name."""
_TEXTS = 64


_HELD: WeakKeyDictionary[Any, tuple[int, Subjects]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Subjects:
    """The heads of a library's documents."""

    heads: dict[str, str] = field(default_factory=dict)
    """Document id -> normalised title and first lines."""
    titles: dict[str, str] = field(default_factory=dict)
    by_bigram: dict[str, frozenset[str]] = field(default_factory=dict)
    library: Any = None
    owned: dict[str, bool] = field(default_factory=dict)
    """Name -> whether it is its documents' own."""
    linked: dict[str, list[Mention]] = field(default_factory=dict)
    """Question -> its mentions: the last few, since follow-ups look at the same questions again."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Document id -> its passages, normalised: the last few that were looked into."""

    @cached_property
    def by_pinyin(self) -> dict[str, frozenset[str]]:
        """Names in titles, romanised without tones or spaces ("zhongjiang") -> documents. Made when first asked for."""
        found: dict[str, set[str]] = defaultdict(set)
        for document, title in self.titles.items():
            for name in dict.fromkeys(proper_names(title)):
                for form in {name, place_stem(name)}:
                    if len(form) > 1:
                        found[romanised(form)].add(document)
        return _frozen(found)

    def text(self, document: str) -> str:
        """Return all passages of a document, normalised."""
        return "\n".join(self._passages(document))

    @classmethod
    def of(cls, library: Any) -> Subjects:
        """Return the heads of all documents, read again when the library has changed."""
        held = _HELD.get(library)
        if held is None or held[0] != library.generation:
            held = _HELD[library] = (library.generation, cls._read(library))
        return held[1]

    @classmethod
    def _read(cls, library: Any) -> Subjects:
        heads, titles = {}, {}
        grams: dict[str, set[str]] = defaultdict(set)
        for info, first in library.heads(HEAD_CHARS):
            titles[info.id] = normalise(info.title)
            head = normalise(f"{info.title}\n{first}")
            heads[info.id] = head
            for gram in {head[i : i + 2] for i in range(len(head) - 1)}:
                grams[gram].add(info.id)
        return cls(heads, titles, _frozen(grams), library)

    def mentions(self, question: str) -> list[Mention]:
        """Return the names in ``question`` (normalised) that single documents out, left to right, not overlapping."""
        found = self.linked.get(question)
        if found is None:
            if len(self.linked) >= _TEXTS:
                self.linked.clear()
            found = self.linked[question] = self._link(question)
        return list(found)

    def _link(self, question: str) -> list[Mention]:
        found = [
            Mention(match.start(), match.end(), match[0], documents, self._weight(documents))
            for match in _LATIN.finditer(question)
            if (documents := self.by_pinyin.get(match[0].removesuffix("'s"))) and self._few(documents)
        ]
        if found:
            return found
        borders = _borders(question)
        at = 0
        while at < len(question) - 1:
            name = self._name(question, at, borders) if at in borders else self._organisation(question, at)
            documents = self._holding(name) if name else frozenset()
            if documents and self._few(documents) and self._own(name, documents):
                found.append(Mention(at, at + len(name), name, documents, self._weight(documents)))
                at += len(name)
            else:
                at += 1
        return found or self._homophones(question)

    def _homophones(self, question: str) -> list[Mention]:
        """Return the first places in titles, which ``question`` writes with other characters of the same sound.

        "广汗" for "广汉" is no word, so that its characters stand apart in the segmented question.
        """
        found: list[Mention] = []
        tokens, at = cut(question, guess=False), 0
        for index, token in enumerate(tokens):
            for size in (3, 2):
                run = tokens[index : index + size]
                text = "".join(run)
                if len(run) < 2 or min(map(len, run)) > 1 or not _HAN.fullmatch(text):
                    continue
                sound = romanised(text)
                likely = self.by_pinyin.get(sound, frozenset())
                documents = frozenset(d for d in likely if sound in self._first_names(d))
                if documents and self._few(documents) and (not found or found[-1].end <= at):
                    found.append(Mention(at, at + len(text), text, documents, self._weight(documents)))
            at += len(token)
        return found

    def _first_names(self, document: str) -> set[str]:
        """Return how the first two places in a title sound ("德阳" and "罗江" in "德阳市罗江区：…")."""
        places = proper_names(self.titles[document], PLACE_TAGS)
        return {romanised(form) for name in places[:2] for form in (name, place_stem(name))}

    def _name(self, question: str, at: int, borders: frozenset[int]) -> str:
        """Return the name that begins at ``at``, ends where a word does and stands in some head, or an empty string."""
        if question[at] in _FUNCTION:
            return ""
        stretch = question[at : self._longest(question, at)]
        for end in range(len(stretch), 1, -1):
            whole = at + end in borders or self._goes_on(stretch[:end], question[at + end : at + end + 1])
            if whole and stretch[end - 1] not in _FUNCTION and (name := self._named(stretch[:end], question, at)):
                return name
        return ""

    def _goes_on(self, stretch: str, after: str) -> bool:
        """Whether ``stretch`` is a place in a title, whatever word its last character is part of (罗|江村 for 罗江)."""
        return after in _PLACES and any(self._begins(stretch, document) for document in self._titled(stretch))

    def _organisation(self, question: str, at: int) -> str:
        """Return the organisation that begins at ``at`` and some title, whatever words the segmenter sees there."""
        name = _first(_ORGANISATION, question[at : self._longest(question, at)])
        return name if name and any(self.titles[d].startswith(name) for d in self._titled(name)) else ""

    def _named(self, stretch: str, question: str, at: int) -> str:
        """Return ``stretch``, or the name that it begins with, if it looks like one."""
        if not _whole(stretch, question, at) or _YEAR.fullmatch(stretch):
            return ""
        if name := _first(_ORGANISATION, stretch) or _first(_PERSON, stretch):
            return name
        if word := _first(_LATIN, stretch):
            told = self._titled(word) or any(is_english(self.heads[d]) for d in self._holding(word))
            return word if word not in STOPWORDS and word not in NOT_NAMES and told else ""
        word, kind = tag(stretch)[0]
        # A tagger takes some common words for names: those count only where a title has them.
        if len(word) > 1 and kind in NAME_TAGS and self._titled(word):
            return word
        # "中江" for "中江县", "华为" for "华为公司": a title goes on where the question stops.
        if any(self._begins(stretch, d) for d in self._holding(stretch)):
            return stretch
        if any(self._brand(stretch, d) for d in self._titled(stretch)):
            return stretch
        # "锚定党建目标", what a title says between two marks, is as good as a name.
        return stretch if len(stretch) >= 4 and self._phrase(stretch) else ""

    def _phrase(self, stretch: str) -> bool:
        return any(stretch in re.split(r"[\W_]+", self.titles[document]) for document in self._titled(stretch))

    def _begins(self, stretch: str, document: str) -> bool:
        """Whether a name begins with ``stretch`` in a document's title, where a word begins."""
        title = self.titles[document]
        matches = re.finditer(re.escape(stretch) + _TAIL, title)
        return any(match.start() in _borders(title) for match in matches)

    def _brand(self, stretch: str, document: str) -> bool:
        """Whether a company's name in a title begins with ``stretch``, which is no word ("棠溪" of "棠溪味业公司")."""
        company = _first(_ORGANISATION, self.titles[document])
        known = any(len(word) > 1 for word in cut(stretch, guess=False))
        return company.endswith(_COMPANIES) and company.startswith(stretch) and not known

    def _own(self, name: str, documents: frozenset[str]) -> bool:
        """Whether a name is these documents' own: most passages that have it are theirs.

        A news item's title may well say "Shanghai" where a hundred others speak of it: that singles nothing out.
        """
        if name not in self.owned:
            found = self.library.passages([hit.passage_id for hit in self.library.lexical(name, _SEEN)])
            having = [stored.document_id in documents for stored in found if name in normalise(stored.passage.text)]
            self.owned[name] = sum(having) >= OWN * len(having) and _capital(name, found)
        return self.owned[name]

    def _passages(self, document: str) -> list[str]:
        held = self.texts.get(document)
        if held is None:
            if len(self.texts) >= _TEXTS:
                self.texts.clear()
            held = [normalise(stored.passage.text) for stored in self.library.passages_of(document)]
            self.texts[document] = held
        return held

    def _holding(self, name: str) -> frozenset[str]:
        """Return the documents in whose title ``name`` stands, or else those in whose first lines."""
        likely = self.by_bigram.get(name[:2], frozenset())
        return self._titled(name) or frozenset(document for document in likely if name in self.heads[document])

    def _titled(self, name: str) -> frozenset[str]:
        likely = self.by_bigram.get(name[:2], frozenset())
        return frozenset(document for document in likely if name in self.titles[document])

    def _longest(self, question: str, at: int) -> int:
        """Return the end of the longest stretch from ``at`` that stands in some head."""
        documents = self.by_bigram.get(question[at : at + 2], frozenset())
        end = at + 2 if documents else at
        while documents and end < len(question):
            documents = frozenset(d for d in documents if question[at : end + 1] in self.heads[d])
            end += bool(documents)
        return end

    def _few(self, documents: frozenset[str]) -> bool:
        return len(documents) <= max(1, len(self.heads) // 4)

    def _weight(self, documents: frozenset[str]) -> float:
        return math.log(len(self.heads) / len(documents)) + 1.0


def _capital(name: str, passages: Sequence[StoredPassage]) -> bool:
    """Whether a Latin name is written as one, with a capital, wherever it stands: "Vale" and not "district"."""
    found = re.findall(rf"\b{re.escape(name)}\b", "\n".join(p.passage.text for p in passages), re.I)
    return not name.isascii() or sum(word[0].isupper() for word in found) >= max(1, _CAPITAL * len(found))


def place_stem(name: str) -> str:
    """Return a place's name without what kind of place it is."""
    return name.rstrip("省市县区州镇乡村")


@lru_cache(maxsize=4096)
def _borders(text: str) -> frozenset[int]:
    """Return the places in ``text`` where a word begins or ends."""
    borders, at = {0}, 0
    for word in cut(text, guess=False):  # by dictionary: a guessed word may swallow a name ("中江派")
        at += len(word)
        borders.add(at)
    return frozenset(borders)


def short_name(title: str) -> str:
    """Return the name in a title by which its document goes ("甲县：固本强基" -> "甲县"); empty when it has none."""
    if organisation := _ORGANISATION.search(re.split(r"[:：，,\s]", title)[0]):
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


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in sets.items()}


def _whole(text: str, question: str, at: int) -> bool:
    """Whether a Latin stretch begins and ends at word boundaries of the question."""
    before = question[at - 1] if at else " "
    after = question[at + len(text)] if at + len(text) < len(question) else " "
    return not (
        (text[0].isascii() and text[0].isalnum() and before.isascii() and before.isalnum())
        or (text[-1].isascii() and text[-1].isalnum() and after.isascii() and after.isalnum())
    )
