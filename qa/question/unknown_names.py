"""Names in a question that the documents don't have, and what the documents speak of instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from qa import messages
from qa.question.query import Query
from qa.text import dictionary
from qa.text.entities import Kind, Name, named
from vectorstore.text.language import has_han, is_english
from vectorstore.text.names import proper_names
from vectorstore.text.pinyin import is_pinyin, letters_of, romanised, sounding
from vectorstore.text.words import STOPWORDS, normalise
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_SEEN = 40
"""Passages that are looked at for a name."""
_TITLES = 200
"""Titles that are all looked at; of more documents, those of the passages that are found with a name."""
_NEAR = 4
"""Best passages among which a near name is looked for."""
_TAIL = "省市县区州旗镇乡村"
_WORD = re.compile(r"[A-Za-z][\w’'&-]*")
_HONORIFICS = frozenset(("mr", "mrs", "ms", "dr", "prof", "sir", "dame", "lord", "lady", "professor"))
_LEAST_PINYIN = 5
"""Letters of a name in pinyin: fewer are often a word of another language ("Dali", "Kobe")."""
_SHORT, _LONG = 5, 8
"""Letters of an English word from which on one letter, or two, may be wrong."""


def unknown_names(query: Query, library: Corpus, found_already: Sequence[str] = ()) -> tuple[Name, ...]:
    """Return the names of ``query`` that occur nowhere in the documents that it asks.

    Spelling variants, pinyin and abbreviations of what does occur are known.

    Args:
        found_already: texts of those documents. A name that is written in one is looked for nowhere else, which
            spares most questions a search and the reading of what it finds.
    """
    names = [name for name in named(query.text) if not _written(name, found_already)]
    if not names:
        return ()
    first = library.directory.first(_TITLES, query.scope)
    titles = [info.title for info in first if info.id not in query.without]
    found = []
    for name in names:
        hits = library.lexical(name.text, _SEEN, query.scope, query.without)
        passages = library.passages([hit.passage_id for hit in hits])
        found_titles = dict.fromkeys(stored.title for stored in passages)
        if not _occurs(name, [*titles, *found_titles, *(stored.passage.text for stored in passages)]):
            found.append(name)
    return tuple(found)


def notices(query: Query, passages: Sequence[StoredPassage], library: Corpus) -> list[str]:
    """Return what to say beside an abstention: about which names the documents say nothing, and of what they speak.

    Args:
        passages: best first.
    """
    texts = [stored.passage.text for stored in passages]
    if query.asks_nothing:
        return []
    if not is_english(query.text) and not any(map(has_han, texts)):
        return []  # what a Chinese name is called in another language is not known
    found = []
    candidates = [f"{stored.title}\n{stored.passage.text}" for stored in passages]
    for name in unknown_names(query, library, candidates):
        if _occurs(name, candidates):
            continue
        near = _near(name, query, passages)
        message = messages.UNKNOWN_NAME_NEAR if near else messages.UNKNOWN_NAME
        found.append(message(query.language, name=name.text, near=near))
    return found


def unheard(question: str, passages: Sequence[StoredPassage]) -> list[str]:
    """Return the names in pinyin of an English question that Chinese passages have neither so nor in characters.

    Nobody but a Chinese document tells how such a name is written, and there it would sound so.
    """
    if not is_english(question) or not any(has_han(stored.passage.text) for stored in passages):
        return []
    texts = [f"{stored.title}\n{stored.passage.section}\n{stored.passage.text}" for stored in passages]
    written = "\n".join(texts).lower()
    names = dict.fromkeys(re.sub(r"['’]s?$", "", word) for name in named(question) for word in _WORD.findall(name.text))
    return [
        name
        for name in names
        if name[0].isupper()
        and len(letters := letters_of(name)) >= _LEAST_PINYIN
        and name.lower() not in written
        and letters not in written
        and is_pinyin(letters)
        and not dictionary.chinese_for(letters)
        and not any(sounding(name, text) for text in texts)
    ]


def _near(name: Name, query: Query, passages: Sequence[StoredPassage]) -> str:
    """Return the name of the same kind of which the best title or passages speak most; nothing, where two tie."""
    asked = {normalise(other.text) for other in named(query.text)}
    for texts in ([stored.title for stored in passages[:1]], [stored.passage.text for stored in passages[:_NEAR]]):
        others = Counter(
            other.text
            for text in texts
            for line in text.splitlines()
            for other in named(line)
            if _alike(name, other) and normalise(other.text) not in asked
        )
        first = others.most_common(2)
        if first and (len(first) == 1 or first[0][1] > first[1][1]):
            return first[0][0]
    return ""


def _alike(name: Name, other: Name) -> bool:
    """Whether two names name the same kind of thing."""
    if name.context and name.context == other.context and name.text.split()[0] != other.text.split()[0]:
        return True
    return name.kind is other.kind and name.kind is not Kind.OTHER


def _written(name: Name, texts: Iterable[str]) -> bool:
    """Whether ``name`` stands in one of ``texts`` as it is, or one of its forms does: the first way to occur there."""
    forms = [normalise(name.text)] if is_english(name.text) else _forms(name)
    return any(form in text for text in map(normalise, texts) for form in forms)


def _forms(name: Name) -> list[str]:
    """Return what a Chinese name may be written as, but for other characters."""
    bare = name.text.rstrip(_TAIL) if len(name.text.rstrip(_TAIL)) > 1 else name.text
    least = len(bare) if name.kind is Kind.PERSON else 2
    # The tagger may take a neighbour for a part of a place's name: "中江派" of "中江派了多少人".
    return [bare[:end] for end in range(least, len(bare) + 1)]


def _occurs(name: Name, texts: Sequence[str]) -> bool:
    if _written(name, texts):
        return True
    if not is_english(name.text):
        forms = _forms(name)
        folded = map(normalise, texts)
        return any(_abbreviated(form, text) for text in folded for form in forms) or _sounds(forms, texts)
    words = [word for word in _WORD.findall(name.text) if word.lower() not in STOPWORDS | _HONORIFICS]
    if not words:
        return True
    if _sounds(["".join(words).lower(), *map(str.lower, words)], texts) or any(
        _translated(word, texts) for word in words
    ):
        return True
    return any(_english_occurs(word, words, text) for word in words for text in texts) or _initials(words, texts)


def _english_occurs(word: str, words: Sequence[str], text: str) -> bool:
    """Whether ``text`` has ``word`` (or a variant of it) by itself or beside others of its name.

    "Tools" of "Stanton Tools" is not what "Marlow Tools" says; "Pike" of "Joan Pike" is what "Ms Pike" does.
    """
    name = {one.lower() for one in words}
    tokens = list(_WORD.finditer(text))
    for at, token in enumerate(tokens):
        if not _same_word(word, token[0]):
            continue
        if len(words) == 1:
            return True
        beside = [tokens[i] for i in (at - 1, at + 1) if 0 <= i < len(tokens)]
        others = [
            one[0].lower() for one in beside if one[0][0].isupper() and text[min(one.end(), token.end()) :][:1] == " "
        ]
        if token[0][0].isupper() and all(o in name or o in _HONORIFICS or o in STOPWORDS for o in others):
            return True
    return False


def _same_word(word: str, other: str) -> bool:
    """Whether two English words are the same but for case, an ending, or a slip."""
    one, two = (re.sub(r"['’]s?$", "", text).lower() for text in (word, other))
    if one == two or one.rstrip("s") == two.rstrip("s"):
        return True
    most = 0 if len(one) < _SHORT else 1 if len(one) < _LONG else 2
    return most > 0 and abs(len(one) - len(two)) <= most and _edits(one, two) <= most


def _edits(one: str, two: str) -> int:
    """Return the Levenshtein distance of two words."""
    row = list(range(len(two) + 1))
    for i, left in enumerate(one, start=1):
        before, row = row, [i]
        for j, right in enumerate(two, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (left != right)))
    return row[-1]


def _initials(words: Sequence[str], texts: Iterable[str]) -> bool:
    """Whether a text has an abbreviation of ``words``, or what ``words``, an abbreviation, is short for."""
    short = "".join(word[0] for word in words).upper()
    letters = re.sub("[^A-Z]", "", words[0])
    for text in texts:
        if len(words) > 1 and re.search(rf"\b{re.escape(short)}\b", text):
            return True
        if len(words) == 1 and len(letters) > 1:
            first = "".join(word[0] for word in _WORD.findall(text) if word.lower() not in STOPWORDS)
            if letters in first.upper():
                return True
    return False


def _abbreviated(name: str, text: str) -> bool:
    """Whether ``text`` has what ``name`` is short for: its characters in order, with others between them."""
    return len(name) > 2 and re.search(r"[^\W\d_]{0,3}".join(map(re.escape, name)), text) is not None


def _sounds(forms: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether a name in ``texts`` sounds like one of ``forms``, or is one of them in pinyin."""
    chinese = [text for text in texts if has_han(text)]
    sounds = {romanised(form) for form in forms}
    if any(map(has_han, forms)) and any(
        sound in text.lower() for text in texts if is_english(text) for sound in sounds
    ):
        return True
    if any(sounding(form, text) for form in forms if is_pinyin(letters_of(form)) for text in chinese):
        return True
    spoken = {form for text in chinese for one in proper_names(text) for form in (one, one.rstrip(_TAIL))}
    return not sounds.isdisjoint(map(romanised, spoken))  # each name once: the same few stand in many passages


def _translated(word: str, texts: Sequence[str]) -> bool:
    """Whether Chinese texts have a word that the English ``word`` can mean."""
    chinese = [text for text in texts if has_han(text)]
    return bool(chinese) and any(meant in text for meant in dictionary.chinese_for(word.lower()) for text in chinese)
