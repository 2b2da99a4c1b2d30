"""Words of a text: one normal form for comparing, words for overlap, and terms for the lexical index."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from opencc import OpenCC
from snowballstemmer import stemmer

from vectorstore.text.language import HAN, Language, has_han, mostly_latin, text_language
from vectorstore.text.segmentation import cut, cut_for_search

WORDS = "v6"
"""Version of :func:`terms`; the lexical index is rebuilt when it changes."""

_CHINESE = """
的 地 得 了 着 过 吗 呢 吧 啊 呀 嘛 么 之 其 此 该 这 那 这个 那个 这些 那些 这里 那里
它 它们 他 她 他们 她们 我 我们 你 你们 您 自己 本 和 与 及 以及 或 或者 并 并且 而 而且
但 但是 不过 因 因为 因此 由于 所以 如果 若 则 就 才 也 都 还 又 再 很 更 最 太
是 是否 有 没有 在 对 对于 关于 把 被 让 给 从 到 由 向 于 以 为 为了 按 按照 根据 通过 将
已 已经 会 能 能够 可 可以 应 应该 要 需要 请 请问 想 知道 告诉 说 说明 介绍 一下
什么 啥 怎么 怎样 怎么样 如何 为何 为什么 为啥 哪 哪个 哪些 哪里 哪儿 哪年 谁 几 几个
多少 多 多大 多长 多久 何 何时 何地 个 些 里 中 上 下 时 时候 分别 各 各自 所 等 等等
即 亦 且 比如 例如 其中 一个 一些 有没有 是不是 能否 可否 有何 达到 达 报告 提到 文中 文章
"""  # particles, pronouns, auxiliaries, and the words that make a sentence a question
_ENGLISH = """
a an the this that these those it its he she they them his her their we us our you your i me my
of in on at by for to from with without into over under between among about as and or but not no nor
so if than then there here is are was were be been being am do does did done has have had having
can could will would shall should may might must what which who whom whose when where why how
many much please tell say says said also any some such only just s t
"""
STOPWORDS: frozenset[str] = frozenset((_CHINESE + _ENGLISH).split())
"""Words that carry no content of their own, in :func:`normalise`'s form."""

_IN_CHINESE = {
    "gdp": "生产总值",
    "r&d": "研发",
    "ceo": "首席执行官",
    "cfo": "首席财务官",
    "ai": "人工智能",
    "roe": "净资产收益率",
    "eps": "每股收益",
}
"""Abbreviations that people type and Chinese reports write out, or the other way round."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_WORD = rf"[^\W\d_{HAN}]+(?:['’\-&][^\W_{HAN}]+)*"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})(?P<unit>[%‰])?|(?P<han>[{HAN}]+)|(?P<word>{_WORD})")
_SCALES = r"万亿|[万亿千百]"
_SCALE = re.compile(_SCALES)
_PLAIN_TOKEN = re.compile(rf"([{HAN}]+)|({_WORD})|({_NUMBER})(?:([%‰])|(?=({_SCALES})))?")
"""The same tokens, with a number's scale, for ``findall``: runs of Chinese, other words, numbers, units, scales."""


@cache
def _simplified() -> tuple[dict[int, str], re.Pattern[str]]:
    """Return the characters that OpenCC's ``t2s`` changes, and a pattern of them. Made once, on first use (50 ms).

    Character by character, so that a word has one normal form whatever its neighbours, in a question or a report.
    """
    characters = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))))
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {ord(old): new for old, new in zip(characters, converted, strict=True) if old != new}
    return table, re.compile(f"[{''.join(map(chr, table))}]")


_WIDE = tuple((mark, unicodedata.normalize("NFKC", mark)) for mark in "，：；（）！？％")
"""The marks of Chinese print that NFKC changes, with what it makes of them."""


_SUPERSCRIPT = "⁰¹²³⁴-⁹⁺⁻⁽⁾"
_RAISED = re.compile(
    rf"(?P<unit>(?<![A-Za-zµμ])(?:[kcdmnhµμ]?m|ft|in|mi|yd|[A-Za-z])⁻?[²³])|(?P<ten>[×x*·]\s?10)(?P<power>[{_SUPERSCRIPT}]+)"
    rf"|(?P<mark>\u202f?[{_SUPERSCRIPT}]+(?:[,，][{_SUPERSCRIPT}]+)*(?![⁄/])|(?<=[\d%‰])[①-⑳]+)"
    r"|(?P<item>[①-⑳])(?=\d)"
)
"""Superscripts: squares and cubes of units and of single letters, powers of ten, and else the marks of notes; circled
figures beside others: the marks of notes behind them, and of items before them."""


def without_note_marks(text: str) -> str:
    """Return ``text`` without the marks of notes, which NFKC would make digits of the figure beside them."""
    return text if text.isascii() else _RAISED.sub(_lowered, text)


def _lowered(match: re.Match[str]) -> str:
    if match["unit"]:
        return match[0]
    if match["power"]:
        return f"{match['ten']}^{match['power']}"
    if match["item"]:
        return f"{match[0]} "
    following = match.string[match.end() : match.end() + 1]
    return " " if following.isdecimal() else ""


