"""What a sentence claims, taken apart for verification: its content words, its names, its negations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vectorstore.words import STOPWORDS, normalise, words

MARKS = re.compile(r"[\[【〔]\s*(?:P?\d+)(?:\s*[,，、;；]\s*P?\d+)*\s*[\]】〕]", re.I)
_REPORTING = frozenset(
    (
        "达到 达 共 共有 总共 合计 总计 累计 约 大约 占 称 表示 指出 显示 提到 包括 包含 涉及 以及 根据 依据 报告 资料 文件 材料 原文 "
        "其中 分别 方面 通过 进行 情况 具体 主要 同时 此外 另外 还有 并且 因此 所以 由此 可见 即 为 是 有 数 人数 数量 总数 比例 "
        "比重 高于 低于 多于 少于 相比 最高 最低 最多 最少 最大 最小 高 低 多 少 地方 排 名列 位居 依次 超过 余 左右 以上 之一 均 "
        "says said reports report according stated states total including includes respectively highest lowest most least more "
        "less than number share there were was been has have had with which also about"
    ).split()
)


def bare(text: str) -> str:
    """Return ``text`` without citation marks and surrounding white space."""
    return MARKS.sub("", text).strip()


def content_words(text: str) -> list[str]:
    """Return the words of ``text`` that carry content: no particles, numbers, or verbs of reporting."""
    skip = STOPWORDS | _REPORTING
    return [word for word in words(text) if word not in skip and not any(char.isdigit() for char in word)]


_QUOTED = re.compile(r"[“「『《〈\"]([^”」』》〉\"]{2,40})[”」』》〉\"]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&.\-]*[A-Za-z0-9]|[A-Z]")
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,4}?(?:省|市|县|区|镇|乡|村|公司|集团|银行|医院|法院|大学|学院)")


def names(text: str) -> list[str]:
    """Return what must be in the evidence letter by letter: quoted terms and book titles, capitalised Latin words."""
    found = [match[1] for match in _QUOTED.finditer(text)]
    latin = [m[0] for m in _LATIN.finditer(text)]
    if any("\u4e00" <= char <= "\u9fff" for char in text):
        return found + latin
    return found + [word for word in latin[1:] if word[0].isupper()]


_NEGATION = re.compile(
    r"没有|并非|从未|尚未|不再|未曾|没|未(?!来|成年)|无(?!差别|线|党派|论|锡)|不(?!断|仅|但|少|同|足|到|久|超过|低于|少于|高于|多于)"
)
_NEGATION_EN = re.compile(r"\b(?:not|no|never|without|none|neither|nor|cannot)\b|n't\b", re.I)


def changed_meaning(claim: str, quotes: Sequence[str]) -> str | None:
    """Return how the claim turns its evidence round, None when it doesn't: a negation that came or went."""
    evidence = normalise("\n".join(quotes))
    mine = bool(_NEGATION.search(normalise(claim)) or _NEGATION_EN.search(claim))
    theirs = bool(_NEGATION.search(evidence) or _NEGATION_EN.search(evidence))
    return "it negates what the evidence affirms" if mine and not theirs else None