def normalise(text: str) -> str:
    """Return ``text`` in NFKC, lower case, traditional characters made simplified. White space is kept.

    Note marks go ("5,120²" is 5,120, "letters³" is letters), and the squares and cubes of units stay ("m²" is m2).
    """
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFKC", text):
        # Most sentences need nothing else, and to normalise one takes ten times as long. What is written for a mark is
        # what NFKC takes it apart into, so that the rest comes out the same.
        text = without_note_marks(text)
        for mark, plain in _WIDE:
            text = text.replace(mark, plain)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
    text = text.lower()
    table, traditional = _simplified()
    return text.translate(table) if traditional.search(text) else text


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order and in normal form, without punctuation and white space.

    A number is one word, with its ``%`` and without thousands separators: "1,234.5" is "1234.5".
    """
    found: list[str] = []
    for token in _TOKEN.finditer(normalise(text)):
        if token["han"]:
            found.extend(cut(token["han"]))
        elif token["number"]:
            found.append(token["number"].replace(",", "") + (token["unit"] or ""))
        else:
            found.append(token["word"])
    return found


@lru_cache(maxsize=4096)
def asked_in(question: str) -> Language | None:
    """Return the language of a question: Chinese where a Chinese stop word is in it, be most of it Latin names."""
    if has_han(question) and any(word in STOPWORDS and has_han(word) for word in words(question)):
        return "zh"
    return text_language(question) or ("en" if mostly_latin(question) else None)


def is_across(question: str, text: str) -> bool:
    """Whether ``question`` and ``text`` are in different languages; numbers and signs are in both."""
    return None not in (both := {asked_in(question), text_language(text)}) and len(both) > 1


def terms(text: str) -> list[str]:
    """Return what the lexical index holds of ``text``: words and what they are made of.

    Chinese: the words for search (a long word and the words inside it) and every pair of neighbouring characters that
    is not such a word, so that a typo or a name cut in two still meets its passage. Numbers: bare, and with their ``%``
    or their scale ("3.5" and "3.5万"). Other scripts: the word, and its English stem where that is another. An
    abbreviation such as GDP in a Chinese text is what it stands for.
    """
    return _terms(text, skip=frozenset())


@lru_cache(maxsize=4096)
def term_set(text: str) -> frozenset[str]:
    """Return the :func:`terms` of ``text``, each once: for what is compared and not counted.

    Sentences are looked at after their passage, and their stretches between marks after them: all have the same runs of
    Chinese characters, so that each run is cut once.
    """
    text = normalise(text)
    chinese = has_han(text)
    found: set[str] = set()
    for run, word, number, unit, scale in _PLAIN_TOKEN.findall(text):
        if run:
            found |= _run_terms(run)
        elif number:
            number = number.replace(",", "")
            found.add(number)
            if unit or scale:
                found.add(number + (unit or scale))
        elif chinese and (written_out := _IN_CHINESE.get(word)):
            found |= _run_terms(written_out)
        else:
            found.add(word)
            found.add(stem(word))
    return frozenset(found)


@lru_cache(maxsize=16384)
def _run_terms(run: str) -> frozenset[str]:
    """Return the terms of a run of Chinese characters, which don't depend on what stands around it."""
    return frozenset((*cut_for_search(run), *(run[i : i + 2] for i in range(len(run) - 1))))


def query_terms(text: str) -> list[str]:
    """Return the distinct :func:`terms` of a question, in order, without stop words and without pairs across them.

    A question made of nothing else keeps its stop words.
    """
    return list(dict.fromkeys(_terms(text, skip=STOPWORDS) or terms(text)))


def _terms(text: str, skip: frozenset[str]) -> list[str]:
    text = normalise(text)
    found: list[str] = []
    runs: list[str] = []  # of Chinese characters
    chinese = has_han(text)
    for token in _TOKEN.finditer(text):
        if token["han"]:
            runs += _stretches(token["han"], skip) if skip else (token["han"],)
        elif token["number"]:
            number = token["number"].replace(",", "")
            found.append(number)
            if token["unit"]:
                found.append(number + token["unit"])
            elif scale := _SCALE.match(text, token.end()):
                found.append(number + scale[0])
        elif chinese and (written_out := _IN_CHINESE.get(token["word"])):
            runs.append(written_out)
        elif token["word"] not in skip:
            found.append(token["word"])
            if (root := stem(token["word"])) != token["word"]:
                found.append(root)
    if runs:
        inner = cut_for_search("\n".join(runs))  # one call for all: it costs as much as cutting
        known = {"\n", *inner}
        found += [word for word in inner if word != "\n"]
        found += [pair for run in runs for i in range(len(run) - 1) if (pair := run[i : i + 2]) not in known]
    return found


def _stretches(run: str, skip: frozenset[str]) -> Iterator[str]:
    """Yield what is left of a run of Chinese characters when words in ``skip`` are taken out of it."""
    stretch = ""
    for word in cut(run):
        if word not in skip:
            stretch += word
        elif stretch:
            yield stretch
            stretch = ""
    if stretch:
        yield stretch


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return an English word's stem by the Snowball algorithm (Porter 2001); any other word as it is."""
    word = word.replace("’", "'")  # which print has where people type the other
    return str(_own_stemmer().stemWord(word)) if word.isascii() else word


_LOCAL = threading.local()


def _own_stemmer() -> Any:
    """Return this thread's stemmer: it keeps the word that it works on, so that two threads would mix theirs up."""
    if not hasattr(_LOCAL, "english"):
        _LOCAL.english = stemmer("english")
    return _LOCAL.english
